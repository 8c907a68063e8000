"""Rights on views, and the check that no endpoint goes without one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Flask

from portal.access import BY_NAME, Right

View = TypeVar("View", bound=Callable[..., object])


class UnguardedEndpoint(RuntimeError):
    """The application may not start: there is an endpoint without a row."""


def right(name: str) -> Callable[[View], View]:
    """Mark a view with its row of the table. A name that is not in the table fails at import."""
    row = BY_NAME[name]

    def mark(view: View) -> View:
        view.portal_right = row  # type: ignore[attr-defined]
        return view

    return mark


def takes(size: int) -> Callable[[View], View]:
    """Mark a view whose form may have `size` bytes instead of the usual most."""

    def mark(view: View) -> View:
        view.portal_takes = size  # type: ignore[attr-defined]
        return view

    return mark


def size_of(app: Flask, endpoint: str | None) -> int:
    """How many bytes the form of an endpoint may have; 0 for the usual most."""
    return int(getattr(app.view_functions.get(endpoint or ""), "portal_takes", 0))


def right_of(app: Flask, endpoint: str | None) -> Right | None:
    """The row of an endpoint; None for what does not exist."""
    return getattr(app.view_functions.get(endpoint or ""), "portal_right", None)


def check(app: Flask) -> None:
    """Raise `UnguardedEndpoint` unless every endpoint has a row."""
    unguarded = sorted(name for name, view in app.view_functions.items() if not hasattr(view, "portal_right"))
    if unguarded:
        raise UnguardedEndpoint(f"no right guards {', '.join(unguarded)}")
