"""Addresses that an identity provider names: what they may look like, and whether they are our own."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from flask_babel import gettext as _

from portal.clients.outbound import Policy
from portal.clients.outbound_address import LONGEST, parse
from portal.errors import Invalid


def plain_origins(policy: Policy) -> frozenset[str]:
    """Origins that may be called by http: none but those the operator listed, on a loopback portal."""
    if not policy.plain_http:
        return frozenset()
    return frozenset(f"http://{entry.name}:{entry.port}" for entry in policy.allow)


def checked(url: str, name: str) -> str:
    """`url` if a browser or server can open it. Raises `Invalid` for the field `name`.

    Unlike the guard for the portal's own calls this lets http and private names pass: they are judged elsewhere.
    """
    value = url.strip()
    try:
        parse(value)
    except Invalid as error:
        shown = value[:200]
        raise Invalid({name: _("“%(value)s” is not an address that can be opened.", value=shown)}) from error
    return value


def is_plain(url: str, plain: frozenset[str]) -> bool:
    """Whether `url` is http and not among the origins that may be."""
    return url.strip().lower().startswith("http:") and origin(url) not in plain


def origin(url: str) -> str:
    """Scheme, host and port; empty text for something that is no address."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").rstrip(".")
    return f"{parts.scheme}://{host}:{port or (443 if parts.scheme == 'https' else 80)}"


def is_ours(url: str, own: Iterable[str]) -> bool:
    """Whether `url` is one of our own issuers or lies below it."""
    return any(_key(url) == _key(each) or _key(url).startswith(f"{_key(each)}/") for each in own)


def _key(url: str) -> str:
    path = url.strip().partition("://")[2].partition("/")[2].partition("?")[0].partition("#")[0].rstrip("/")
    return f"{origin(url).partition('://')[2].rpartition(':')[0]}/{path}"


def refuse_ours(urls: Iterable[str], own: Iterable[str], name: str) -> None:
    """Raise `Invalid` if one of `urls` is this realm itself: it would sign people in to itself, for ever."""
    issuers = tuple(own)
    if any(is_ours(url, issuers) for url in urls if url):
        raise Invalid({name: _("This is the very sign-in that you want to connect to. Your own provider is needed.")})


def fits(url: str) -> bool:
    """Whether Keycloak can keep it."""
    return len(url) <= LONGEST
