"""Who acts. The first argument of every action."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from portal.access import BY_NAME, Facts, Right, Verdict, decide, organization_roles
from portal.access_grant import SYSTEM
from portal.clients.account import Account
from portal.clients.orgs import Orgs
from portal.clients.orgs_types import Organization
from portal.clients.realm_attributes import RealmAttributes
from portal.settings import Realm
from portal.standing import Standing

if TYPE_CHECKING:
    from portal.services import Services


@dataclass(frozen=True)
class Actor:
    """A principal with what is known of it. `kind` is person, link, key, job, console or system.

    `account` and `orgs` call with the person's own token; `auth_time` is an epoch second; `organization` is the one
    of the request; `key` is the id of the program's key that acts in the place of its owner, who is `sub`; `remember`
    keeps what was read of the person for the next requests of the session. `still` raises once what the actor stands
    on is gone: the link of a guest.
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
    key: str = ""
    facts: Facts = field(default_factory=Facts)
    roles_at: float = 0.0
    standing: Standing = field(default_factory=Standing)
    organization: Organization | None = None
    own_account: Account | None = None
    own_orgs: Orgs | None = field(default=None, repr=False)
    own_attributes: RealmAttributes | None = field(default=None, repr=False)
    remember: Callable[[dict[str, Any]], None] | None = field(default=None, repr=False)
    own_services: Services | None = field(default=None, repr=False)
    still: Callable[[], None] | None = field(default=None, repr=False)

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
    def orgs(self) -> Orgs:
        """The back end of organizations with the person's own token."""
        if self.own_orgs is None:
            raise RuntimeError(f"{self.kind} has no token of its own")
        return self.own_orgs

    @property
    def attributes(self) -> RealmAttributes:
        """The attributes of the realm, with the operator's own token for them."""
        if self.own_attributes is None:
            raise RuntimeError(f"{self.kind} cannot confirm to be an operator")
        return self.own_attributes

    @property
    def here(self) -> Organization:
        """The organization of the request."""
        if self.organization is None:
            raise RuntimeError("this request is about no organization")
        return self.organization

    @property
    def roles(self) -> frozenset[str]:
        """What the actor counts as holding in the organization of the request."""
        return organization_roles(self.facts)

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
        more = {"client": self.client, "key": self.key, "name": self.name if self.key else ""}
        return named | {name: value for name, value in more.items() if value}


def portal_itself(services: Services, realm: Realm, organization: Organization) -> Actor:
    """The portal at its own work in one organization."""
    return Actor(SYSTEM, realm, "", organization=organization, own_services=services)
