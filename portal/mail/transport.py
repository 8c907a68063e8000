"""SMTP, with the one difference that matters kept apart: surely not sent, or perhaps sent."""

from __future__ import annotations

import smtplib
import ssl
from types import TracebackType

from portal.settings_mail import MailSettings

SECONDS = 20.0
# No exchange lasts longer than this: greeting, STARTTLS, login, envelope and content, each within its own time.
LONGEST = 15 * SECONDS
_GONE = (OSError, smtplib.SMTPServerDisconnected)


class NotSent(Exception):
    """The mail surely did not leave. `reason` is a word of `portal.mail.reasons`; `again`: it may be tried again."""

    def __init__(self, reason: str, *, again: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again


class PerhapsSent(Exception):
    """The connection was lost after the content began: the server may have taken the mail."""


class Transport:
    """One connection to the mail server at a time, kept from mail to mail. Not thread-safe."""

    def __init__(self, mail: MailSettings, host_name: str) -> None:
        self._mail = mail
        self._host_name = host_name
        self._client: smtplib.SMTP | None = None
        # Whether the last try to reach the server failed: the next mail would fare no better.
        self.away = False

    def __enter__(self) -> Transport:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Say goodbye; nothing is lost if nobody listens."""
        client, self._client = self._client, None
        if client:
            try:
                client.quit()
            except (smtplib.SMTPException, OSError):
                client.close()

    def check(self) -> None:
        """See whether the server can be reached, encrypted and with login as configured. Raises `NotSent`."""
        self._connected()

    def send(self, recipient: str, content: bytes) -> None:
        """Hand one mail over. Raises `NotSent`, `PerhapsSent`; returns when the server said that it has it."""
        try:
            client = self._connected()
            self._envelope(client, recipient)
            _content(client, content)
        except (NotSent, PerhapsSent):
            self.close()
            raise

    def _connected(self) -> smtplib.SMTP:
        if self._client and not _awake(self._client):
            self.close()
        if self._client is None:
            self.away = True
            self._client = self._opened()
        self.away = False
        return self._client

    def _opened(self) -> smtplib.SMTP:
        try:
            client = self._dialled()
        except ssl.SSLError as error:
            raise NotSent("encryption", again=True) from error
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent("unreachable", again=True) from error
        try:
            if self._mail.user:
                client.login(self._mail.user, self._mail.password)
        except smtplib.SMTPException as error:
            client.close()
            raise NotSent("login", again=True) from error
        except OSError as error:
            raise NotSent("unreachable", again=True) from error
        return client

    def _dialled(self) -> smtplib.SMTP:
        mail, context = self._mail, ssl.create_default_context()
        if mail.tls == "tls":
            return smtplib.SMTP_SSL(mail.host, mail.port, self._host_name, timeout=SECONDS, context=context)
        client = smtplib.SMTP(mail.host, mail.port, self._host_name, timeout=SECONDS)
        if mail.tls == "starttls":
            try:
                client.starttls(context=context)
            except (smtplib.SMTPNotSupportedError, smtplib.SMTPResponseException) as error:
                client.close()
                # Never in the clear instead: whoever sits between could have taken the offer out.
                raise NotSent("encryption", again=True) from error
        return client

    def _envelope(self, client: smtplib.SMTP, recipient: str) -> None:
        options = () if recipient.isascii() else ("SMTPUTF8", "BODY=8BITMIME")
        try:
            client.ehlo_or_helo_if_needed()
            _accepted(client.mail(self._mail.sender, options), "sender")
            _accepted(client.rcpt(recipient), "recipient")
        except smtplib.SMTPNotSupportedError as error:
            raise NotSent("recipient", again=False) from error
        except (*_GONE, smtplib.SMTPException) as error:
            raise NotSent("unreachable", again=True) from error


def _content(client: smtplib.SMTP, content: bytes) -> None:
    try:
        answer = client.data(content)
    except smtplib.SMTPDataError as error:
        answer = (error.smtp_code, b"")
    except (*_GONE, smtplib.SMTPException) as error:
        raise PerhapsSent from error
    _accepted(answer, "content")


def _accepted(answer: tuple[int, bytes], what: str) -> None:
    code = answer[0]
    if 200 <= code < 300:
        return
    # RFC 5321, 4.2.1: 4 is for now, 5 is for good.
    raise NotSent(what, again=False) if code >= 500 else NotSent("busy", again=True)


def _awake(client: smtplib.SMTP) -> bool:
    try:
        return client.noop()[0] == 250
    except (smtplib.SMTPException, OSError):
        return False
