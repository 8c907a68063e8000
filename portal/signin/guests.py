"""Sessions of the holders of setup links: a cookie of their own, read below `/setup` alone, where no other one is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from portal.signin.sessions import TOUCH_EVERY, Browser, digest
from portal.store import Store, links, now
from portal.store.models_links import GuestSession, SetupLink
from portal.store.models_settings import SettingsVersion

IDLE, ABSOLUTE = timedelta(hours=2), timedelta(hours=12)
MOST = 3


class GuestBrowser(Browser):
    """Flask's `session` of a guest. `link` is his link, also when it is dead; then `guest` is None."""

    def __init__(
        self, data: dict[str, Any] | None = None, guest: GuestSession | None = None, link: SetupLink | None = None
    ) -> None:
        super().__init__(data)
        self.guest = guest
        self.link = link

    @property
    def signed_in(self) -> bool:
        """Whether a guest is at work here: his pages have forms."""
        return self.guest is not None


@dataclass
class Guests:
    """All guest sessions."""

    store: Store

    def load(self, cookie: str, realm: str) -> tuple[GuestBrowser, int]:
        """The guest behind a cookie, read with his link in every request; and the version of his realm's settings.

        Without a living session the browser is empty; what became of a known one's link is told by `link`.
        """
        with self.store.read() as session:
            guest = session.get(GuestSession, digest(cookie)) if cookie else None
            link = session.get(SetupLink, guest.link) if guest else None
            version = session.get(SettingsVersion, realm) if guest else None
        if guest is None or link is None or link.realm != realm:
            return GuestBrowser(), 0
        alive = guest.expires > now() and guest.seen + IDLE > now()
        if not alive or links.ground_of(link) != links.ACTIVE:
            return GuestBrowser(link=link), 0
        self._touch(guest)
        return GuestBrowser(dict(guest.data), guest, link), version.version if version else 0

    def _touch(self, guest: GuestSession) -> None:
        if now() - guest.seen > TOUCH_EVERY:
            with self.store.write() as session:
                session.execute(update(GuestSession).where(GuestSession.id == guest.id).values(seen=now()))

    def save(self, browser: GuestBrowser) -> None:
        """Store changed data."""
        if browser.guest is not None:
            mine = update(GuestSession).where(GuestSession.id == browser.guest.id)
            with self.store.write() as session:
                session.execute(mine.values(data=dict(browser)))
