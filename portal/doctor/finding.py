"""What a check says."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from portal.connect.changes import Call


class State(StrEnum):
    """How a check ended."""

    OK = "ok"
    ADVICE = "advice"
    PROBLEM = "problem"
    # Not to be seen with the credentials at hand; nothing is known to be wrong.
    UNKNOWN = "unknown"
    # The check itself could not run.
    FAILED = "failed"


@dataclass(frozen=True)
class Finding:
    """One sentence about one thing, and the way to mend it.

    `calls` mend it too, where the rights to see and to manage the realm suffice for that.
    """

    check: str
    state: State
    text: str
    mend: str = ""
    realm: str = ""
    calls: tuple[Call, ...] = ()

    @property
    def id(self) -> str:
        """The same for the same trouble, whenever it is found; in every language where `calls` mend it."""
        what = f"{self.check}\n{self.calls or self.text}"
        return hashlib.sha256(what.encode()).hexdigest()[:16]

    def as_json(self) -> dict[str, str]:
        """For `--json`."""
        return {
            "check": self.check,
            "realm": self.realm,
            "state": self.state.value,
            "text": self.text,
            "mend": self.mend,
        }


def ok(check: str, text: str) -> Finding:
    """All is well."""
    return Finding(check, State.OK, text)


def advice(check: str, text: str, mend: str = "", *calls: Call) -> Finding:
    """It works, and could be better."""
    return Finding(check, State.ADVICE, text, mend, calls=calls)


def problem(check: str, text: str, mend: str, *calls: Call) -> Finding:
    """Something is wrong; `mend` is an exact command or setting."""
    return Finding(check, State.PROBLEM, text, mend, calls=calls)


def unknown(check: str, text: str, mend: str = "") -> Finding:
    """Not to be seen with these credentials."""
    return Finding(check, State.UNKNOWN, text, mend)


def failed(check: str, text: str, mend: str = "") -> Finding:
    """The check could not run."""
    return Finding(check, State.FAILED, text, mend)


def exit_code(findings: list[Finding]) -> int:
    """0: no problem, 1: problems, 2: no problem seen, but something could not be checked."""
    states = {finding.state for finding in findings}
    if State.PROBLEM in states:
        return 1
    return 2 if State.FAILED in states else 0
