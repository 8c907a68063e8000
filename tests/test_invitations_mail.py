"""The mail of an invitation, as it lies in the inbox."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from cast import Client
from invited import INVITER, address, invite, mail
from organization_holdings import Place
from stack import Stack

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
