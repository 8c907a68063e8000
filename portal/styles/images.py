"""Logos and favicons: fetched once in the background, checked, stored, served from here; never hotlinked."""

from __future__ import annotations

import hashlib
import logging
import re
import threading
import time
from collections.abc import Callable
from datetime import timedelta

from portal.clients.outbound import Policy, fetch
from portal.errors import PortalError, Upstream
from portal.store import Store, images, now
from portal.store.counters import hit
from portal.styles.pictures import MOST_BYTES, PictureRefused, checked, from_data

log = logging.getLogger(__name__)

LOOK_AGAIN, KNOWN, FAILED = 2.0, 60.0, 600.0
FRESH = timedelta(days=1)
MOST_A_DAY, A_DAY = 20, 86_400
_ACCEPT = "image/png,image/svg+xml,image/webp,image/jpeg,image/gif,image/x-icon"


class Images:
    """Knows the stored picture of each source address. A page asks and never waits for the network.

    What a process has learnt it keeps in memory; what it does not know it looks up in the store every two seconds.
    """

    def __init__(self, store: Store, policy: Policy, public_url: str) -> None:
        self._store = store
        self._policy = policy
        self._own = re.compile(re.escape(public_url) + r"/([^/]+)/branding/(?:logo|favicon)-([0-9a-f]{64})")
        self._known: dict[tuple[str, str], tuple[str | None, float]] = {}

    def key(self, realm: str, source: str, organization: str = "") -> str | None:
        """The key of the picture from `source` (an https or `data:` address), None while there is none.

        An organization's picture names it: each may have so many fetched in a day.
        """
        if not source:
            return None
        own = self._own.fullmatch(source)
        if own and own[1] == realm:
            return own[2]
        name = hashlib.sha256(source.encode()).hexdigest() if source.startswith("data:") else source
        known, until = self._known.get((realm, name), (None, 0.0))
        return known if time.monotonic() < until else self._look_up(realm, name, source, organization)

    def own(self, realm: str, source: str) -> bool:
        """Whether the address is that of a picture which the portal has."""
        found = self._own.fullmatch(source)
        return bool(found and found[1] == realm and images.image(self._store, realm, found[2]))

    def upload(self, realm: str, content: bytes) -> str:
        """Check, rewrite and keep an uploaded picture; returns its key. Raises `PictureRefused`."""
        picture = checked(content)
        name = f"upload:{hashlib.sha256(picture.body).hexdigest()}"
        return images.keep(self._store, realm, name, picture.content_type, picture.body)

    def fetch_now(self, realm: str, source: str) -> str:
        """Fetch a picture while somebody waits; returns its key. Raises `PictureRefused`, and what `fetch` raises."""
        picture = checked(self._download(source))
        key = images.keep(self._store, realm, source, picture.content_type, picture.body)
        self._remember(realm, source, key, KNOWN)
        return key

    def _look_up(self, realm: str, name: str, source: str, organization: str) -> str | None:
        found = images.key_of(self._store, realm, name)
        stale = found is None or now() - found[1] > FRESH
        pause = LOOK_AGAIN if found is None else KNOWN
        self._remember(realm, name, found[0] if found else None, pause)
        if stale and not (found and source.startswith("data:")):
            self._start(lambda: self._bring(realm, name, source, organization))
        return found[0] if found else None

    def _remember(self, realm: str, name: str, key: str | None, seconds: float) -> None:
        if len(self._known) > 1000:
            self._known.clear()
        self._known[realm, name] = (key, time.monotonic() + seconds)

    def _start(self, work: Callable[[], None]) -> None:
        threading.Thread(target=work, name="branding-image", daemon=True).start()

    def _bring(self, realm: str, name: str, source: str, organization: str) -> None:
        """Fetch, check and store; a failure is remembered for ten minutes by the lease that is not given back."""
        if not images.claim(self._store, realm, name):
            return
        try:
            if organization:
                hit(self._store, f"organization-logo:{realm}:{organization}", MOST_A_DAY, A_DAY)
            content = from_data(source) if source.startswith("data:") else self._download(source)
            picture = checked(content)
        except (PictureRefused, PortalError) as error:
            log.warning("branding image of realm %s cannot be used: %s", realm, _reason(error))
            self._remember(realm, name, self._known.get((realm, name), (None, 0.0))[0], FAILED)
            return
        key = images.keep(self._store, realm, name, picture.content_type, picture.body)
        self._remember(realm, name, key, KNOWN)

    def _download(self, source: str) -> bytes:
        answer = fetch(source, self._policy, accept=_ACCEPT, max_bytes=MOST_BYTES)
        if answer.status != 200:
            raise Upstream(f"status {answer.status}")
        return answer.body


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, (PictureRefused, Upstream)) else "the address is refused"
