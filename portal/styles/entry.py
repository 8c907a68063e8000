"""Logo and favicon as somebody gives them: uploaded, or fetched once from an address."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask_babel import gettext as _

from portal.actor import Actor
from portal.errors import PortalError
from portal.store.counters import hit
from portal.styles.actions import images
from portal.styles.images import A_DAY, MOST_A_DAY
from portal.styles.pictures import PictureRefused

LONGEST = 2000


def uploaded(actor: Actor, kind: str, content: bytes) -> str:
    """Keep an uploaded picture; returns its public address. Raises `PictureRefused`, `TooMany`."""
    _count(actor)
    key = images().upload(actor.realm.name, content)
    return f"{actor.services.settings.public_url}/{actor.realm.name}/branding/{kind}-{key}"


def address_error(actor: Actor, source: str) -> str:
    """What is wrong with the address of a picture, or nothing: it has been fetched then. Raises `TooMany`."""
    if not source or images().own(actor.realm.name, source):
        return ""
    if len(source) > LONGEST or not _acceptable(actor, source):
        return _("Enter an address that begins with https://, or upload the picture.")
    _count(actor)
    try:
        images().fetch_now(actor.realm.name, source)
    except PictureRefused as error:
        return _("What is there cannot be used: %(reason)s.", reason=str(error))
    except PortalError:
        return _("It could not be fetched. The address must be public, answer within seconds, and redirect nowhere.")
    return ""


def _count(actor: Actor) -> None:
    """An organization may bring so many pictures in a day: each is kept."""
    if actor.organization is not None:
        key = f"organization-picture:{actor.realm.name}:{actor.organization.id}"
        hit(actor.services.store, key, MOST_A_DAY, A_DAY)


def _acceptable(actor: Actor, source: str) -> bool:
    try:
        parts = urlsplit(source)
        there = parts.hostname and parts.username is None
    except ValueError:
        return False
    schemes = {"https", "http"} if actor.services.settings.loopback else {"https"}
    return bool(there) and parts.scheme in schemes
