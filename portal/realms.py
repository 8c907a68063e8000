"""The settings of each realm, read by its service account and kept for seconds.

A page never waits for them twice: while a realm is in use a background thread keeps its facts young, and when
Keycloak does not answer the last known ones stay for ten minutes.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from portal.access_grant import system
from portal.clients.admin import Admin, RealmFacts
from portal.errors import PortalError

YOUNG, STALE, WATCHED = 4.0, 600.0, 60.0
TEXTS = 60.0


@dataclass
class _Known:
    facts: RealmFacts
    read: float
    used: float
    version: int


class RealmDirectory:
    """Facts by realm name. Thread-safe; ages are monotonic seconds."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin
        self._known: dict[str, _Known] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._watcher: threading.Thread | None = None
        self._guard = threading.Lock()
        self._versions: dict[str, int] = {}
        self._texts: dict[tuple[str, str], tuple[float, dict[str, str]]] = {}

    def expect(self, name: str, version: int) -> None:
        """The portal has written the realm's settings so often: what was read before counts as old."""
        if version > self._versions.get(name, 0):
            self._versions[name] = version

    def facts(self, name: str) -> RealmFacts:
        """The facts of a configured realm. Raises `Upstream` when they were never read and cannot be read now."""
        now = time.monotonic()
        known = self._known.get(name)
        if known and now - known.read < YOUNG * 2 and known.version >= self._versions.get(name, 0):
            known.used = now
            self._watch()
            return known.facts
        return self._renewed(name)

    def peek(self, name: str, oldest: float) -> RealmFacts:
        """The facts for work in the background, at most `oldest` seconds old; nobody keeps them young for that.

        Raises `Upstream` when Keycloak cannot be asked.
        """
        known, now = self._known.get(name), time.monotonic()
        if known and now - known.read <= oldest:
            return known.facts
        version = self._versions.get(name, 0)
        facts = self._admin.realm_facts(system(name))
        self._known[name] = _Known(facts, time.monotonic(), known.used if known else -WATCHED, version)
        return facts

    def texts(self, name: str, locale: str) -> dict[str, str]:
        """The realm's own texts in one language, a minute old at most; none when Keycloak cannot be asked."""
        read, known = self._texts.get((name, locale), (-TEXTS, {}))
        if time.monotonic() - read < TEXTS:
            return known
        try:
            known = self._admin.localization(system(name), locale)
        except PortalError:
            return known
        self._texts[name, locale] = (time.monotonic(), known)
        return known

    def _renewed(self, name: str) -> RealmFacts:
        with self._guard:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            known, version = self._known.get(name), self._versions.get(name, 0)
            if known and time.monotonic() - known.read < YOUNG and known.version >= version:
                return known.facts
            try:
                facts = self._admin.realm_facts(system(name))
            except PortalError:
                if known and time.monotonic() - known.read < STALE:
                    return known.facts
                raise
            now = time.monotonic()
            self._known[name] = _Known(facts, now, now, version)
            return facts

    def _watch(self) -> None:
        # Started at first use, not at import: a server that forks its workers would leave the thread behind.
        with self._guard:
            if self._watcher is None or not self._watcher.is_alive():
                self._watcher = threading.Thread(target=self._keep_young, name="realm-facts", daemon=True)
                self._watcher.start()

    def _keep_young(self) -> None:
        while True:
            time.sleep(YOUNG / 2)
            now = time.monotonic()
            used = [name for name, known in self._known.items() if now - known.used < WATCHED]
            if not used:
                return
            for name in used:
                self._renew_quietly(name)

    def _renew_quietly(self, name: str) -> None:
        known, version = self._known[name], self._versions.get(name, 0)
        if time.monotonic() - known.read < YOUNG:
            return
        try:
            facts = self._admin.realm_facts(system(name))
        except PortalError:
            return
        if self._known[name].version <= version:
            self._known[name] = _Known(facts, time.monotonic(), known.used, version)
