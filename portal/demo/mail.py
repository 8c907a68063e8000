"""A mail server on loopback that keeps what it gets."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as policy
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from portal.demo.errors import DemoError

_LINK = re.compile(r"https?://[^\s\"'<>]+")


@dataclass(frozen=True)
class Mail:
    """One mail as it arrived. `to` are the envelope's recipients."""

    id: str
    to: tuple[str, ...]
    sender: str
    subject: str
    date: str
    text: str
    html: str

    @property
    def links(self) -> list[str]:
        """Addresses in the text part, else in the HTML part, in order."""
        return list(dict.fromkeys(_LINK.findall(self.text) or _LINK.findall(self.html.replace("&amp;", "&"))))

    def as_json(self) -> dict[str, Any]:
        """For `/messages`."""
        return {
            "id": self.id,
            "to": list(self.to),
            "from": self.sender,
            "subject": self.subject,
            "date": self.date,
            "text": self.text,
            "html": self.html,
            "links": self.links,
        }


class MailServer:
    """The running server. With a folder, mails are kept there from start to start."""

    def __init__(self, port: int, folder: Path | None = None) -> None:
        self._folder = folder
        self._mails: list[Mail] = list(_kept(folder)) if folder else []
        self._arrived = threading.Condition()
        self.port = port
        self._controller: Any = None

    def start(self) -> None:
        """Listen in a thread."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        """Stop listening."""
        controller, self._controller = self._controller, None
        if controller:
            controller.stop()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ARG002
        """Called by aiosmtpd for each mail."""
        raw = bytes(envelope.content)
        with self._arrived:
            name = f"{time.time_ns()}"
            self._mails.append(_parse(name, tuple(envelope.rcpt_tos), raw))
            if self._folder:
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                (self._folder / f"{name}.eml").write_bytes(_with_recipients(envelope.rcpt_tos, raw))
            self._arrived.notify_all()
        return "250 OK"

    def messages(self, to: str = "") -> list[Mail]:
        """The mails, newest first; only those to an address if one is given."""
        with self._arrived:
            return [mail for mail in reversed(self._mails) if not to or to.lower() in map(str.lower, mail.to)]

    def wait_for(self, to: str, subject: str = "", after: int = 0, seconds: float = 20) -> Mail:
        """The newest mail to an address, once there are more than `after` of them whose subject contains `subject`."""
        deadline = time.monotonic() + seconds
        with self._arrived:
            while True:
                found = [mail for mail in self._mails if to in mail.to and subject.lower() in mail.subject.lower()]
                if len(found) > after:
                    return found[-1]
                if not self._arrived.wait(deadline - time.monotonic()):
                    raise DemoError(f"No mail to {to} arrived within {seconds:.0f} seconds.")

    def clear(self) -> None:
        """Forget every mail."""
        with self._arrived:
            self._mails.clear()
            for path in self._folder.glob("*.eml") if self._folder else ():
                path.unlink()


_RECIPIENTS = "X-Envelope-To"


def _with_recipients(recipients: list[str], raw: bytes) -> bytes:
    return f"{_RECIPIENTS}: {', '.join(recipients)}\r\n".encode() + raw


def _kept(folder: Path) -> Iterator[Mail]:
    for path in sorted(folder.glob("*.eml")):
        raw = path.read_bytes()
        recipients = message_from_bytes(raw, policy=policy).get(_RECIPIENTS, "")
        yield _parse(path.stem, tuple(part.strip() for part in str(recipients).split(",")), raw)


def _parse(name: str, recipients: tuple[str, ...], raw: bytes) -> Mail:
    message = message_from_bytes(raw, policy=policy)
    return Mail(
        id=name,
        to=recipients,
        sender=str(message.get("From", "")),
        subject=str(message.get("Subject", "")),
        date=str(message.get("Date", "")),
        text=_body(message, "plain"),
        html=_body(message, "html"),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""
