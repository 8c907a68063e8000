"""The demonstration's mail server, told to refuse, to hold or to hang up."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from aiosmtpd.controller import Controller

from portal.demo.mail import MailServer


class ScriptedMail(MailServer):
    """Answers to RCPT and DATA by recipient (`answers["DATA", "a@b.test"] = "451 later"`); "" hangs up.

    For a recipient in `held` the content is taken, `arrived` is set, and the answer waits for `go_on`.
    """

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.answers: dict[tuple[str, str], str] = {}
        self.held: set[str] = set()
        self.taken, self.go_on = threading.Event(), threading.Event()
        self.connections = 0
        self.options: dict[str, Any] = {}

    def start(self) -> None:
        """Listen, with `options` for the controller of aiosmtpd (certificates, logins)."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **self.options)
        self._controller.start()

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]) -> Any:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        answer = self.answers.get(("RCPT", address), "250 OK")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        [recipient] = envelope.rcpt_tos
        answer = self.answers.get(("DATA", recipient), "250 OK")
        if recipient in self.held:
            self.taken.set()
            while not self.go_on.is_set():
                await asyncio.sleep(0.02)
        if not answer:
            server.transport.abort()
        if answer.startswith("2") or not answer:
            await super().handle_DATA(server, session, envelope)
        return answer or "250 OK"
