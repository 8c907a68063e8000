"""The layers hold: views call actions, actions call clients and store, and rooms leave each other alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import portal
from portal.home.permissions import markdown


def sources() -> Iterator[tuple[str, ast.Module]]:
    """Modules of the portal by dotted name."""
    root = Path(portal.__file__).parent
    for path in root.rglob("*.py"):
        name = ".".join(("portal", *path.relative_to(root).with_suffix("").parts)).removesuffix(".__init__")
        yield name, ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> set[str]:
    """Everything that is imported, as `module` and `module.name`."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
        elif isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
    return found


def test_only_the_deciding_function_builds_grants_that_name_objects() -> None:
    builders = {name for name, tree in sources() if "portal.access_grant.issue" in imports(tree)}
    assert builders == {"portal.access"}
    assert "portal.access_grant._SEAL" not in set().union(*(imports(tree) for _name, tree in sources()))


MODULES = {name: imports(tree) for name, tree in sources()}
SHARED = {"web", "signin", "audit", "store", "clients", "demo", "connect", "doctor", "api", "styles"}
ROOMS = {name.split(".")[1] for name in MODULES if name.endswith(".views")} - SHARED
LIBRARIES = {"flask", "flask_wtf", "flask_limiter", "htmx_flask", "werkzeug"}


def outside(modules: set[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


def test_rooms_import_no_other_rooms_views() -> None:
    found = {
        (name, module)
        for name, modules in MODULES.items()
        for module in modules
        if module.startswith("portal.") and module.split(".")[1] in ROOMS and ".views" in module
        if name.split(".")[1:2] != module.split(".")[1:2]
    }
    assert found == set()


def test_views_call_no_client_and_no_store() -> None:
    """Types of what a client answers may be named; the client itself may not."""
    closed = ("portal.clients.account.", "portal.clients.admin", "portal.clients.http", "portal.store", "requests")
    views = {name: modules for name, modules in MODULES.items() if name.split(".")[1:2] and name.endswith(".views")}
    found = {
        (name, module)
        for name, modules in views.items()
        for module in modules
        if name.split(".")[1] in ROOMS and f"{module}.".startswith(closed) and "admin_types" not in module
    }
    assert found == set()


def test_views_touch_no_client_of_their_actor() -> None:
    """What the actor carries (`actor().orgs`, `.account`, `.services`) is for actions."""
    found = {
        (name, node.attr)
        for name, tree in sources()
        for node in ast.walk(tree)
        if name.split(".")[1:2] and name.split(".")[1] in ROOMS and name.rpartition(".")[2].startswith("views")
        if isinstance(node, ast.Attribute) and node.attr in {"orgs", "account", "admin", "http", "store", "services"}
    }
    assert found == set()


def test_actions_clients_and_store_know_no_web_framework() -> None:
    actions = {name for name in MODULES if name.endswith(".actions") and name.split(".")[1] in ROOMS}
    inner = {name for name in MODULES if name.startswith(("portal.clients", "portal.store"))} | actions
    assert {name for name in inner if outside(MODULES[name]) & (LIBRARIES - {"werkzeug"})} == set()


def test_the_admin_library_stays_where_it_is_tamed() -> None:
    users = {name for name, modules in MODULES.items() if "keycloak" in outside(modules)}
    assert all(name.startswith(("portal.clients.admin", "portal.connect.")) for name in users)


def test_the_page_of_rights_in_the_documentation_is_made_from_the_table() -> None:
    page = Path(__file__).parent.parent / "docs" / "permissions.md"
    assert page.read_text(encoding="utf-8") == markdown(), "run make permissions"
