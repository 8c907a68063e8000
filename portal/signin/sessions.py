"""Server-side sessions: rows keyed by the SHA-256 of the cookie, secrets sealed to their row."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask.sessions import SessionMixin
from sqlalchemy import CursorResult, Result, delete, select, update

from portal.settings import Settings
from portal.signin.provider import Tokens
from portal.store import Store, now
from portal.store.models import SessionRow, SignInRow
from portal.store.models_settings import SettingsVersion
from portal.store.vault import Vault, VaultError

SECRETS = ("access_token", "refresh_token", "id_token")
OPERATOR = "operator_tokens"
ANONYMOUS_LIFE = timedelta(hours=1)
TOUCH_EVERY = timedelta(seconds=60)


def digest(value: str) -> str:
    """SHA-256 as hex: what the database knows of a cookie, a state or a token."""
    return hashlib.sha256(value.encode()).hexdigest()


class Browser(dict[str, Any], SessionMixin):
    """Flask's `session`: small data of one browser in one realm, with the row behind it (None: not stored yet)."""

    def __init__(self, data: dict[str, Any] | None = None, row: SessionRow | None = None) -> None:
        super().__init__(data or {})
        self.row = row
        self.original = repr(sorted(self.items(), key=str))
        self.cookie: str | None = None
        self.ended = False

    @property
    def signed_in(self) -> bool:
        """Whether a person is signed in here."""
        return self.row is not None and self.row.sub is not None

    @property
    def changed(self) -> bool:
        """Whether the data differ from what was loaded."""
        return repr(sorted(self.items(), key=str)) != self.original


@dataclass
class Sessions:
    """All session rows of all realms."""

    store: Store
    vault: Vault
    settings: Settings
    settings_written: Callable[[str, int], None] = lambda _realm, _version: None

    def load(self, realm: str, cookie: str) -> Browser:
        """The browser behind a cookie; a fresh empty one if it is unknown, of another realm, idle or too old.

        With it comes how often the realm's settings were written, so that every worker knows of each save at once.
        """
        with self.store.read() as transaction:
            row = transaction.get(SessionRow, digest(cookie)) if cookie else None
            known = transaction.get(SettingsVersion, realm) if row else None
        if known:
            self.settings_written(realm, known.version)
        if row is None or row.realm != realm or not self._alive(row):
            return Browser()
        self._touch(row)
        return Browser(dict(row.data), row)

    def _alive(self, row: SessionRow) -> bool:
        idle = timedelta(seconds=self.settings.session_idle)
        return row.expires > now() and row.seen + idle > now()

    def _touch(self, row: SessionRow) -> None:
        if now() - row.seen > TOUCH_EVERY:
            with self.store.write() as transaction:
                transaction.execute(update(SessionRow).where(SessionRow.id == row.id).values(seen=now()))

    def create(self, realm: str, browser: Browser) -> None:
        """Store a browser that has no row yet; its cookie is set with the answer."""
        cookie = secrets.token_urlsafe(32)
        row = SessionRow(id=digest(cookie), realm=realm, created=now(), seen=now(), expires=now() + ANONYMOUS_LIFE)
        row.data, row.claims, row.roles = dict(browser), {}, {}
        with self.store.write() as transaction:
            transaction.add(row)
        browser.row, browser.cookie = row, cookie

    def save(self, browser: Browser) -> None:
        """Store changed data."""
        if browser.row is not None:
            with self.store.write() as transaction:
                changed = update(SessionRow).where(SessionRow.id == browser.row.id).values(data=dict(browser))
                transaction.execute(changed)

    def sign_in(self, realm: str, browser: Browser, tokens: Tokens, claims: dict[str, Any]) -> None:
        """Begin, or renew after a step-up, a person's session under a new id; the old id is dead at once."""
        cookie = secrets.token_urlsafe(32)
        old = browser.row
        same = old is not None and old.sub == claims["sub"]
        born = old.created if same and old is not None else now()
        if not same:
            browser.pop("csrf_token", None)
        row = SessionRow(
            id=digest(cookie), realm=realm, sub=claims["sub"], sid=claims.get("sid"), created=born, seen=now(),
            expires=born + timedelta(seconds=self.settings.session_absolute),
            auth_time=int(claims.get("auth_time") or 0), acr=str(claims.get("acr") or ""), claims=_kept(claims),
            roles={}, roles_at=0.0, data=dict(browser), access_expires=tokens.expires,
        )  # fmt: skip
        self._seal(row, tokens)
        with self.store.write() as transaction:
            if old is not None:
                transaction.execute(delete(SessionRow).where(SessionRow.id == old.id))
                moved = update(SignInRow).where(SignInRow.session_id == old.id).values(session_id=row.id)
                transaction.execute(moved)
            transaction.add(row)
        browser.row, browser.cookie = row, cookie

    def _seal(self, row: SessionRow, tokens: Tokens) -> None:
        values = {"access_token": tokens.access, "refresh_token": tokens.refresh, "id_token": tokens.id}
        for column, value in values.items():
            if value:
                setattr(row, column, self.vault.seal(value, row.realm, "session", column, row.id))

    def secret(self, row: SessionRow, column: str) -> str:
        """Open one of the sealed tokens; empty if there is none or no key fits."""
        sealed = getattr(row, column)
        try:
            return self.vault.open(sealed, row.realm, "session", column, row.id) if sealed else ""
        except VaultError:
            return ""

    def reload(self, row: SessionRow) -> SessionRow | None:
        """The row as it is now; None if the session has ended."""
        with self.store.read() as transaction:
            return transaction.get(SessionRow, row.id)

    def take_lease(self, row: SessionRow, seconds: float) -> str:
        """The right to refresh this session's tokens, by compare-and-set; empty while somebody else has it."""
        lease, present = secrets.token_hex(16), time.time()
        free = (SessionRow.lease.is_(None)) | (SessionRow.lease_until < present)
        same = SessionRow.access_expires == row.access_expires
        taken = update(SessionRow).where(SessionRow.id == row.id, free, same)
        with self.store.write() as transaction:
            done = transaction.execute(taken.values(lease=lease, lease_until=present + seconds))
        return lease if _count(done) else ""

    def drop_lease(self, row: SessionRow, lease: str) -> None:
        """Give the lease back without new tokens."""
        mine = update(SessionRow).where(SessionRow.id == row.id, SessionRow.lease == lease)
        with self.store.write() as transaction:
            transaction.execute(mine.values(lease=None, lease_until=0.0))

    def store_tokens(self, row: SessionRow, tokens: Tokens, lease: str) -> bool:
        """Keep refreshed tokens if the lease is still ours."""
        self._seal(row, tokens)
        values = {column: getattr(row, column) for column in SECRETS}
        with self.store.write() as transaction:
            done = transaction.execute(
                update(SessionRow)
                .where(SessionRow.id == row.id, SessionRow.lease == lease)
                .values(access_expires=tokens.expires, lease=None, lease_until=0.0, **values)
            )
        row.access_expires = tokens.expires
        return bool(_count(done))

    def remember(self, row: SessionRow, parts: dict[str, Any]) -> None:
        """Remember what was read of the person beside the roles, by part."""
        self.keep_roles(row, parts, row.roles_at)

    def keep_roles(self, row: SessionRow, roles: dict[str, Any], at: float) -> None:
        """Remember freshly read roles with the time of reading (epoch seconds); other parts stay."""
        row.roles, row.roles_at = {**row.roles, **roles}, at
        with self.store.write() as transaction:
            transaction.execute(update(SessionRow).where(SessionRow.id == row.id).values(roles=row.roles, roles_at=at))

    def claims(self, row: SessionRow, **changes: Any) -> None:
        """Change what is shown of the person without a new sign-in (name, e-mail, locale)."""
        row.claims = {**row.claims, **changes}
        with self.store.write() as transaction:
            transaction.execute(update(SessionRow).where(SessionRow.id == row.id).values(claims=row.claims))

    def end(self, browser: Browser) -> None:
        """End this browser's session."""
        if browser.row is not None:
            with self.store.write() as transaction:
                transaction.execute(delete(SessionRow).where(SessionRow.id == browser.row.id))
        browser.clear()
        browser.row, browser.ended = None, True

    def end_where(self, realm: str, *, sid: str = "", sub: str = "") -> int:
        """End sessions by Keycloak's session id, or all of a person; returns how many."""
        condition = SessionRow.sid == sid if sid else SessionRow.sub == sub
        with self.store.write() as transaction:
            done = transaction.execute(delete(SessionRow).where(SessionRow.realm == realm, condition))
        return _count(done)

    def forget_operators(self) -> int:
        """Forget operators' own tokens whose minutes are over; returns of how many sessions."""
        over = (SessionRow.operator_tokens.is_not(None)) & (SessionRow.operator_until < time.time())
        with self.store.write() as transaction:
            return _count(transaction.execute(update(SessionRow).where(over).values(operator_tokens=None)))

    def purge(self) -> int:
        """Delete sessions and sign-ins that are over; returns how many rows went."""
        idle = now() - timedelta(seconds=self.settings.session_idle)
        with self.store.write() as transaction:
            dead = transaction.execute(
                delete(SessionRow).where((SessionRow.expires < now()) | (SessionRow.seen < idle))
            )
            stale = transaction.execute(delete(SignInRow).where(SignInRow.created < now() - ANONYMOUS_LIFE))
        return _count(dead) + _count(stale)

    def of_person(self, realm: str, sub: str) -> Iterator[SessionRow]:
        """The person's sessions in this portal (for the download of one's own data)."""
        with self.store.read() as transaction:
            yield from transaction.scalars(select(SessionRow).where(SessionRow.realm == realm, SessionRow.sub == sub))


def _kept(claims: dict[str, Any]) -> dict[str, Any]:
    names = ("name", "given_name", "family_name", "preferred_username", "email", "locale", "identity_provider")
    return {name: str(claims[name]) for name in names if claims.get(name)}


def _count(result: Result[Any]) -> int:
    """How many rows a statement touched."""
    return result.rowcount if isinstance(result, CursorResult) else 0
