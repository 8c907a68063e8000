"""What the pages can do and what programs can do are the same list: a right reachable in one face only fails."""

from __future__ import annotations

from test_gate import app

from portal.access import API, BY_NAME, HTML, RIGHTS, Scope
from portal.api.rows import OPERATIONS

# Rights whose thing is done in a browser or is about the pages themselves, with the reason.
IN_A_BROWSER = {
    "help.read": "texts beside the pages",
    "home.open": "leads to the first page",
    "preferences.set": "how the pages look and speak",
    "organizations.search": "listOrganizations takes the same search",
    "organizations.star": "the order of the pages' own selector",
    "signout": "ends the browser's session",
    "profile.change_email": "Keycloak's own page mails and confirms",
    "security.password": "Keycloak's own page asks for it",
    "security.twofactor": "Keycloak's own page shows the code",
    "security.passwordless": "the browser makes the passkey",
    "linked.link": "the other provider asks in a browser",
    "account.delete": "Keycloak's own page asks once more",
    "settings.confirm": "a sign-in; programs bring a fresh token",
    "overview.view": "what the server's files and flows look like; the command line's doctor says the same",
    "overview.organizations": "listOrganizations and listConnections say the same",
    "overview.mend": "the command line's connect does the same",
    "keys.view": "no key sees keys",
    "keys.manage": "no key makes keys, and its secret is shown on a page once",
    "webhooks.view": "no key sees webhooks",
    "webhooks.manage": "no key makes webhooks, and their secret is shown on a page once",
}
# For those who have no account at all.
GUESTS = {Scope.PUBLIC, Scope.LINK}
# Made by programs and by the room of links.
LINKS = {"links.view", "links.create", "links.generate", "links.revoke", "sso.renew"}
SELDOM = {"organization.erase": "people delete an organization after a fresh sign-in"}


def with_page() -> set[str]:
    views = app().view_functions
    return {view.portal_right.name for name, view in views.items() if not name.startswith(("api.", "compat."))}


def with_call() -> set[str]:
    return {name for each in OPERATIONS for name in (each.right, each.for_keys) if name}


def test_every_right_of_a_page_has_its_call() -> None:
    shown = {name for name in with_page() if BY_NAME[name].scope not in GUESTS}
    assert shown - with_call() == set(IN_A_BROWSER) & shown
    assert set(IN_A_BROWSER) <= set(BY_NAME), "the reason of a right that is no more"
    assert not set(IN_A_BROWSER) & with_call()


def test_every_right_of_a_call_has_its_page() -> None:
    seldom = {name for name in with_call() - with_page() if BY_NAME[name].scope not in GUESTS}
    assert seldom - LINKS == set(SELDOM)


def test_the_table_says_which_faces_a_right_has() -> None:
    calls = {name for name in with_call() if BY_NAME[name].scope is not Scope.PUBLIC}
    assert {row.name for row in RIGHTS if API in row.faces} == calls
    assert {row.name for row in RIGHTS if HTML not in row.faces} == set(SELDOM)


def test_no_two_operations_share_a_name_or_an_address() -> None:
    assert len({each.name for each in OPERATIONS}) == len(OPERATIONS)
    assert len({(each.method, each.path) for each in OPERATIONS}) == len(OPERATIONS)
