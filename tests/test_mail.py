"""The portal's own mails: what they look like, and that each has one outcome and arrives at most once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from mail_double import ScriptedMail
from mails import ANNA, LETTER, bodies, put, state
from stack import Stack

from portal.errors import Invalid
from portal.mail.delivery import deliver
from portal.mail.letter import compose
from portal.mail.outbox import outcome
from portal.mail.reasons import text as reason_text
from portal.mail.texts import plain, texts
from portal.services import Services, build
from portal.settings import SettingsError, from_mapping, load
from portal.settings_mail import MailSettings
from portal.store.rotation import rotate
from portal.store.vault import Vault, load_keys, new_key
from portal.styles.branding import Brand

# What arrives


def test_a_mail_arrives_as_text_and_as_page_that_say_the_same(services: Services, smtp: ScriptedMail) -> None:
    mail_id = put(services)
    assert state(services, mail_id) == ("queued", "")
    assert deliver(services) == "sent"
    assert state(services, mail_id) == ("sent", "")
    mail = smtp.wait_for(ANNA)
    assert (mail.subject, mail.sender) == ("Umbrella invites you", "demo <noreply@demo.test>")
    for part in (mail.text, mail.html):
        assert "You are invited to Umbrella." in part
        assert "3 December 2026" in part
        assert "You get this because Olivia invited you." in part
    assert mail.links == ["https://portal.test/demo/invitation?token=abc&x=1"]
    assert 'href="https://portal.test/demo/invitation?token=abc&amp;x=1"' in mail.html


def test_a_mail_speaks_the_recipients_language(services: Services, smtp: ScriptedMail) -> None:
    _ = texts("de-AT")
    assert _("Skip to content") == "Zum Inhalt springen"
    assert texts("xx")("Skip to content") == "Skip to content"
    put(services, letter=replace(LETTER, locale="de", subject=_("Skip to content")))
    deliver(services)
    mail = smtp.wait_for(ANNA)
    assert mail.subject == "Zum Inhalt springen"
    assert '<html lang="de">' in mail.html


def test_the_running_worker_delivers_in_the_realms_name(stack: Stack, eventually: Callable[..., Any]) -> None:
    running = build(load({"PORTAL_CONFIG": f"{stack.folder}/portal.toml"}))
    to = f"{uuid4().hex}@umbrella.test"
    mail_id = put(running, to)
    eventually(lambda: outcome(running, mail_id).state == "sent", told="the mail was not sent")
    running.store.engine.dispose()
    [mail] = stack.mails(to)
    assert (mail["from"], mail["subject"]) == ("Demo <noreply@demo.test>", "Umbrella invites you")


def test_the_button_has_the_realms_colour() -> None:
    brand = Brand("Umbrella", primary="#aa2200")
    mail = compose(MailSettings("localhost", "a@b.test"), brand, ANNA, LETTER).get_body(("html",))
    assert mail is not None
    assert "background: #aa2200; color: #ffffff" in mail.get_content()


def test_headers_tell_machines_not_to_answer_and_people_what_language(services: Services) -> None:
    mail = compose(MailSettings("localhost", "a@b.test", "Umbrella accounts"), Brand("x"), ANNA, LETTER)
    assert mail["From"] == "Umbrella accounts <a@b.test>"
    assert (mail["Auto-Submitted"], mail["Content-Language"]) == ("auto-generated", "en")
    assert mail["Date"]


# Names that somebody chose (I7)


@pytest.mark.case("I7")
def test_a_name_with_line_breaks_html_or_an_address_stays_a_plain_name(services: Services, smtp: ScriptedMail) -> None:
    name = plain(
        "Eve\r\nBcc: all@umbrella.test\r\n\r\n<a href='http://evil.example'>x</a> www.evil.example " + "y" * 200
    )
    put(services, letter=replace(
        LETTER, subject=f"{name} invites you", paragraphs=(f"{name} invites you.",), facts=(("By", name),),
        quote="see http://evil.example/now\r\nBcc: x@umbrella.test\n<script>alert(1)</script>",
    ))  # fmt: skip
    assert deliver(services) == "sent"
    mail = smtp.wait_for(ANNA)
    assert mail.to == (ANNA,)
    assert smtp.messages("all@umbrella.test") == []
    assert mail.subject.startswith("Eve Bcc: all@")
    assert "\nBcc:" not in mail.text.replace("> Bcc:", "")
    assert "<a href='http" not in mail.html
    assert "<script" not in mail.html
    assert "evil.example" not in mail.text + mail.html, "no mail program makes a link of it"
    assert mail.links == [LETTER.button[1]] if LETTER.button else False
    assert len(name) < 100


@pytest.mark.case("I7")
def test_a_line_break_in_a_header_is_refused_whoever_let_it_through() -> None:
    mail = compose(MailSettings("localhost", "a@b.test"), Brand("x"), ANNA, LETTER)
    with pytest.raises(ValueError, match="linefeed"):
        mail["X-Note"] = "one\r\nBcc: two@umbrella.test"
    brand = Brand("Umbrella\r\nBcc: two@umbrella.test")
    assert compose(MailSettings("localhost", "a@b.test"), brand, ANNA, LETTER)["Bcc"] is None


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@", "@b.test", "a@b.test\r\nBcc: c@d.test", "a@b.test,c@d.test", "a b@c.test", "a@-"]
)
def test_what_is_no_address_is_refused_before_it_is_queued(services: Services, address: str) -> None:
    with pytest.raises(Invalid):
        put(services, address)
    assert bodies(services) == []


def test_an_address_with_an_umlaut_domain_goes_out_in_ascii(services: Services, smtp: ScriptedMail) -> None:
    put(services, "anna@bücher.test")
    assert deliver(services) == "sent"
    assert smtp.wait_for("anna@xn--bcher-kva.test")


# At rest


def test_a_mail_is_sealed_until_it_is_sent_and_emptied_then(services: Services, tmp_path: Path) -> None:
    put(services)
    [sealed] = bodies(services)
    assert sealed
    assert b"token" not in sealed
    (tmp_path / "keys").write_text(new_key() + "\n" + (tmp_path / "keys").read_text())
    assert rotate(services.store, Vault(load_keys(str(tmp_path / "keys")))).sealed == 1
    again = build(services.settings)
    assert deliver(again) == "sent"
    assert bodies(services) == [None]
    again.store.engine.dispose()


def test_the_same_mail_is_written_once(services: Services, smtp: ScriptedMail) -> None:
    with ThreadPoolExecutor(4) as pool:
        names = list(pool.map(lambda _: put(services, once="job:1"), range(8)))
    assert len(set(names)) == len(bodies(services)) == 1
    assert deliver(services) == "sent"
    assert put(services, once="job:1") == names[0]
    assert deliver(services) == ""
    assert len(smtp.messages(ANNA)) == 1


def test_every_reason_is_a_sentence() -> None:
    from portal import create_app

    realm = {"name": "demo", "keycloak_url": "http://localhost:1"}
    app = create_app(from_mapping({"public_url": "http://localhost:1", "demo": True, "realms": [realm]}))
    with app.test_request_context("/"):
        for reason in ("unconfigured", "unreachable", "busy", "login", "encryption", "recipient", "interrupted"):
            assert reason_text(reason).endswith(".")


# Settings


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"host": "mail.test"}, "sender is required"),
        ({"sender": "a@b.test"}, "host is required"),
        ({"host": "mail.test", "sender": "a@b.test", "tls": "none"}, "loopback address only"),
        ({"host": "mail.test", "sender": "a@b.test", "tls": "ssl"}, "must be one of starttls, tls, none"),
        ({"host": "mail.test", "sender": "a@b.test", "port": "x"}, "port must be a number"),
        ({"host": "mail.test", "sender": "nobody"}, "must be an address"),
        ({"host": "mail.test", "sender": "a@b.test", "sender_name": "x\ny"}, "one line"),
        ({"host": "mail.test", "sender": "a@b.test", "pasword": "x"}, "unknown setting 'pasword'"),
        ({"host": "mail.test", "sender": "a@b.test", "password_file": "/no/file"}, "cannot read the secret file"),
    ],
)
def test_a_wrong_mail_setting_is_one_sentence(table: dict[str, str], said: str) -> None:
    realm = {"name": "demo", "keycloak_url": "http://localhost:1"}
    with pytest.raises(SettingsError, match=said):
        from_mapping({"public_url": "http://localhost:1", "demo": True, "realms": [realm], "mail": table})


def test_the_mail_server_comes_from_the_environment_beside_a_file(services: Services, tmp_path: Path) -> None:
    config, secret = tmp_path / "portal.toml", tmp_path / "password"
    secret.write_text("s3cret\n")
    env = {
        "PORTAL_CONFIG": str(config), "PORTAL_MAIL_HOST": "mail.test", "PORTAL_MAIL_SENDER": "a@b.test",
        "PORTAL_MAIL_USER": "u", "PORTAL_MAIL_PASSWORD_FILE": str(secret),
    }  # fmt: skip
    assert load(env).mail == services.settings.mail, "the file comes first"
    text = config.read_text()
    config.write_text(text[: text.index("[mail]")] + text[text.index("[[realms]]") :])
    found = load(env).mail
    assert found == MailSettings("mail.test", "a@b.test", user="u", password="s3cret", port=587)
    assert "s3cret" not in repr(found)
