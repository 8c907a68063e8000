"""Organizations, domains and connections as this API shows them."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.actor import Actor
from portal.clients.orgs_types import Organization
from portal.compat import ids
from portal.compat.face import moment
from portal.domains.actions import Claim, claims
from portal.domains.records import PREFIX, record_value
from portal.sso.actions import ATTENTION, Shown
from portal.store import domains, public_ids
from portal.store.connections import ACTIVE, DISABLED
from portal.store.domains import FAILING, LAPSED, PENDING, VERIFIED
from portal.store.models_keys import OrganizationRecord, PublicId
from portal.store.models_organizations import Domain

# A failing one still leads people; a lapsed one does not.
STATES = {VERIFIED: "verified", FAILING: "verified", LAPSED: "failed"}
KINDS = {
    "adfs-saml": "ADFSSAML", "auth0-saml": "Auth0SAML", "cloudflare-saml": "CloudflareSAML", "duo-saml": "DuoSAML",
    "entra-oidc": "EntraIdOIDC", "entra-saml": "AzureSAML", "google-saml": "GoogleSAML",
    "jumpcloud-saml": "JumpCloudSAML", "keycloak-saml": "KeycloakSAML", "okta-oidc": "OktaOIDC",
    "okta-saml": "OktaSAML", "pingfederate-saml": "PingFederateSAML", "pingone-saml": "PingOneSAML",
    "salesforce-saml": "SalesforceSAML",
}  # fmt: skip
CONNECTION_STATES = {ACTIVE: "active", ATTENTION: "active", DISABLED: "inactive"}


@dataclass(frozen=True)
class Claimed:
    """A domain of an organization with its state and id."""

    row: Domain
    state: str
    known: PublicId
    kept: bool = True


def organization(one: Organization, record: OrganizationRecord, claimed: Sequence[Claimed]) -> dict[str, Any]:
    """One organization with its domains."""
    metadata = {key: values[0] for key, values in one.shown_attributes.items() if values}
    return {
        "object": "organization", "id": ids.organization_id(one.id), "name": one.label,
        "allow_profiles_outside_organization": False, "domains": [domain(each) for each in claimed],
        "stripe_customer_id": None, "external_id": record.external_id, "metadata": metadata,
        "created_at": moment(record.created), "updated_at": moment(record.updated),
    }  # fmt: skip


def domain(found: Claimed) -> dict[str, Any]:
    """One domain, with the record that proves it: `<verification_prefix>.<domain>` holds the token."""
    row, added = found.row, found.row.added if found.kept else found.known.created
    return {
        "object": "organization_domain", "id": found.known.id, "domain": row.name,
        "organization_id": ids.organization_id(row.organization), "state": STATES.get(found.state, "pending"),
        "verification_strategy": "dns", "verification_prefix": PREFIX,
        "verification_token": record_value(row.name, row.organization), "created_at": moment(added),
        "updated_at": moment(row.checked or added),
    }  # fmt: skip


def organizations(actor: Actor, found: Sequence[Organization]) -> list[dict[str, Any]]:
    """Several, each with its domains."""
    claimed = {one.id: _claims(actor, one) for one in found}
    known = domain_ids(actor, [(claim.row.organization, claim.row.name) for each in claimed.values() for claim in each])
    records = public_ids.records(actor.services.store, actor.realm.name, [one.id for one in found])
    return [
        organization(one, records[one.id], [_of(claim, known) for claim in claimed[one.id]]) for one in found
    ]  # fmt: skip


def domains_of(actor: Actor) -> list[Claimed]:
    """Those of the organization of the request, as Keycloak and the portal know them now."""
    found = claims(actor)
    known = domain_ids(actor, [(claim.row.organization, claim.row.name) for claim in found])
    return [_of(claim, known) for claim in found]


def _of(claim: Claim, known: Mapping[tuple[str, str], PublicId]) -> Claimed:
    return Claimed(claim.row, claim.state, known[claim.row.organization, claim.row.name], claim.kept)


def _claims(actor: Actor, one: Organization) -> list[Claim]:
    """From what was read already; only domains that came past the portal cost a call."""
    rows = domains.of_organization(actor.services.store, actor.realm.name, one.id)
    if set(one.domains) - {row.name for row in rows}:
        return claims(dataclasses.replace(actor, organization=one))
    return [Claim(row, PENDING if row.state == VERIFIED and row.name not in one.domains else row.state) for row in rows]


def domain_ids(actor: Actor, things: Collection[tuple[str, str]]) -> dict[tuple[str, str], PublicId]:
    """The ids of domains (organization, name)."""
    store, realm = actor.services.store, actor.realm.name
    return public_ids.ids(store, realm, public_ids.DOMAIN, things, lambda: ids.made(ids.DOMAIN))


def connection(actor: Actor, owner: str, shown: Shown, known: PublicId) -> dict[str, Any]:
    """One connection of an organization."""
    state = CONNECTION_STATES.get(shown.state, "draft" if shown.row else _foreign(shown))
    protocol = "GenericOIDC" if shown.protocol == "OIDC" else "GenericSAML"
    names = sorted({*shown.domains, *(shown.row.domains if shown.row else ())})
    of_domains = domain_ids(actor, [(owner, name) for name in names])
    return {
        "object": "connection", "id": known.id, "organization_id": ids.organization_id(owner),
        "connection_type": KINDS.get(shown.row.guide, protocol) if shown.row else protocol, "name": shown.name,
        "state": state, "status": "linked" if state == "active" else "unlinked",
        "domains": [
            {"object": "connection_domain", "id": of_domains[owner, name].id, "domain": name} for name in names
        ],
        "created_at": moment(shown.row.created if shown.row else known.created),
        "updated_at": moment((shown.row.activated or shown.row.created) if shown.row else known.created),
    }  # fmt: skip


def _foreign(shown: Shown) -> str:
    """The state of one that was made outside the portal."""
    return "active" if shown.enabled else "inactive"


__all__ = ["Claimed", "PublicId", "connection", "domain", "domain_ids", "domains_of", "organization", "organizations"]
