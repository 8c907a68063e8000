"""The operations of the API: one row each. Rows may be added; they do not change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Operation:
    """One operation. `call` takes the actor, the body or query, and the parts of the path; `body` is its JSON schema.

    `many` answers a whole list, `paged` a page of one; `versioned` carries an ETag, and where it writes, compares
    `If-Match` with it; `code` is what success answers where it is neither 200 nor 204; `takes` is how many bytes a body
    may have. The answer of a `secret` one is not kept for repetitions. `for_keys` is the right in place of `right` for
    keys, whose holders cannot sign in afresh.
    """

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
    paged: bool = False
    versioned: bool = False
    code: int = 0
    takes: int = 0
    media: str = "application/json"
    secret: bool = False
    for_keys: str = ""

    @property
    def status(self) -> int:
        """What success answers."""
        return self.code or (200 if self.result else 204)

    @property
    def parameters(self) -> dict[str, str]:
        """The names that may stand in the query, with what each means."""
        return {**self.query, **PAGING} if self.paged else dict(self.query)


PAGING = {"limit": "How many at most, 1 to 100; 25 if left out", "cursor": "`next_cursor` of the page before"}
