"""Logo and favicon as somebody gives them: uploaded, or fetched once from an address."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask_babel import gettext as _

from portal.actor import Actor
from portal.errors import PortalError
from portal.styles.actions import images
from portal.styles.pictures import PictureRefused

LONGEST = 2000


def uploaded(actor: Actor, kind: str, content: bytes) -> str:
    """Keep an uploaded picture; returns its public address. Raises `PictureRefused`."""
    key = images().upload(actor.realm.name, content)
    return f"{actor.services.settings.public_url}/{actor.realm.name}/branding/{kind}-{key}"


def address_error(actor: Actor, source: str) -> str:
    """What is wrong with the address of a picture, or nothing: it has been fetched then."""
    if not source or images().own(actor.realm.name, source):
        return ""
    if len(source) > LONGEST or not _acceptable(actor, source):
        return _("Enter an address that begins with https://, or upload the picture.")
    try:
        images().fetch_now(actor.realm.name, source)
    except PictureRefused as error:
        return _("What is there cannot be used: %(reason)s.", reason=str(error))
    except PortalError:
        return _("It could not be fetched. The address must be public, answer within seconds, and redirect nowhere.")
    return ""


def _acceptable(actor: Actor, source: str) -> bool:
    try:
        parts = urlsplit(source)
        there = parts.hostname and parts.username is None
    except ValueError:
        return False
    schemes = {"https", "http"} if actor.services.settings.loopback else {"https"}
    return bool(there) and parts.scheme in schemes
