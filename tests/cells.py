"""The full product of routes, people, ids, methods and faces, and what each cell of it must come to.

Nothing is written down twice: routes come from the twins, answers from rights.csv, addresses from the URL map.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from string import Formatter
from urllib.parse import unquote, urlsplit

import test_access
import test_access_organizations
from test_access_organizations import ROLES, SEEING
from test_gate import app, right_of
from test_gate_organizations import MALFORMED
from twins import HTML, JSON, Twin
from twins_organizations import ORGANIZATIONS
from werkzeug.exceptions import MethodNotAllowed, NotFound

from portal.access import Facts, Verdict

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
PAGE, FRAGMENT, API = "page", "fragment", "api"
OWN, FOREIGN, UNKNOWN = "own", "foreign", "unknown"
OPERATOR = frozenset({"view-realm", "manage-realm", "view-organizations", "manage-organizations"})
# Roles in the organization at hand; the stranger administers another one, the operator belongs to none.
INSIDERS = {"ordinary": frozenset(), "viewer": frozenset(SEEING), "admin": frozenset(ROLES)}
PEOPLE = ("nobody", *INSIDERS, "stranger", "operator")
ALONE = ("nobody", "bare", "holder")
# Shared by everybody (names of providers and applications, a certificate), so that nobody's is foreign; and what
# belongs to one person, whoever may use the route.
SHARED = {"linked", "linkable", "consent", "old"}
MAILED = "received"
PERSONAL = {(MAILED, OWN): "admin", (MAILED, FOREIGN): "stranger"}
# Whoever has nothing to be led to stays on the start page.
STATUS = {("home.show", "bare"): 200}
# An organization has one active link, and both that are looked at have theirs.
TAKEN = {"setup_links.new", "setup_links.delivery"}
PLACES = {twin.path for twin in ORGANIZATIONS.values()}


@dataclass(frozen=True)
class Cell:
    """One request. `path` is a twin's; `varied` names the part that is no id of one's own, `kind` says what it is."""

    path: str
    method: str
    face: str
    who: str
    varied: str = ""
    kind: str = OWN

    @property
    def about_organizations(self) -> bool:
        """Whose things the path names: an organization's or a person's."""
        return self.face != API and self.path in PLACES

    def __str__(self) -> str:
        other = f", {self.varied} {self.kind[:30]}" if self.varied else ""
        return f"{self.method} {self.path} as {self.who} ({self.face}{other})"


@dataclass(frozen=True)
class Expected:
    """The status, and the log's reason where the portal itself refused. `form`: what is sent to come to it."""

    status: int
    reason: str = ""
    form: str = "none"
    logged: bool = False


def names_in(path: str) -> list[str]:
    """The parts of a path that stand for something."""
    return [name for _text, name, _spec, _conversion in Formatter().parse(path) if name]


def product() -> list[Cell]:
    """Every cell, in a fixed order."""
    return [*_cells(ORGANIZATIONS, PEOPLE), *_cells(HTML, ALONE), *_cells(JSON, ALONE)]


def _cells(table: dict[str, Twin], people: tuple[str, ...]) -> Iterator[Cell]:
    faces = (API,) if table is JSON else (PAGE, FRAGMENT)
    for path in dict.fromkeys(twin.path for twin in table.values()):
        told = [names_in(text) for twin in table.values() if twin.path == path for text in (path, *twin.form.values())]
        names = {name for each in told[:1] for name in each} | {
            name for each in told for name in each if name == MAILED
        }
        varied = [("", OWN), *((name, kind) for name in sorted(names) for kind in _kinds(name))]
        for method in _methods(path):
            for face in faces if method in {"GET", "POST"} else faces[:1]:
                yield from (Cell(path, method, face, who, *other) for who in people for other in varied)


def _methods(path: str) -> tuple[str, ...]:
    """A query makes no difference to forms, and where a page needs one, it is asked for with it."""
    if "?" in path:
        return "GET", "HEAD", "OPTIONS"
    needs = any(each.startswith(f"{path}?") for each in PLACES)
    return METHODS[2:] if needs else METHODS


def _kinds(name: str) -> tuple[str, ...]:
    malformed = MALFORMED if name == "org" else ("..%2f..%2fusers", "%00", "x" * 300)
    return (UNKNOWN, *malformed) if name in SHARED else (FOREIGN, UNKNOWN, *malformed)


def twin_of(cell: Cell, endpoint: str) -> Twin:
    """The twin of an endpoint on this face."""
    return (JSON if cell.face == API else HTML | ORGANIZATIONS)[endpoint]


def routed(method: str, url: str) -> tuple[str, dict[str, str]] | int:
    """The endpoint that an address as it was sent leads to, with its arguments, or the status without one."""
    try:
        endpoint, values = app().url_map.bind("").match(unquote(urlsplit(url).path), method)
    except MethodNotAllowed:
        return 405
    except NotFound:
        return 404
    return str(endpoint), dict(values)


def expected(cell: Cell, url: str, place: str, foreign: str) -> Expected:
    """What must come of a cell sent to `url`, where the two organizations have these names."""
    found = routed(cell.method, url)
    if isinstance(found, int):
        return Expected(found)
    endpoint, values = found
    if cell.face == API and cell.method == "OPTIONS":
        return Expected(200)
    here = values.get("organization", "")
    known = {place: "place", foreign: "foreign"}.get(here, "")
    verdict = _verdict(cell, endpoint, known)
    if verdict is not Verdict.SIGN_IN and here and not known:
        verdict = Verdict.HIDDEN
    refused = _refused(cell, verdict)
    return refused or _admitted(cell, endpoint, known)


def _verdict(cell: Cell, endpoint: str, known: str) -> Verdict:
    name = right_of(endpoint).name
    if endpoint in ORGANIZATIONS:
        return test_access_organizations.LINES[name].answer(_facts(cell.who, known))
    roles = frozenset(test_access.ROLES if cell.who == "holder" else {"view-groups"})
    return test_access.LINES[name].answer(Facts(cell.who != "nobody", roles))


def _facts(who: str, known: str) -> Facts:
    held = {("stranger", "foreign"): INSIDERS["admin"], **{(each, "place"): INSIDERS[each] for each in INSIDERS}}
    return Facts(
        who != "nobody", organization_roles=held.get((who, known), frozenset()), member=(who, known) in held,
        realm_roles=OPERATOR if who == "operator" else frozenset(),
    )  # fmt: skip


def _refused(cell: Cell, verdict: Verdict) -> Expected | None:
    if verdict is Verdict.SIGN_IN:
        if cell.face == API:
            return Expected(401, "no bearer token", logged=True)
        status = 401 if cell.method != "GET" else 302 if cell.face == PAGE else 200
        return Expected(status, "nobody is signed in", logged=True)
    if verdict is Verdict.HIDDEN:
        return Expected(404, form="whole", logged=True)
    if verdict is Verdict.DENIED:
        return Expected(403, "role missing", form="whole", logged=True)
    return None


def _admitted(cell: Cell, endpoint: str, known: str) -> Expected:
    """Somebody entitled: another's object is not there, and one's own is left alone."""
    if cell.method == "OPTIONS":
        return Expected(200)
    if _not_there(cell, endpoint, known):
        return Expected(404, form="whole", logged=True)
    twin = twin_of(cell, endpoint)
    if cell.method in {"GET", "HEAD"} or cell.face == API:
        return Expected(409 if endpoint in TAKEN else STATUS.get((endpoint, cell.who), twin.status))
    return Expected(422, form="unconfirmed") if "confirm" in twin.form else Expected(403, "csrf: token", logged=True)


def _not_there(cell: Cell, endpoint: str, known: str) -> bool:
    twin = twin_of(cell, endpoint)
    objects = {name for text in (cell.path, *twin.form.values()) for name in names_in(text)} - {"org"}
    if MAILED in objects:
        return PERSONAL.get((MAILED, cell.kind)) != cell.who
    if cell.varied and cell.varied != "org":
        return True
    if objects & set(names_in(cell.path)) and "org" in names_in(cell.path) and known != "place":
        return True
    return right_of(endpoint).name == "organizations.leave" and cell.who == "operator"
