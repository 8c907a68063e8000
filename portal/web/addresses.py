"""Addresses that come from outside and lead inside."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import g, has_request_context, request

LONGEST = 2000


def is_setup() -> bool:
    """Whether the request is one of a setup link's guest."""
    return has_request_context() and request.path.startswith("/setup/")


def local(address: str) -> str:
    """`address` as a path inside the present realm, or an empty string: never another host, never a guess."""
    if not address or len(address) > LONGEST or any(ord(letter) <= 32 or letter == "\\" for letter in address):
        return ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme or parts.netloc or not address.startswith("/") or address.startswith("//"):
        return ""
    root = f"/setup/{g.realm.name}" if is_setup() else f"/{g.realm.name}"
    inside = parts.path == root or parts.path.startswith(f"{root}/")
    steps = parts.path.split("/")
    away = parts.path.startswith((f"/{g.realm.name}/signin", f"/{g.realm.name}/signout"))
    return address.rstrip("?") if inside and not away and ".." not in steps and "." not in steps else ""


def referer() -> str:
    """The page of this realm that the request came from, or an empty string."""
    from portal.web.current import services

    given = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    base = services().settings.public_url
    return local(given.removeprefix(base)) if given.startswith(f"{base}/") else ""
