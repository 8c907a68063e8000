"""Each switch of the sections, through the form: its page and its entry are gone from the next page, the rest stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from organization_holdings import Place
from realm_holdings import Realm
from stack import Stack

# One address of each section; those of an organization begin with its own.
PAGES = {
    "profile": "profile", "profile.password": "security/password", "profile.twofactor": "security/two-factor/app/add",
    "profile.passwordless": "security/passkey/add", "profile.activity": "devices", "profile.linked": "linked",
    "org": "organizations", "org.details": "o/{org}/details", "org.members": "o/{org}/members",
    "org.invitations": "o/{org}/invitations", "org.domains": "o/{org}/domains", "org.sso": "o/{org}/sso",
    "org.events": "o/{org}/events",
}  # fmt: skip
IDS = {
    "profile": "P2-06", "profile.password": "P2-07", "profile.twofactor": "P2-08", "profile.activity": "P2-09",
    "profile.linked": "P2-10", "org": "P2-11", "org.details": "P2-12", "org.members": "P2-13",
    "org.invitations": "P2-14", "org.domains": "P2-15", "org.sso": "P2-16", "org.events": "P2-17",
}  # fmt: skip


@pytest.fixture(scope="session")
def realm(stack: Stack, make_realm: Callable[..., str]) -> Realm:
    """One for this file."""
    return Realm(stack, make_realm)


@pytest.fixture(scope="session")
def place(stack: Stack, realm: Realm) -> Place:
    """Somebody with every role of an organization in it."""
    return Place(stack, realm=realm.name)


def marked() -> list[object]:
    return [
        pytest.param(section, marks=[pytest.mark.feature(IDS[section])] if section in IDS else [], id=section)
        for section in PAGES
    ]


@pytest.mark.feature("P2-04")
@pytest.mark.feature("P2-05")
@pytest.mark.parametrize("section", marked())
def test_a_switch_takes_its_section_and_gives_it_back(realm: Realm, place: Place, section: str) -> None:
    pages = {name: path.format(org=place.name) for name, path in PAGES.items()}
    assert realm.browser.post("settings/sections", realm.sections(section)).status_code == 303
    for name, path in pages.items():
        answer = place.browser.get(path, follow=False)
        gone = name == section or name.startswith(f"{section}.")
        assert (answer.status_code == 404) is gone, (name, answer.status_code)
    shown = place.browser.get(f"o/{place.name}/membership" if section.startswith("org.") else "permissions").text
    assert f'/{realm.name}/{pages[section]}"' not in shown, "no entry for what is off"
    assert realm.browser.post("settings/sections", realm.sections()).status_code == 303
    assert place.browser.get(pages[section], follow=False).status_code in {200, 302}
