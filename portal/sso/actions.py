"""Connections as their page shows them: what Keycloak holds beside what the portal knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.access import grant
from portal.actor import Actor
from portal.clients.connections_allowed import LIVE_FLOW, POST_FLOW, SAML
from portal.clients.connections_types import IdentityProvider
from portal.errors import Invalid, NotFound
from portal.sso import guides
from portal.sso.certificates import read_certificates
from portal.store import connections, now
from portal.store.connections import ACTIVE, DRAFT, SAVING
from portal.store.models_sso import Connection

# What follows from more than the row: being tested, needing attention, gone from Keycloak, made elsewhere.
TESTING, ATTENTION, GONE, FOREIGN = "testing", "attention", "gone", "foreign"
# Days before a certificate ends from which on somebody has to act.
SOON = 14


@dataclass(frozen=True)
class Shown:
    """A connection. `row` is None for one made outside the portal, `provider` for one that is gone from Keycloak."""

    alias: str
    state: str
    provider: IdentityProvider | None
    row: Connection | None
    days_left: int | None = None
    last_sign_in: datetime | None = None

    @property
    def name(self) -> str:
        """What to call it."""
        return (self.provider and self.provider.display_name) or self.alias

    @property
    def protocol(self) -> str:
        """`SAML` or `OIDC`."""
        return (self.provider.protocol if self.provider else self.row.protocol if self.row else "").upper()

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains that lead to it."""
        return self.provider.domains if self.provider else ()

    @property
    def enabled(self) -> bool:
        """Whether Keycloak lets people through."""
        return bool(self.provider and self.provider.enabled)

    @property
    def changed_outside(self) -> bool:
        """Whether an active one is no longer as the portal put it."""
        found = self.provider
        return bool(
            self.row and self.row.state == ACTIVE and found
            and not (found.enabled and found.post_flow == POST_FLOW and found.first_flow == LIVE_FLOW
                     and not found.link_only and found.config.get("validateSignature") == "true")
        )  # fmt: skip


def listed(actor: Actor) -> list[Shown]:
    """All connections of the organization: the portal's own by age, then those made elsewhere."""
    granted = grant(actor, "sso.view", actor.here.id)
    rows = connections.of_organization(actor.services.store, actor.realm.name, actor.here.id)
    found = {each.alias: each for each in actor.services.connections.all(granted, actor.here.id)}
    own = [_shown(actor, found.get(row.alias), row) for row in rows if row.state != SAVING]
    known = {row.alias for row in rows}
    return [*own, *(Shown(alias, FOREIGN, each, None) for alias, each in found.items() if alias not in known)]


def find(actor: Actor, alias: str) -> Shown:
    """One of them. Raises `NotFound`."""
    row = connections.find(actor.services.store, actor.realm.name, actor.here.id, alias)
    try:
        granted = grant(actor, "sso.view", actor.here.id, alias)
        provider = actor.services.connections.get(granted, actor.here.id, alias)
    except NotFound:
        if row is None:
            raise
        return _shown(actor, None, row)
    return _shown(actor, provider, row) if row else Shown(alias, FOREIGN, provider, None, days_left(provider))


def _shown(actor: Actor, provider: IdentityProvider | None, row: Connection) -> Shown:
    left = days_left(provider) if provider else None
    store = actor.services.store
    shown = Shown(row.alias, row.state, provider, row, left, row.last_sign_in or connections.last_sign_in(store, row))
    return Shown(**{**vars(shown), "state": _state(actor, shown, row)})


def _state(actor: Actor, shown: Shown, row: Connection) -> str:
    if shown.provider is None:
        return GONE
    ends = shown.days_left is not None and shown.days_left < SOON
    if row.state == ACTIVE and (row.attention or shown.changed_outside or ends):
        return ATTENTION
    if row.state == DRAFT and connections.tested_now(actor.services.store, row, now()):
        return TESTING
    return row.state


def days_left(provider: IdentityProvider) -> int | None:
    """Days until the last of its certificates ends; None where it has none or they cannot be read."""
    if provider.protocol != SAML or not provider.config.get("signingCertificate"):
        return None
    try:
        return max(each.days_left() for each in read_certificates(provider.config["signingCertificate"]))
    except (Invalid, ValueError):
        return None


def vendor(actor: Actor, row: Connection | None) -> str:
    """Whose identity provider it is, as its guide calls it; empty where that is not known."""
    try:
        return guides.guide(row.guide, actor.locale).name if row else ""
    except NotFound:
        return ""
