"""The connection to the mail server: encrypted as configured or not at all, with a login that is told when refused."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from mail_double import ScriptedMail
from mails import ANNA, put, state
from test_outbound_answers import certificates

from portal.demo.ports import any_free
from portal.mail.delivery import deliver
from portal.services import Services
from portal.settings_mail import MailSettings


def with_mail(services: Services, **changes: Any) -> Services:
    mail = replace(services.settings.mail or pytest.fail(), **changes)
    return replace(services, settings=replace(services.settings, mail=mail))


def only_the_portal(server: Any, session: Any, envelope: Any, mechanism: str, given: LoginPassword) -> AuthResult:
    return AuthResult(success=(given.login, given.password) == (b"portal", b"s3cret"), handled=False)


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A certificate for `localhost` that this machine trusts."""
    public, context = certificates(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    return context


@pytest.fixture
def restarted(smtp: ScriptedMail) -> Callable[..., ScriptedMail]:
    """Starts the mail server anew with other options."""

    def restart(**options: Any) -> ScriptedMail:
        smtp.stop()
        smtp.options = options
        smtp.start()
        return smtp

    return restart


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_mail_goes_out_encrypted_with_a_login(
    services: Services, restarted: Callable[..., ScriptedMail], trusted: ssl.SSLContext, tls: str
) -> None:
    own: dict[str, Any] = {"ssl_context": trusted, "auth_require_tls": False}
    if tls == "starttls":
        own = {"tls_context": trusted, "require_starttls": True, "auth_required": True}
    smtp = restarted(authenticator=only_the_portal, **own)
    careful = with_mail(services, host="localhost", tls=tls, user="portal", password="s3cret")
    put(careful)
    assert deliver(careful) == "sent"
    assert smtp.wait_for(ANNA)
    put(careful)
    assert deliver(with_mail(careful, password="wrong")) == "queued"


def test_a_certificate_that_nobody_vouches_for_gets_nothing(
    services: Services, restarted: Callable[..., ScriptedMail], tmp_path: Path
) -> None:
    smtp = restarted(tls_context=certificates(tmp_path, "localhost")[1])
    careful = with_mail(services, host="localhost", tls="starttls")
    mail_id = put(careful)
    assert deliver(careful) == "queued"
    assert state(careful, mail_id) == ("queued", "encryption")
    assert smtp.messages() == []


def test_a_certificate_for_another_name_gets_nothing(
    services: Services, restarted: Callable[..., ScriptedMail], trusted: ssl.SSLContext
) -> None:
    restarted(tls_context=trusted)
    careful = with_mail(services, host="127.0.0.1", tls="starttls")
    mail_id = put(careful)
    assert deliver(careful) == "queued"
    assert state(careful, mail_id) == ("queued", "encryption")


def test_a_server_that_offers_no_encryption_gets_nothing(services: Services, smtp: ScriptedMail) -> None:
    mail = MailSettings("127.0.0.1", "a@b.test", port=smtp.port, tls="starttls")
    careful = replace(services, settings=replace(services.settings, mail=mail))
    mail_id = put(careful)
    assert deliver(careful) == "queued"
    assert state(careful, mail_id) == ("queued", "encryption")
    assert smtp.messages() == []


def test_a_server_that_knows_no_login_is_told_as_such(services: Services, smtp: ScriptedMail) -> None:
    mail = replace(services.settings.mail or pytest.fail(), user="u", password="p")
    eager = replace(services, settings=replace(services.settings, mail=mail))
    mail_id = put(eager)
    assert deliver(eager) == "queued"
    assert state(eager, mail_id) == ("queued", "login")


def test_nobody_listening_is_told_as_such(services: Services) -> None:
    mail = replace(services.settings.mail or pytest.fail(), port=any_free())
    alone = replace(services, settings=replace(services.settings, mail=mail))
    mail_id = put(alone)
    assert deliver(alone) == "queued"
    assert state(alone, mail_id) == ("queued", "unreachable")
