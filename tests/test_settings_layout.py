"""The second layout, where the style sheet counts, and the additional script, on the running portal."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from cast import Person
from conftest import sign_in
from edge_house import serving
from organization_holdings import Place
from playwright.sync_api import Browser, Page
from realm_holdings import Realm
from stack import SECRETS, Stack
from test_branding_portal import colour, dress, picture, style

from portal.demo.ports import any_free
from portal.demo.realms import configure
from portal.settings import Settings, from_mapping
from portal.styles.branding import CSS, LOGO, PRIMARY
from portal.styles.extras import LAYOUT, SCRIPT, TARGET, hashed, usable

CLIENTS = {"": "portal", "read_": "portal-read", "operator_": "portal-operator", "setup_": "portal-setup"}
CODE = b'document.documentElement.dataset.tenant = "here";'


def hash_of(content: bytes) -> str:
    """As Subresource Integrity writes it."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


@pytest.fixture(scope="module")
def realm(stack: Stack, make_realm: Callable[..., str]) -> Realm:
    """One for this file."""
    return Realm(stack, make_realm)


def form(realm: Realm, **fields: str) -> dict[str, Any]:
    found = realm.attributes()
    script, _space, integrity = found.get(SCRIPT, "").partition(" ")
    present = {
        "layout": found.get(LAYOUT, ""), "target": found.get(TARGET, ""), "script": script, "integrity": integrity
    }  # fmt: skip
    return {"shown": realm.shown(), **present, **fields}


@pytest.mark.feature("SV-123")
def test_the_operator_puts_the_navigation_on_top(realm: Realm, open_page: Any) -> None:
    page: Page = open_page(f"/{realm.name}/profile", realm.join())
    assert page.locator("nav.side").bounding_box()["height"] > 500
    assert realm.browser.post("settings/layout", form(realm, layout="top")).status_code == 303
    page.reload()
    box = page.locator("nav.side").bounding_box()
    assert box["width"] > 1200 and box["height"] < 250 and box["y"] + page.evaluate("scrollY") == 0
    page.set_viewport_size({"width": 360, "height": 720})
    assert not page.locator("nav.side").is_visible(), "a phone keeps its menu"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    (change,) = [each for each in realm.changes() if each.area == "layout"][-1:]
    assert "Navigation on top" in realm.browser.get("settings/changes").text
    answer = realm.browser.post(f"settings/changes/{change.id}/undo", {"confirm": "yes"})
    assert answer.status_code == 303 and LAYOUT not in realm.attributes()
    assert realm.browser.post("settings/layout", form(realm, layout="diagonal")).status_code == 422


@pytest.mark.feature("SV-123")
def test_no_organization_chooses_a_layout(stack: Stack, realm: Realm) -> None:
    place = Place(stack, realm=realm.name)
    page = place.browser.get(f"o/{place.name}/details/look").text
    assert 'name="background"' in page and 'name="layout"' not in page and "settings/layout" not in page
    assert place.browser.get("settings/layout").status_code == 403


@pytest.mark.feature("SV-121")
def test_the_style_sheet_counts_where_the_operator_wants_it(stack: Stack, realm: Realm, open_page: Any) -> None:
    place = Place(stack, realm=realm.name)
    realm.write(**{CSS: "h1 { letter-spacing: 7px }"})
    page: Page = open_page(f"/{realm.name}/o/{place.name}/details", place.someone)

    def spaced(path: str) -> bool:
        page.goto(f"/{realm.name}/{path}")
        return style(page, "h1", "letterSpacing") == "7px"

    for target, inside, outside in (("organization", True, False), ("account", False, True), ("", True, True)):
        assert realm.browser.post("settings/layout", form(realm, target=target)).status_code == 303
        assert (spaced(f"o/{place.name}/details"), spaced("profile")) == (inside, outside), target
    dress(stack, realm.name, **{CSS: "", TARGET: ""})


@pytest.mark.feature("SV-114")
@pytest.mark.feature("SV-115")
def test_a_new_organization_and_the_sign_in_page_wear_the_look_of_the_realm(
    stack: Stack, realm: Realm, open_page: Any, eventually: Any
) -> None:
    admin = stack.admin()
    admin.put(f"/admin/realms/{realm.name}", {"loginTheme": "portal"})
    dress(stack, realm.name, **{PRIMARY: "#7a1fa2", LOGO: picture()})
    place = Place(stack, realm=realm.name)
    page: Page = open_page(f"/{realm.name}/o/{place.name}/details", color_scheme="light")
    assert colour(page, "#kc-login") == [122, 31, 162]
    assert "data:image/png" in style(page, "#kc-header-wrapper", "content")
    sign_in(page, place.someone)

    def logo() -> bool:
        page.reload()
        return page.locator("nav img.logo").count() == 1

    eventually(logo, told="the picture is read once, beside the pages")
    assert colour(page, ".btn.primary") == [122, 31, 162]
    dress(stack, realm.name, **{PRIMARY: "", LOGO: ""})


@pytest.mark.feature("SV-122")
def test_with_several_realms_at_one_address_there_is_no_script(realm: Realm, open_page: Any) -> None:
    assert "serves several realms" in realm.browser.get("settings/layout").text
    wanted = form(realm, script="https://cdn.example.com/a.js", integrity=hash_of(CODE))
    assert realm.browser.post("settings/layout", wanted).status_code == 303
    assert SCRIPT not in realm.attributes()
    realm.write(**{SCRIPT: f"https://cdn.example.com/a.js {hash_of(CODE)}"})
    answer = realm.enter(realm.join()).get("profile")
    assert "cdn.example.com" not in answer.text + answer.headers["Content-Security-Policy"]


@dataclass
class Alone:
    """A portal of one realm only, and the server of the tenant's script."""

    realm: Realm
    stack: Stack
    script: str
    content: list[bytes]

    def people(self) -> Person:
        """Somebody without a role of the realm."""
        return replace(self.realm.join(), stack=self.stack)


@pytest.fixture(scope="module")
def alone(stack: Stack, make_realm: Callable[..., str], tmp_path_factory: Any) -> Iterator[Alone]:
    port, name, content = any_free(), make_realm(), [CODE]
    own = replace(stack, portal_url=f"http://localhost:{port}", folder=str(tmp_path_factory.mktemp("alone")))
    admin = own.admin()
    configure(admin, own.addresses, name)
    for client_id, secret in SECRETS.items():
        path = f"/admin/realms/{name}/clients/{admin.client_uuid(name, client_id)}"
        admin.put(path, {**admin.get(path), "secret": secret})
    with script_server(content) as script, serving(_settings(own, name, script), port):
        yield Alone(Realm(own, lambda: name), own, script, content)


def _settings(own: Stack, name: str, script: str) -> Settings:
    place = script.removeprefix("http://").partition("/")[0]
    table = {
        "name": name, "keycloak_url": own.keycloak_url, "internal_url": own.internal_url,
        **{f"{key}client_secret": SECRETS[client_id] for key, client_id in CLIENTS.items()},
    }  # fmt: skip
    return from_mapping(
        {"public_url": own.portal_url, "demo": True, "database_url": f"sqlite:///{own.folder}/portal.db",
         "outbound_allow": [f"{place} in 127.0.0.0/8"], "realms": [table]}
    )  # fmt: skip


@contextmanager
def script_server(content: list[bytes]) -> Iterator[str]:
    """Serves the first of `content` to everybody, other sites included; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            for key, value in (
                ("Content-Type", "text/javascript"), ("Access-Control-Allow-Origin", "*"),
                ("Cross-Origin-Resource-Policy", "cross-origin"), ("Cache-Control", "no-store"),
                ("Content-Length", str(len(content[0]))),
            ):  # fmt: skip
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(content[0])

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/tenant/a-1.2.js"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.feature("SV-122")
def test_a_registered_script_runs_for_people_without_roles_and_nowhere_that_decides(
    alone: Alone, browser: Browser
) -> None:
    realm = alone.realm
    answer = realm.browser.post("settings/layout", form(realm, script=alone.script, integrity=hash_of(CODE)))
    assert answer.status_code == 303, answer.text
    context = browser.new_context(base_url=alone.stack.portal_url, locale="en-GB")
    page = context.new_page()
    page.goto(f"/{realm.name}/profile")
    sign_in(page, alone.people())
    ran = "document.documentElement.dataset.tenant ?? ''"
    answer = page.goto(f"/{realm.name}/profile")
    policy = answer.headers["content-security-policy"]
    assert page.evaluate(ran) == "here" and f"script-src 'self' {alone.script};" in policy
    for path in (f"/{realm.name}/data/delete", f"/{realm.name}/profile?safe-style=1"):
        answer = page.goto(path)
        assert page.evaluate(ran) == "" and alone.script not in answer.headers["content-security-policy"], path
    page.goto(f"/{realm.name}/data")
    page.locator("a[href$='/data/delete']").first.click()
    page.wait_for_url("**/data/delete")
    assert page.evaluate(ran) == "", "what decides is a page of its own, not a dialog beside the script"
    alone.content[0] = CODE + b" "
    page.goto(f"/{realm.name}/profile")
    assert page.evaluate(ran) == "", "a changed file is refused"
    alone.content[0] = CODE
    context.close()
    mine = realm.browser.get("profile")
    assert alone.script not in mine.text + mine.headers["Content-Security-Policy"], "never for those with realm roles"


@pytest.mark.feature("SV-122")
@pytest.mark.case("B6")
def test_a_script_is_registered_by_exact_address_and_true_hash(alone: Alone) -> None:
    realm = alone.realm
    before = realm.attributes().get(SCRIPT)
    other = f"{alone.script}?a=1; script-src *"
    for script, integrity, said in (
        (other, hash_of(CODE), "Enter the https address of one file"),
        (alone.script.replace("a-1.2", "b"), "sha384-abc", "Enter the hash as sha384"),
        (alone.script.replace("a-1.2", "b"), hash_of(b"else"), hash_of(CODE).partition("-")[2][:20]),
        ("", hash_of(CODE), "Enter the address of the script"),
        ("http://169.254.169.254/a.js", hash_of(CODE), "Enter the https address of one file"),
    ):
        answer = realm.browser.post("settings/layout", form(realm, script=script, integrity=integrity))
        assert answer.status_code == 422 and said in answer.text.replace("&#43;", "+").replace("&#39;", "'"), said
    assert realm.attributes().get(SCRIPT) == before


@pytest.mark.parametrize(
    "url", ["https://a.example/", "https://a.example/x y.js", "https://a.example/a.js;x", "https://u@a.example/a.js",
            "https://a.example/a,b.js", "https://a.example/%61.js", "//a.example/a.js", "https://a.example/a.js#x",
            "data:text/javascript,1"],
)  # fmt: skip
def test_an_address_that_no_policy_can_name_is_none(url: str) -> None:
    assert not usable(url, loopback=True)
    assert usable("https://a.example/v1/a-b_c.min.js", loopback=False)
    assert hashed(hash_of(CODE)) and not hashed("sha384-" + "A" * 64 + "'") and not hashed("md5-AAAA")
