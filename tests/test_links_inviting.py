"""Inviting an IT administrator on the organization's page: two steps, mails or a copy, one link at a time."""

from __future__ import annotations

import html
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from cast import Client
from inside import background
from organization_holdings import Place
from realm_holdings import MANAGE, Realm
from sqlalchemy import select
from stack import Stack
from waiting import eventually

from portal.links.actions import hashed
from portal.return_addresses import RETURN_DEFAULT
from portal.store.models_links import LinkToken, SetupLink
from portal.store.models_organizations import Mail

LAUNCH = re.compile(r"/portal/launch\?token=([\w-]{43})")
ALL = ("sso", "domain_verification", "certificate_renewal", "audit_logs")
VIEWER = ("view-organization", "view-members", "view-roles", "view-invitations", "view-identity-providers")


def address() -> str:
    return f"it-{uuid.uuid4().hex[:10]}@customer.test"


def ask(
    place: Place, *contacts: str, intents: tuple[str, ...] = ("sso",), browser: Client | None = None, **more: str
) -> Any:
    """The second step, sent."""
    fields = {"way": "mail" if contacts else "copy", "contacts": "\n".join(contacts), "locale": "en", "days": "30"}
    pairs = [*({**fields, **more}.items()), *(("intents", intent) for intent in intents)]
    return (browser or place.browser).post(f"o/{place.name}/setup-link/new", pairs)


def mail(stack: Stack, to: str, number: int = 1) -> dict[str, Any]:
    """The newest mail to an address, once there are so many."""
    eventually(lambda: len(stack.mails(to)) >= number, 30, f"no mail to {to}")
    return stack.mails(to)[0]


def token(text: str) -> str:
    found = LAUNCH.search(html.unescape(text))
    assert found, text[:3000]
    return found[1]


def rows(place: Place) -> list[SetupLink]:
    """Links of the organization, oldest first."""
    with background(place.stack).store.read() as session:
        mine = select(SetupLink).where(SetupLink.organization == place.id)
        return list(session.scalars(mine.order_by(SetupLink.created)))


def tokens(place: Place) -> dict[str, str]:
    """Whose token is which, hashed."""
    with background(place.stack).store.read() as session:
        mine = select(LinkToken).where(LinkToken.link == rows(place)[-1].id).order_by(LinkToken.created)
        return {each.token: each.contact for each in session.scalars(mine)}


@pytest.fixture
def place(stack: Stack) -> Place:
    return Place(stack)


@pytest.mark.feature("WO-05")
@pytest.mark.feature("WO-07")
def test_two_steps_and_the_way_back_keeps_the_selection(place: Place) -> None:
    details = place.browser.get(f"o/{place.name}/details").text
    assert "Invite IT admin" in details and f"/o/{place.name}/setup-link/new" in details
    first = place.browser.get(f"o/{place.name}/setup-link/new").text
    assert all(f'value="{intent}"' in first for intent in ALL) and "checked" not in first
    assert place.browser.get(f"o/{place.name}/setup-link/new/delivery").status_code == 422
    second = place.browser.get(f"o/{place.name}/setup-link/new/delivery?intents=sso&intents=audit_logs").text
    assert "Single sign-on, Events" in second and 'value="30"' in second
    back = re.search(r'href="([^"]*setup-link/new\?[^"]*)"', second)
    assert back
    again = place.browser.get(html.unescape(back[1])).text
    ticked = {each for each in ALL if re.search(rf'value="{each}" checked', again)}
    assert ticked == {"sso", "audit_logs"} and rows(place) == []


@pytest.mark.feature("WO-08")
@pytest.mark.feature("WO-13")
def test_each_recipient_gets_a_mail_with_a_link_of_his_own(place: Place, stack: Stack) -> None:
    one, two = address(), address()
    answer = ask(place, one, two, intents=("sso", "domain_verification"))
    assert answer.status_code == 303, answer.text
    sent = mail(stack, one)
    assert sent["subject"] == f"Tess Tester asks you to set up {place.name.capitalize()}"
    [row] = rows(place)
    assert row.kind == "operator" and 29 <= (row.expires - row.created).days <= 30, "never the kind that lives minutes"
    assert f"Works until: {row.expires.day} {row.expires:%B %Y}" in sent["text"]
    assert "To set up: Single sign-on, Domains" in sent["text"] and "Invited by: Tess Tester" in sent["text"]
    mine, theirs = token(sent["text"]), token(mail(stack, two)["text"])
    assert mine != theirs
    assert tokens(place) == {hashed(mine): one, hashed(theirs): two}
    with background(stack).store.read() as session:
        mails = list(session.scalars(select(Mail).where(Mail.about == row.id)))
    assert {each.body for each in mails} == {None}, "the token is nowhere once it was sent"
    shown = place.browser.get(f"o/{place.name}/setup-link").text
    for expected in (one, two, "Mail sent", "Not opened yet", "Not begun", "Tess Tester"):
        assert expected in shown
    assert mine not in shown and not [line for line in stack.log() if mine in str(line)]


def test_the_mail_speaks_the_language_that_was_chosen(place: Place, stack: Stack) -> None:
    one = address()
    assert ask(place, one, locale="de").status_code == 303
    sent = Path(stack.folder, "mail", f"{mail(stack, one)['id']}.eml").read_text(encoding="utf-8")
    assert "Content-Language: de" in sent


@pytest.mark.feature("WO-09")
def test_a_copied_link_is_shown_once(place: Place, stack: Stack) -> None:
    answer = ask(place)
    assert answer.status_code == 200 and "shown only this once" in answer.text
    raw = token(answer.text)
    assert list(tokens(place)) == [hashed(raw)], "the store knows the hash alone"
    for path in ("setup-link", "setup-link/new"):
        assert raw not in place.browser.get(f"o/{place.name}/{path}").text
    assert "Whoever you gave the copy to" in place.browser.get(f"o/{place.name}/setup-link").text
    assert not [line for line in stack.log() if raw in str(line)]


@pytest.mark.feature("WO-10")
@pytest.mark.feature("WO-11")
@pytest.mark.feature("WO-57")
def test_one_link_at_a_time_and_a_new_one_after_revoking(place: Place) -> None:
    assert ask(place).status_code == 200
    [row] = rows(place)
    for answer in (place.browser.get(f"o/{place.name}/setup-link/new"), ask(place), ask(place, address())):
        assert answer.status_code == 409 and "There is an active setup link" in answer.text
        assert "Tess Tester" in answer.text and "Manage it" in answer.text
        assert f"/setup-link/{row.id}/revoke" in answer.text
    assert place.browser.post(f"o/{place.name}/setup-link/{row.id}/revoke").status_code == 422
    assert place.browser.post(f"o/{place.name}/setup-link/{row.id}/revoke", {"confirm": "yes"}).status_code == 303
    shown = place.browser.get(f"o/{place.name}/setup-link").text
    assert "There is no active link" in shown and "Revoked" in shown
    assert ask(place).status_code == 200 and len(rows(place)) == 2


@pytest.mark.feature("WO-22")
def test_without_a_return_address_there_is_no_link_and_the_way_out_is_shown(stack: Stack, make_realm: Any) -> None:
    realm = Realm(stack, make_realm, (*MANAGE, "manage-organizations", "view-organizations"))
    realm.write(**{RETURN_DEFAULT: ""})
    place = Place(stack, realm=realm.name)
    new = f"o/{place.name}/setup-link/new"
    # Each process of the portal learns of it in its own time, and each browser stays with one of them. Who asks more
    # often than thirty times a minute is told to wait.
    for browser in (place.browser, realm.browser):
        eventually(lambda at=browser: at.get(new).status_code == 409, 20, "it counts within seconds", pause=1)
    for answer in (place.browser.get(new), ask(place)):
        assert answer.status_code == 409 and "A return address is missing" in answer.text
        assert "Ask those who run this portal" in answer.text and "settings/return" not in answer.text
    assert rows(place) == []
    operator = realm.browser.get(new)
    assert operator.status_code == 409 and f"/{realm.name}/settings/return" in operator.text
    realm.write(**{RETURN_DEFAULT: f"{stack.sample_url}/"})
    eventually(lambda: ask(place).status_code == 200, 20, "the address counts within seconds", pause=1)


@pytest.mark.feature("WO-59")
def test_return_and_success_addresses_are_those_of_the_realm(place: Place, stack: Stack) -> None:
    for field, url, said in (
        ("return_url", "http://app.example/x", "must use https"),
        ("success_url", "https://evil.example/x", "is not on the list"),
        ("return_url", "javascript:alert(1)", "not a complete address"),
    ):
        answer = ask(place, **{field: url})
        assert answer.status_code == 422 and said in answer.text
    assert rows(place) == []
    assert ask(place, success_url=f"{stack.sample_url}/done").status_code == 200
    assert rows(place)[0].success_url == f"{stack.sample_url}/done"


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"contacts": "nobody", "way": "mail"}, "This is not an email address"), ({"days": "0"}, "Enter a whole number"),
     ({"days": "400"}, "Enter a whole number"), ({"way": "mail"}, "Enter the address"),
     ({"way": "mail", "contacts": " ".join(f"a{n}@b.test" for n in range(11))}, "At most 10 addresses")],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_the_field(stack: Stack, fields: dict[str, str], said: str) -> None:
    place = _shared(stack)
    answer = ask(place, **fields)
    assert answer.status_code == 422 and said in answer.text and rows(place) == []


_PLACES: dict[str, Place] = {}


def _shared(stack: Stack) -> Place:
    return _PLACES.setdefault(stack.folder, Place(stack))


@pytest.mark.case("L14")
def test_nobody_hands_out_what_he_does_not_hold(place: Place, stack: Stack) -> None:
    viewer = Client(stack).sign_in(place.join(*VIEWER))
    assert viewer.get(f"o/{place.name}/setup-link").status_code == 403
    assert ask(place, browser=viewer).status_code == 403
    manager = Client(stack).sign_in(place.join("view-organization", "manage-organization"))
    first = manager.get(f"o/{place.name}/setup-link/new").text
    assert 'value="domain_verification"' in first and 'value="sso"' not in first
    answer = ask(place, intents=("sso",), browser=manager)
    assert answer.status_code == 422 and "You cannot hand this out" in answer.text and rows(place) == []
    assert ask(place, intents=("domain_verification",), browser=manager).status_code == 200


@pytest.mark.case("L13")
def test_a_mail_sent_again_carries_a_new_link_and_the_old_one_is_dead(place: Place, stack: Stack) -> None:
    one = address()
    ask(place, one)
    old, [row] = token(mail(stack, one)["text"]), rows(place)
    form = {"confirm": "yes", "contact": one}
    assert place.browser.post(f"o/{place.name}/setup-link/{row.id}/send", form).status_code == 303
    new = token(mail(stack, one, 2)["text"])
    assert new != old and tokens(place) == {hashed(new): one}
    strange = {"confirm": "yes", "contact": address()}
    assert place.browser.post(f"o/{place.name}/setup-link/{row.id}/send", strange).status_code == 404
    assert place.browser.post(f"o/{place.name}/setup-link/{row.id}/send", form).status_code == 303
    assert place.browser.post(f"o/{place.name}/setup-link/{row.id}/send", form).status_code == 429
    assert len(tokens(place)) == 1
