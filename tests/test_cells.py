"""A sample of the product of routes, people, ids, methods and faces on the running portal; `make test-full` runs all.

PORTAL_TEST_CELLS says how many (`all`), PORTAL_TEST_SEED which; the seed is told with each failure.
"""

from __future__ import annotations

import json
import os
import random
import re
import secrets
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from cast import Client, Person, age, make_person
from cells import (
    API,
    FOREIGN,
    FRAGMENT,
    INSIDERS,
    OPERATOR,
    UNKNOWN,
    Cell,
    Expected,
    expected,
    names_in,
    product,
    routed,
    twin_of,
)  # fmt: skip
from holdings import Holdings, api_token, enter, make_holder
from organization_holdings import Place
from recorder import Recorder
from stack import SECRETS, Stack
from test_gate import right_of
from test_gate_organizations import told

from portal.demo.organizations import ALL_ROLES
from portal.demo.people import give_client_roles
from portal.web.headers import ALWAYS

ASKED = os.environ.get("PORTAL_TEST_CELLS", "150")
SEED = int(os.environ.get("PORTAL_TEST_SEED") or secrets.randbelow(10**6))
PARTS = 8 if ASKED == "all" else 1
SAFE = {"GET", "HEAD", "OPTIONS"}
TOKEN_SECONDS = 60
TOKEN = re.compile(r"eyJ[\w-]{20,}\.[\w-]{20,}")


class House:
    """Two organizations and everybody who tries the doors, each made when first needed."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.place, self.foreign = Place(stack), Place(stack)
        self.place.join(*ALL_ROLES)  # so that the administrator is not the last
        self.links = [each["link"] for each in (self.place, self.foreign)]
        self.holder, self.other = (Holdings(make_holder(stack)) for _ in range(2))
        self.browsers = {
            "admin": self.place.browser, "stranger": self.foreign.browser, "holder": self.holder.browser,
            "nobody": Client(stack),
        }  # fmt: skip
        self.people: dict[str, Person] = {
            "admin": self.place.someone, "stranger": self.foreign.someone, "holder": self.holder.someone,
        }  # fmt: skip
        self.tokens: dict[str, tuple[float, str]] = {}
        self.forms: dict[str, str] = {}

    def browser(self, who: str) -> Client:
        """Somebody's browser, signed in."""
        if who not in self.browsers:
            self.people[who] = self._make(who)
            self.browsers[who] = enter(Client(self.stack), self.people[who])
        return self.browsers[who]

    def _make(self, who: str) -> Person:
        if who in INSIDERS:
            return self.place.join(*INSIDERS[who])
        if who == "bare":
            return make_holder(self.stack, roles=("view-groups",))
        someone = make_person(self.stack)
        admin = self.stack.admin()
        give_client_roles(admin, "demo", someone.id, "realm-management", *sorted(OPERATOR))
        admin.close()
        return someone

    def bearer(self, who: str) -> dict[str, str]:
        """The header of the JSON face."""
        if who == "nobody":
            return {}
        since, token = self.tokens.get(who, (0.0, ""))
        if time.monotonic() - since > TOKEN_SECONDS or not token:
            self.tokens[who] = time.monotonic(), api_token(self.browser(who))
        return {"Authorization": f"Bearer {self.tokens[who][1]}"}

    def filled(self, cell: Cell, text: str) -> str:
        """A text of a twin with the ids of a cell."""
        mine, others = (self.place, self.foreign) if cell.about_organizations else (self.holder, self.other)
        values = {name: mine[name] for name in names_in(text)}
        if cell.varied in values:
            value = others[cell.varied] if cell.kind == FOREIGN else cell.kind
            values[cell.varied] = str(uuid.uuid4()) if cell.kind == UNKNOWN else value
        return text.format_map(values)

    def form(self, cell: Cell, wanted: Expected, url: str) -> dict[str, str]:
        """What a form would send, as far as this cell may send it."""
        found = routed(cell.method, url)
        if cell.method in SAFE or isinstance(found, int) or wanted.form == "none":
            return {}
        sent = {name: self.filled(cell, text) for name, text in twin_of(cell, found[0]).form.items()}
        if wanted.form == "unconfirmed":
            del sent["confirm"]
        return {**sent, "csrf_token": self.token(cell.who)}

    def token(self, who: str) -> str:
        """The form token of somebody's session."""
        if who not in self.forms:
            self.forms[who] = self.browser(who).token()
        return self.forms[who]

    def prepare(self, cells: list[Cell]) -> None:
        """Make everybody and everything that these cells name, so that nothing is made any more while they are sent."""
        for cell in cells:
            self.browser(cell.who)
            self.filled(cell, cell.path)
            for method in {"GET", cell.method} - {"OPTIONS"}:
                found = routed(method, f"/demo/{self.filled(cell, cell.path)}")
                twin = None if cell.face == API or isinstance(found, int) else twin_of(cell, found[0])
                for text in twin.form.values() if twin else ():
                    self.filled(cell, text)

    def state(self) -> list[Any]:
        """What Keycloak has of those whom nothing may happen to."""
        admin = self.stack.admin()
        try:
            orgs = [f"/realms/demo/orgs/{each.id}" for each in (self.place, self.foreign)]
            members = [admin.get(f"{path}/members?max=100&includeOrgs=true") for path in orgs]
            users = [each.someone.read(part) for each in (self.holder, self.other) for part in ("", "/credentials")]
            return [[admin.get(path) for path in orgs], members, users]
        finally:
            admin.close()


class Watch:
    """Sends cells and says what was wrong with the answers."""

    def __init__(self, house: House, recorder: Recorder, reasons: Callable[[str], str]) -> None:
        self.house, self.recorder, self.reasons = house, recorder, reasons
        self.missing: dict[tuple[str, ...], str] = {}

    def send(self, cell: Cell) -> tuple[requests.Response, Expected] | None:
        """The answer to a cell and what it should be; None where sending it would really change something."""
        house = self.house
        browser = house.browser(cell.who)
        url = browser.url(f"/demo/{'api/v1/' if cell.face == API else ''}{house.filled(cell, cell.path)}")
        sent = str(requests.Request(cell.method, url).prepare().url)
        wanted = expected(cell, sent, house.place.name, house.foreign.name)
        if cell.face == API and cell.method not in SAFE and wanted.status not in {401, 403, 404, 405}:
            return None
        found = routed(cell.method, sent)
        if not isinstance(found, int) and right_of(found[0]).fresh and cell.who in house.people:
            age(house.stack, house.people[cell.who], auth_time=int(time.time()))
        head = {"Origin": house.stack.portal_url, "Sec-Fetch-Site": "same-origin"} if cell.method not in SAFE else {}
        head |= {"HX-Request": "true"} if cell.face == FRAGMENT else {}
        if cell.face == API:
            head |= house.bearer(cell.who)
        data = house.form(cell, wanted, sent)
        answer = browser.http.request(
            cell.method, url, data=data or None, headers=head, allow_redirects=False, timeout=30
        )
        return answer, wanted

    def wrong(self, cell: Cell) -> list[str]:
        """What is wrong with a cell's answer; nothing if all is well."""
        outcome = self.send(cell)
        if outcome is None:
            return []
        answer, wanted = outcome
        found = list(self._differs(answer, wanted))
        inside = cell.varied == "org" and cell.kind == FOREIGN and cell.who in {"operator", "stranger"}
        if cell.kind in {FOREIGN, UNKNOWN} and not inside and answer.status_code == 404 and cell.method == "GET":
            found += self._told_apart(cell, answer)
        return [f"{cell}: {each}" for each in found]

    def _differs(self, answer: requests.Response, wanted: Expected) -> Iterator[str]:
        reason = self.reasons(answer.headers.get("X-Request-ID", "none"))
        if answer.status_code != wanted.status:
            yield f"{answer.status_code} for {wanted.status} ({reason or 'no reason'})"
        elif wanted.logged and (not reason or wanted.reason not in reason):
            yield f"the log says {reason!r} for {wanted.reason!r}"
        calls = self.recorder.of(answer)
        self.recorder.begin = max([self.recorder.begin, *(call.number for call in calls)])
        if written := [call for call in calls if call.writes]:
            yield f"wrote {written}"
        if lacking := set(ALWAYS) - set(answer.headers):
            yield f"lacks the headers {sorted(lacking)}"
        if TOKEN.search(answer.text) or any(secret in answer.text for secret in SECRETS.values()):
            yield "a token or secret in the answer"

    def _told_apart(self, cell: Cell, answer: requests.Response) -> Iterator[str]:
        """Another's and an unknown thing must look alike."""
        key, said = (cell.path, cell.face, cell.who, cell.varied), told(answer.text)
        if self.missing.setdefault(key, said) != said:
            yield "is told apart from what does not exist"


@pytest.fixture(scope="module")
def house(stack: Stack) -> House:
    return House(stack)


@pytest.fixture
def reasons(stack: Stack) -> Callable[[str], str]:
    """The reason in the log by request id; the log is read once, as it grows."""
    known: dict[str, str] = {}
    with open(f"{stack.folder}/portal.log", encoding="utf-8") as log:  # noqa: PTH123
        log.seek(0, os.SEEK_END)

        def look(request_id: str) -> str:
            for line in log:
                if '"refused"' in line:
                    entry = json.loads(line)
                    known[str(entry["request_id"])] = str(entry["reason"])
            return known.get(request_id, "")

        yield look  # type: ignore[misc]


@pytest.mark.case("O1")
@pytest.mark.case("O9")
@pytest.mark.case("O10")
@pytest.mark.case("O11")
@pytest.mark.case("O15")
@pytest.mark.timeout(4 * 3600)
@pytest.mark.parametrize("part", range(PARTS))
def test_cells(part: int, house: House, recorder: Recorder, reasons: Callable[[str], str]) -> None:
    cells = product()
    random.Random(SEED).shuffle(cells)
    cells = cells[part::PARTS] if ASKED == "all" else cells[: int(ASKED)]
    print(f"PORTAL_TEST_SEED={SEED}, {len(cells)} cells")
    house.prepare(cells)
    watch, before = Watch(house, recorder, reasons), house.state()
    found = [each for cell in cells for each in watch.wrong(cell)]
    assert not found, f"PORTAL_TEST_SEED={SEED}\n" + "\n".join(found)
    assert house.state() == before, f"PORTAL_TEST_SEED={SEED}"
