"""Roles and domains are named in one way everywhere: in words first, by their technical names second."""

from __future__ import annotations

import re

import pytest
from cast import Client
from invited import INVITER, address
from organization_holdings import Place
from stack import Stack

from portal.access import RIGHTS
from portal.access_row import Scope
from portal.events import record_words
from portal.home.permissions import label_of


@pytest.fixture(scope="module")
def place(stack: Stack) -> Place:
    """An organization with a role of its own."""
    place = Place(stack)
    assert place.browser.post(f"o/{place.name}/roles/new", {"name": "billing", "description": ""}).status_code == 303
    return place


def choices(page: str) -> dict[str, tuple[str, str]]:
    """The roles of a form by value: what is read first, and what below it."""
    found = re.findall(r'name="roles" value="([^"]+)"[^>]*><span>([^<]*)(?:<small>([^<]*)</small>)?', page)
    return {value: (label, hint) for value, label, hint in found}


@pytest.mark.parametrize("form", ["new", "many"])
def test_the_forms_of_invitations_say_what_a_role_lets_people_do(place: Place, form: str) -> None:
    offered = choices(place.browser.get(f"o/{place.name}/invitations/{form}").text)
    assert offered["manage-invitations"] == ("Invite people", "manage-invitations")
    assert offered["billing"] == ("billing", "")
    assert offered.get("none") == (
        ("No role", "Sees the name of the organization and its domains") if form == "new" else None
    )


def test_a_list_is_shown_with_words_before_it_is_sent(place: Place) -> None:
    lines = f"{address()},Nora,New,manage-invitations billing\n{address()},Nora,New,"
    data = {"people": lines, "locale": "en", "days": "7", "do": "check"}
    page = place.browser.post(f"o/{place.name}/invitations/many", data).text
    assert "Invite people, billing<br><small>billing, manage-invitations</small>" in page
    assert "No role" in page


def test_people_read_what_their_own_roles_let_them_do(place: Place, stack: Stack) -> None:
    browser = Client(stack).sign_in(place.join(*INVITER))
    for path in ("membership", "leave"):
        words = " ".join(re.sub(r"<[^>]+>", " ", browser.get(f"o/{place.name}/{path}").text).split())
        assert "Invite people manage-invitations" in words, path


def test_every_right_that_people_read_of_has_words() -> None:
    shown = [
        right for right in RIGHTS if right.scope in {Scope.SELF, Scope.ORG} and (right.account or right.organization)
    ]
    assert all(label_of(right) for right in shown)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ({"state": "verified"}, "Domain a.test was verified"),
        ({"state": "proved"}, "The record of domain a.test was found"),
        ({"refused": "held"}, "Domain a.test was refused"),
        ({}, "Verification of domain a.test"),
    ],
)
def test_the_verification_of_a_domain_is_told_by_what_came_of_it(after: dict[str, str], said: str) -> None:
    assert record_words.of_record("domains.manage", "a.test", {"deed": "verify", **after}) == said
