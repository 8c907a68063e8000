"""The logo of an organization in mails about it. The mail brings it along: pictures from elsewhere are blocked."""

from __future__ import annotations

import hashlib
import re
import time

from portal.access_grant import upkeep
from portal.errors import PortalError
from portal.mail.letter import Logo
from portal.services import Services
from portal.store import images
from portal.store.images import StoredImage
from portal.styles.organization import look_of

# Mail programs show these; a drawing (SVG) none of the common ones.
SHOWN = frozenset({"image/png", "image/jpeg", "image/gif"})
MOST_BYTES, KNOWN = 100 * 1024, 60.0


_known: dict[tuple[str, str], tuple[Logo | None, float]] = {}


def logo_of(services: Services, realm: str, organization: str) -> Logo | None:
    """The logo of an organization, a minute old at most; None where it has none that a mail can show.

    A mail never fails for its logo: what cannot be read is left out.
    """
    if not organization:
        return None
    found, until = _known.get((realm, organization), (None, 0.0))
    if time.monotonic() > until:
        found = _read(services, realm, organization)
        if len(_known) > 1000:
            _known.clear()
        _known[realm, organization] = (found, time.monotonic() + KNOWN)
    return found


def _read(services: Services, realm: str, organization: str) -> Logo | None:
    try:
        granted = upkeep(realm, "organization.look", organization)
        here = services.orgs.organization(granted, organization)
    except PortalError:
        return None
    picture = _stored(services, realm, look_of(here.look).logo_url)
    if picture is None or picture.content_type not in SHOWN or len(picture.body) > MOST_BYTES:
        return None
    return Logo(here.label, picture.content_type, picture.body)


def _stored(services: Services, realm: str, source: str) -> StoredImage | None:
    """What the portal holds of this address; nothing is fetched for a mail."""
    own = re.fullmatch(re.escape(services.settings.public_url) + r"/([^/]+)/branding/logo-([0-9a-f]{64})", source)
    if own and own[1] == realm:
        return images.image(services.store, realm, own[2])
    name = hashlib.sha256(source.encode()).hexdigest() if source.startswith("data:") else source
    found = images.key_of(services.store, realm, name) if source else None
    return images.image(services.store, realm, found[0]) if found else None
