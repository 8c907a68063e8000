"""An operator's own tokens beside those of his session: sealed, and to be used for minutes only."""

from __future__ import annotations

import json
import time

from sqlalchemy import update

from portal.errors import SessionEnded
from portal.signin.provider import Tokens
from portal.signin.sessions import OPERATOR, SECRETS, Browser, Sessions
from portal.store.models import SessionRow


def renumber(sessions: Sessions, realm: str, browser: Browser, auth_time: int) -> None:
    """Give a signed-in browser a new id after its person was seen anew at `auth_time` (epoch seconds)."""
    row = browser.row
    if row is None or row.sub is None:
        raise SessionEnded("nobody is signed in")
    access, refresh, ident = (sessions.secret(row, column) for column in SECRETS)
    present = Tokens(access, refresh, ident, row.access_expires)
    claims = {**row.claims, "sub": row.sub, "sid": row.sid, "acr": row.acr}
    roles, at = row.roles, row.roles_at
    sessions.sign_in(realm, browser, present, {**claims, "auth_time": max(auth_time, row.auth_time)})
    assert browser.row is not None
    sessions.keep_roles(browser.row, roles, at)


def keep(sessions: Sessions, row: SessionRow, tokens: Tokens, until: float) -> None:
    """Keep the tokens in the session's row, to be used until then (epoch seconds)."""
    text = json.dumps([tokens.access, tokens.refresh, tokens.expires])
    row.operator_tokens = sessions.vault.seal(text, row.realm, "session", OPERATOR, row.id)
    row.operator_until = until
    values = {OPERATOR: row.operator_tokens, "operator_until": until}
    with sessions.store.write() as transaction:
        transaction.execute(update(SessionRow).where(SessionRow.id == row.id).values(**values))


def kept(sessions: Sessions, row: SessionRow) -> Tokens | None:
    """The tokens while they may be used."""
    text = sessions.secret(row, OPERATOR) if row.operator_until > time.time() else ""
    if not text:
        return None
    access, refresh, expires = json.loads(text)
    return Tokens(access, refresh, "", expires)
