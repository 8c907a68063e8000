"""How often the portal asks Keycloak for one page: right after another page, after a pause, and in a larger house."""

from __future__ import annotations

import re

import pytest
import requests
from cast import Client, rows
from holdings import Holdings, make_holder
from organization_holdings import Place
from recorder import Recorder
from sqlalchemy import update
from stack import Stack
from test_access import RUNNING
from test_gate import right_of
from twins import HTML, Twin
from twins_organizations import ORGANIZATIONS

from portal.demo.people import give_client_roles
from portal.store.models import SessionRow

# Read for all people of a realm together and kept for a while; and grants of tokens, one per life of the token.
SHARED = re.compile(
    r"/\.well-known/|/protocol/openid-connect/token$|"
    r"^/admin/realms/[^/]+(/authentication/required-actions|/localization/[\w-]+|/clients)?$"
)
MANY = 30
PAUSE = 60.0

# For each page the calls for what it shows. The question who somebody is now comes on top after five seconds: one call,
# for the person's account roles or belongings, and a second one for an operator's roles.
OWN = {
    "home.permissions": 0,
    "profile.show": 1,
    "security.show": 1,
    "security.remove_factor": 1,
    "security.remove_passkey": 1,
    "security.naming": 1,
    "devices.show": 1,
    "devices.ending": 1,
    "devices.ending_others": 1,
    "activity.show": 1,
    "linked.show": 1,
    "linked.unlinking": 1,
    "applications.show": 1,
    "applications.revoking": 1,
    "data.show": 0,
    "data.deleting": 0,
}
ABOUT = {
    "organizations.index": 1,
    "organizations.membership": 1,
    "organizations.asking_to_leave": 2,
    "search.show": 0,
    "events.index": 0,
    "members.index": 2,
    "members.show": 2,
    "members.removing": 2,
    "roles.edit": 3,
    "roles.index": 1,
    "roles.new": 0,
    "roles.describing": 1,
    "roles.deleting": 1,
    "domains.index": 1,
    "domains.show": 1,
    "domains.removing": 1,
    "sso_tests.index": 1,
    "sso_tests.show": 1,
    "details.show": 1,
    "details.deleting": 4,
    "invitations.index": 1,
    "invitations.new": 1,
    "invitations.show": 1,
    "invitations.deleting": 1,
    "many.new": 1,
    "many.show": 0,
    "answers.received": 1,
    "sso.deleting": 6,
    "sso.disabling": 6,
    "sso.adopting": 5,
    "answers.deciding": 6,
}
# Files are no pages: what is in them may take as long as it takes.
FILES = {"data.download", "events.export", "many.outcomes"}
# A page with the question who asks, and the decisions that have to know more: what goes with an organization, who
# comes in by a connection, which roles can be given beside those somebody holds, and what an inviter may still give.
MOST = 3
MORE = {
    "details.deleting": 5,
    "roles.edit": 4,
    "answers.deciding": 7,
    "sso.deleting": 7,
    "sso.disabling": 7,
    "sso.overriding": 4,
    "attributes.show": 4,
    "sso.adopting": 6,
}


def pages(table: dict[str, Twin]) -> set[str]:
    """Routes that answer with a page; a new one joins by itself, with what any page may cost."""
    return {name for name, twin in table.items() if twin.method == "GET" and twin.status == 200} - FILES


FOR_OPERATORS = {name for name in pages(ORGANIZATIONS) if right_of(name).realm}


def calls(recorder: Recorder, answer: requests.Response) -> list[str]:
    """What was asked for this page alone."""
    assert answer.status_code == 200, answer.text[:300]
    return [f"{each.method} {each.path}" for each in recorder.of(answer) if not SHARED.search(each.path)]


def let_time_pass(stack: Stack, holdings: Holdings | Place) -> None:
    """What the session remembers of the person is too old to be used for another page."""
    store = stack.store()
    for row in rows(stack, holdings.someone):
        standing = dict(row.roles.get("standing") or {})
        if standing:
            standing |= {"read": standing["read"] - PAUSE, "realm_read": standing["realm_read"] - PAUSE}
        with store.write() as transaction:
            changed = {"roles": {**row.roles, "standing": standing}, "roles_at": row.roles_at - PAUSE}
            transaction.execute(update(SessionRow).where(SessionRow.id == row.id).values(**changed))
    store.engine.dispose()


def measured(stack: Stack, recorder: Recorder, holdings: Holdings | Place, path: str) -> tuple[list[str], list[str]]:
    """The calls for a page after a pause, and for the same page at once again."""
    browser: Client = holdings.browser
    browser.get(path)
    let_time_pass(stack, holdings)
    return calls(recorder, browser.get(path)), calls(recorder, browser.get(path))


@pytest.fixture(scope="session")
def holder(stack: Stack) -> Holdings:
    """Somebody with one of everything."""
    return Holdings(make_holder(stack))


@pytest.fixture(scope="session")
def operator(stack: Stack) -> Place:
    """An organization, and somebody who runs the realm and does not belong to it."""
    place = Place(stack)
    place.drop(place.someone)
    admin = stack.admin()
    give_client_roles(admin, place.realm, place.someone.id, "realm-management", *sorted(RUNNING))
    admin.close()
    place.browser = Client(stack).sign_in(place.someone)
    return place


@pytest.fixture(scope="session")
def places(stack: Stack) -> dict[int, Place]:
    """Two organizations, by how many belong to them; of the larger one's people each holds a role."""
    small, large = Place(stack), Place(stack)
    small.join()
    for _number in range(MANY - 1):
        large.join("view-members")
    return {2: small, MANY: large}


def test_budgets_are_of_pages() -> None:
    assert pages(HTML) >= set(OWN)
    assert pages(ORGANIZATIONS) - FOR_OPERATORS >= set(ABOUT)


@pytest.mark.parametrize("endpoint", sorted(pages(HTML)))
def test_a_page_about_oneself(endpoint: str, stack: Stack, recorder: Recorder, holder: Holdings) -> None:
    paused, at_once = measured(stack, recorder, holder, HTML[endpoint].path.format_map(holder))
    most = OWN.get(endpoint, 1)
    assert len(at_once) <= most, at_once
    assert len(paused) <= most + 1, paused


@pytest.mark.parametrize("endpoint", sorted(pages(ORGANIZATIONS) - FOR_OPERATORS))
def test_a_page_about_an_organization(
    endpoint: str, stack: Stack, recorder: Recorder, places: dict[int, Place]
) -> None:
    counts, most = set(), ABOUT.get(endpoint, MOST)
    for place in places.values():
        paused, at_once = measured(stack, recorder, place, ORGANIZATIONS[endpoint].path.format_map(place))
        assert len(at_once) <= most, at_once
        assert len(paused) <= min(most + 1, MORE.get(endpoint, MOST)), paused
        counts.add((len(paused), len(at_once)))
    assert len(counts) == 1, "a page costs more in a larger organization"


@pytest.mark.parametrize("endpoint", sorted(FOR_OPERATORS | {"organizations.index", "search.show"}))
def test_a_page_for_an_operator(endpoint: str, stack: Stack, recorder: Recorder, operator: Place) -> None:
    paused, at_once = measured(stack, recorder, operator, ORGANIZATIONS[endpoint].path.format_map(operator))
    assert len(at_once) <= MORE.get(endpoint, MOST), at_once
    assert len(paused) <= MORE.get(endpoint, MOST), paused
