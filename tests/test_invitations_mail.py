"""The mail of an invitation, as it lies in the inbox."""

from __future__ import annotations

import io
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from cast import Client
from invited import INVITER, address, at_keycloak, invite, line, link, listed, mail, row, token
from organization_holdings import Place
from PIL import Image
from stack import Stack


@pytest.fixture(scope="module")
def place(stack: Stack) -> Place:
    """An organization whose administrator invites."""
    return Place(stack)


def png() -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (40, 40), "#1b5e20").save(out, "PNG")
    return out.getvalue()


HOSTILE = 'Eve\r\nBcc: all@tests.test\r\n\r\n<a href="http://evil.example">x</a> www.evil.example'
MESSAGE = "Look:\r\nBcc: all@tests.test\r\n<script>alert(1)</script> <b>bold</b> http://evil.example/now"
HEADERS = {
    "from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type",
    "content-language", "content-transfer-encoding", "x-envelope-to",
}  # fmt: skip


@pytest.fixture
def unchecked_realm(stack: Stack, spare_realm: str) -> str:
    """A realm that takes every name, as one without a user profile of its own once did."""
    admin = stack.admin()
    path = f"/admin/realms/{spare_realm}/users/profile"
    profile = admin.get(path)
    for attribute in profile["attributes"]:
        if attribute["name"] in {"firstName", "lastName"}:
            attribute["validations"] = {}
    admin.put(path, profile)
    admin.close()
    return spare_realm


def raw(stack: Stack, mail_id: str) -> EmailMessage:
    """A mail with all its headers."""
    content = Path(stack.folder, "mail", f"{mail_id}.eml").read_bytes()
    return message_from_bytes(content, policy=default)


@pytest.mark.case("I7")
def test_who_invites_cannot_break_the_mail_by_a_name_or_a_message(stack: Stack, unchecked_realm: str) -> None:
    place, email = Place(stack, realm=unchecked_realm), address()
    eve = place.join(*INVITER, first_name=HOSTILE, last_name="<h1>Eve</h1>")
    assert eve.read()["firstName"].startswith("Eve\r\nBcc:"), "Keycloak keeps the name as it is"
    browser = Client(stack, unchecked_realm).sign_in(eve)
    answer = invite(place, email, browser=browser, message=MESSAGE, first_name="<b>Nora</b> www.evil.example")
    assert answer.status_code == 303, answer.text
    sent = mail(stack, email)
    message = raw(stack, sent["id"])
    assert {name.lower() for name in message} <= HEADERS
    assert sent["to"] == [email]
    assert message["To"] == email
    assert stack.mails("all@tests.test") == []
    assert sent["subject"].startswith("Eve Bcc: all@")
    assert not [line for line in sent["text"].splitlines() if line.startswith(("Bcc:", "<"))]
    assert "> <script>alert(1)</script> <b>bold</b>" in sent["text"], "somebody's words stand as quoted"
    for markup in ("<script", "<b>", '<a href="http://evil', "<h1>Eve"):
        assert markup not in sent["html"], markup
    assert "evil.example" not in sent["text"] + sent["html"], "no mail program makes a link of it"
    assert {link.partition("?")[0] for link in sent["links"]} == {f"{stack.portal_url}/{unchecked_realm}/invitation"}


@pytest.mark.feature("P2-38")
@pytest.mark.feature("P2-39")
@pytest.mark.feature("SV-96")
@pytest.mark.feature("SV-101")
@pytest.mark.feature("UM-10")
def test_an_invitation_is_mailed_and_stands_in_the_list(place: Place, stack: Stack) -> None:
    email = address()
    answer = invite(place, email, "view-members", "view-organization", message="Welcome aboard", days="3")
    assert answer.status_code == 303, answer.text
    sent = mail(stack, email)
    assert sent["subject"] == f"Tess Tester invites you to {place.name.capitalize()}"
    assert "Welcome aboard" in sent["text"]
    assert "Hello Nora," in sent["text"]
    shown = line(listed(place.browser, place), email)
    for expected in ("Nora New", email, "Viewer", "Pending", "Tess Tester"):
        assert expected in shown
    [kept] = at_keycloak(place, email)
    assert kept["roles"] == [], "Keycloak would grant them to whoever a provider calls by this address"


@pytest.mark.case("I10")
def test_the_token_is_in_the_mail_alone(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email)
    secret = token(link(stack, email))
    assert len(secret) >= 43
    assert secret not in str(vars(row(stack, email)))
    assert secret not in listed(place.browser, place)
    assert not [line for line in stack.log() if secret in str(line)]


@pytest.mark.feature("SV-104")
@pytest.mark.feature("SV-105")
@pytest.mark.case("I4")
def test_sending_again_makes_a_new_link_and_the_old_one_is_dead(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email)
    old = link(stack, email)
    before = row(stack, email)
    path = f"o/{place.name}/invitations/{before.id}"
    assert place.browser.post(f"{path}/resend").status_code == 422, "nothing is sent without a clear yes"
    answer = place.browser.post(f"{path}/resend", {"confirm": "yes"}, follow=True)
    assert "The old link is dead." in answer.text
    new = link(stack, email, 2)
    assert token(new) != token(old)
    after = row(stack, email)
    assert after.last_sent > before.last_sent
    assert after.sent_count == 2
    assert Client(stack).get(old).status_code == 410
    assert Client(stack).get(new).status_code == 200
    assert "2" in line(place.browser.get(path).text.replace("<dt", "<tr"), "Mails")


@pytest.mark.case("I8")
def test_three_mails_an_hour_to_one_address(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email)
    path = f"o/{place.name}/invitations/{row(stack, email).id}/resend"
    assert [place.browser.post(path, {"confirm": "yes"}).status_code for _ in range(3)] == [303, 303, 429]
    answer = place.browser.post(path, {"confirm": "yes"})
    assert int(answer.headers["Retry-After"]) > 3000
    mail(stack, email)
    assert len(stack.mails(email)) <= 3


def test_a_mail_that_could_not_be_sent_says_so(place: Place, stack: Stack) -> None:
    """The portal's words for each state of a mail, set as a worker would."""
    from sqlalchemy import update

    from portal.store.models_organizations import Mail

    email = address()
    invite(place, email)
    mail(stack, email)
    store = stack.store()
    for state, reason, said in (
        ("failed", "recipient", "this address cannot get mail"), ("unknown", "interrupted", "It may have arrived"),
    ):  # fmt: skip
        with store.write() as session:
            session.execute(update(Mail).where(Mail.recipient == email).values(state=state, reason=reason))
        words = {"failed": "Not sent", "unknown": "May not have arrived"}[state]
        assert words in line(listed(place.browser, place), email)
        page = place.browser.get(f"o/{place.name}/invitations/{row(stack, email).id}").text
        assert said in page
        assert "Send again" in page
    store.engine.dispose()


def test_the_mail_speaks_the_language_that_was_chosen(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email, locale="de")
    assert '<html lang="de">' in str(mail(stack, email))


@pytest.mark.feature("SV-117")
def test_the_mail_wears_the_logo_of_its_organization_and_of_no_other(stack: Stack) -> None:
    place, other, sent = Place(stack), Place(stack), {}
    files = {"logo_file": ("logo.png", png())}
    assert place.browser.post(f"o/{place.name}/details/look", {"header": "plain"}, files=files).status_code == 303
    for each in (place, other):
        email = address()
        assert invite(each, email).status_code == 303
        sent[each.name] = raw(stack, mail(stack, email)["id"])
    pictures = {name: [part for part in message.walk() if part.get_content_maintype() == "image"]
                for name, message in sent.items()}  # fmt: skip
    (logo,) = pictures[place.name]
    assert logo["Content-ID"] == "<logo>"
    assert logo.get_payload(decode=True).startswith(b"\x89PNG")
    shown = sent[place.name].get_body(("html",))
    assert shown is not None
    assert f'<img src="cid:logo" alt="{place.name.capitalize()}">' in shown.get_content()
    assert pictures[other.name] == []
