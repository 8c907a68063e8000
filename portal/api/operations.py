"""The operations of the API: one row each. Rows may be added; they do not change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.actor import Actor

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Operation:
    """One operation. `call` takes the actor, the body and the parts of the path; `body` is its JSON schema."""

    method: str
    path: str
    right: str
    name: str
    summary: str
    call: Callable[..., Any]
    result: type | None = None
    many: bool = False
    body: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """What success answers."""
        return 200 if self.result else 204


Call = Callable[[Actor, Body], Any]
