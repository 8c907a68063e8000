"""Who acts. The first argument of every action."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portal.access import BY_NAME, Facts, Right, Verdict, decide
from portal.clients.account import Account
from portal.settings import Realm

if TYPE_CHECKING:
    from portal.services import Services


@dataclass(frozen=True)
class Actor:
    """A principal with what is known of it. `kind` is person, link, key, job, console or system.

    `account` calls the account API with the person's own token; `auth_time` is an epoch second.
    """

    kind: str
    realm: Realm
    sub: str
    sid: str = ""
    username: str = ""
    name: str = ""
    email: str = ""
    locale: str = "en"
    auth_time: int = 0
    identity_provider: str = ""
    ip_address: str = ""
    request_id: str = ""
    client: str = ""
    facts: Facts = field(default_factory=Facts)
    roles_at: float = 0.0
    own_account: Account | None = None
    own_services: Services | None = field(default=None, repr=False)

    @property
    def services(self) -> Services:
        """The parts of the application."""
        if self.own_services is None:
            raise RuntimeError(f"{self.kind} was made without an application")
        return self.own_services

    @property
    def account(self) -> Account:
        """The person's own account API."""
        if self.own_account is None:
            raise RuntimeError(f"{self.kind} has no account of its own")
        return self.own_account

    @property
    def label(self) -> str:
        """What to call the person on a page."""
        return self.name or self.username or self.email

    def may(self, right: Right | str) -> bool:
        """Whether the right is given, apart from the age of the sign-in (a button may lead to the step-up)."""
        row = BY_NAME[right] if isinstance(right, str) else right
        return decide(row, self.facts) in {Verdict.OK, Verdict.STEP_UP}

    def principal(self) -> dict[str, str]:
        """How the audit names the actor."""
        named = {"kind": self.kind, "iss": self.realm.issuer, "sub": self.sub, "sid": self.sid}
        return {**named, "client": self.client} if self.client else named
