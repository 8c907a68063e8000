"""What a test has of the proxy between portal and Keycloak: the calls, and rules that hold, cut or answer some."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from proxy import CONTROL, Call
from waiting import eventually


class Caught:
    """A rule in force."""

    def __init__(self, recorder: Recorder, rule: int) -> None:
        self.recorder, self.rule = recorder, rule

    @property
    def count(self) -> int:
        """How many calls it caught until now."""
        return int(self.recorder.ask("caught", id=self.rule))

    def wait(self, seconds: float = 15) -> None:
        """Until it has caught a call."""
        eventually(lambda: self.count, seconds, "no such call came", pause=0.05)


class Recorder:
    """Reads what was recorded and makes rules, from any process of the run."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.begin = int(self.ask("last")) if url else 0

    def ask(self, command: str, **asked: Any) -> Any:
        """Send a command to the proxy."""
        return requests.post(f"{self.url}{CONTROL}{command}", json=asked, timeout=180).json()

    def calls(self, **wanted: str) -> list[Call]:
        """Calls since this recorder was made whose fields equal what is given, oldest first."""
        found = [Call(**each) for each in self.ask("calls", after=self.begin)]
        return [call for call in found if all(getattr(call, name) == value for name, value in wanted.items())]

    def of(self, answer: requests.Response) -> list[Call]:
        """The calls that the portal made for this answer."""
        return self.calls(request_id=answer.headers["X-Request-ID"])

    def session(self, answer: requests.Response) -> str:
        """The Keycloak session whose token the portal used for this answer."""
        return next(call.sid for call in self.of(answer) if call.sid)

    @contextmanager
    def rule(self, deed: str, **wanted: Any) -> Iterator[Caught]:
        """A rule while the block runs; held calls go on when it ends. Fields as in `Rule`."""
        number = self.ask("rule", deed=deed, **wanted)
        try:
            yield Caught(self, number)
        finally:
            self.ask("drop", id=number)
