"""The logo of an organization in mails about it. The mail brings it along: pictures from elsewhere are blocked."""

from __future__ import annotations

import hashlib
import re

from portal.mail.letter import Letter, Logo
from portal.services import Services
from portal.store import images
from portal.store.images import StoredImage
from portal.styles.organization import look_of

# Mail programs show these; a drawing (SVG) none of the common ones.
SHOWN = frozenset({"image/png", "image/jpeg", "image/gif"})
MOST_BYTES = 100 * 1024


def logo_of(services: Services, realm: str, letter: Letter) -> Logo | None:
    """The logo that a letter wears; None where its organization has none that a mail can show."""
    picture = _stored(services, realm, look_of(letter.look).logo_url)
    if picture is None or picture.content_type not in SHOWN or len(picture.body) > MOST_BYTES:
        return None
    return Logo(letter.wearer, picture.content_type, picture.body)


def _stored(services: Services, realm: str, source: str) -> StoredImage | None:
    """What the portal holds of this address; nothing is fetched for a mail."""
    own = re.fullmatch(re.escape(services.settings.public_url) + r"/([^/]+)/branding/logo-([0-9a-f]{64})", source)
    if own and own[1] == realm:
        return images.image(services.store, realm, own[2])
    name = hashlib.sha256(source.encode()).hexdigest() if source.startswith("data:") else source
    found = images.key_of(services.store, realm, name) if source else None
    return images.image(services.store, realm, found[0]) if found else None
