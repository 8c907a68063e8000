"""The person's access token, refreshed once per session however many requests need it at the same moment."""

from __future__ import annotations

import time
from dataclasses import dataclass

from portal.errors import OperatorNeeded, PortalError, SessionEnded, Upstream
from portal.signin import operator_tokens
from portal.signin.provider import Provider
from portal.signin.sessions import Sessions
from portal.store.models import SessionRow

EARLY, LEASE, PATIENCE, PAUSE = 10.0, 12.0, 12.0, 0.05
# How old the sign-in of an operator may be who changes settings, in seconds.
OPERATOR_AGE = 900


@dataclass
class TokenKeeper:
    """The token source of one session row.

    Across threads, processes and machines one holder of the lease refreshes; the others wait for what it stores.
    """

    sessions: Sessions
    provider: Provider
    row: SessionRow

    def __call__(self, *, renew: bool = False) -> str:
        """A living access token. `renew` replaces one that Keycloak refused. Raises `SessionEnded`, `Upstream`."""
        if not renew and self.row.access_expires - time.time() > EARLY:
            return self._opened()
        refused = self._opened() if renew else ""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self._renewed(refused):
                return self._opened()
            time.sleep(PAUSE)
        raise Upstream("another request holds the refresh for too long")

    def _renewed(self, refused: str) -> bool:
        """Whether there is a new token now: another request's, or one fetched here. False: try again shortly."""
        present = self.sessions.reload(self.row)
        if present is None:
            raise SessionEnded("the session was ended")
        self.row = present
        if self._opened() != refused and self.row.access_expires - time.time() > EARLY:
            return True
        lease = self.sessions.take_lease(self.row, LEASE)
        if not lease:
            return False
        self._refresh(lease)
        return True

    def _refresh(self, lease: str) -> None:
        try:
            tokens = self.provider.refresh(self.sessions.secret(self.row, "refresh_token"))
        except PortalError:
            self.sessions.drop_lease(self.row, lease)
            raise
        self.sessions.store_tokens(self.row, tokens, lease)

    def _opened(self) -> str:
        token = self.sessions.secret(self.row, "access_token")
        if not token:
            raise SessionEnded("no token can be read")
        return token


@dataclass
class OperatorKeeper:
    """The operator's token of one session row, for writing the realm's settings. `provider` is of that client."""

    sessions: Sessions
    provider: Provider
    row: SessionRow

    def __call__(self, *, renew: bool = False) -> str:
        """A living access token. Raises `OperatorNeeded` when the operator has to confirm who he is."""
        tokens = operator_tokens.kept(self.sessions, self.row)
        if tokens is None:
            raise OperatorNeeded(OPERATOR_AGE)
        if not renew and tokens.expires - time.time() > EARLY:
            return tokens.access
        try:
            fresh = self.provider.refresh(tokens.refresh)
        except SessionEnded as error:
            raise OperatorNeeded(OPERATOR_AGE) from error
        operator_tokens.keep(self.sessions, self.row, fresh, self.row.operator_until)
        return fresh.access
