"""The question before a deed about a connection, and what follows a clear yes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Response

from portal.forms import ConfirmForm
from portal.web import flash, page, see_other


@dataclass(frozen=True)
class Question:
    """What is asked on a page of its own. `action` is where the yes goes, `cancel` the way back."""

    title: str
    text: Sequence[str]
    deed: str
    action: str
    cancel: str
    danger: bool = True
    about: dict[str, Any] = field(default_factory=dict)

    def page(self, status: int = 200) -> Response:
        """As a page."""
        return page(
            "confirm.html", status=status, title=self.title, text=list(self.text), deed=self.deed, action=self.action,
            cancel=self.cancel, danger=self.danger, **self.about,
        )  # fmt: skip


def confirmed(ask: Callable[[], Question], do: Callable[[], str], endpoint: str, **where: str) -> Response:
    """Do it on a clear yes, say what `do` says and go on; otherwise ask again (422)."""
    if not ConfirmForm().validate():
        return ask().page(422)
    flash(do())
    return see_other(endpoint, **where)
