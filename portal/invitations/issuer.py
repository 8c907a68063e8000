"""Whoever invited, as he stands in the organization now: read by the service clients, for deciding in his absence."""

from __future__ import annotations

import dataclasses

from portal.access import Facts, Roles, switched_off
from portal.access_grant import own_standing
from portal.actor import Actor
from portal.clients.orgs_types import Organization
from portal.errors import NotFound
from portal.rank import grantable, is_operator
from portal.services import Services
from portal.store.models_organizations import Invitation


def issuer(services: Services, realm: str, organization: Organization, user_id: str, *, kind: str = "job") -> Actor:
    """The person as an actor without a session and without a token. Raises `Upstream`.

    Somebody who was deleted or disabled is not signed in, so nothing is decided in his favour.
    """
    absent = Actor(
        kind=kind, realm=services.realm(realm), sub=user_id, organization=organization, own_services=services
    )
    try:
        person = services.admin.person(own_standing(realm, user_id, organization.id), user_id)
    except NotFound:
        return absent
    facts = _facts(services, realm, organization, user_id) if person.enabled else Facts()
    return dataclasses.replace(absent, username=person.username, name=person.label, email=person.email, facts=facts)


def _facts(services: Services, realm: str, organization: Organization, user_id: str) -> Facts:
    ask = own_standing(realm, user_id, organization.id)
    try:
        roles: Roles = services.orgs.roles_of(ask, organization.id, user_id)
    except NotFound:
        roles = frozenset()
    return Facts(
        signed_in=True, member=bool(roles), organization_roles=roles,
        realm_roles=services.admin.realm_roles(ask, user_id),
        switches_off=switched_off(dict(services.realm_facts(realm).attributes)),
    )  # fmt: skip


def still_given(services: Services, row: Invitation) -> Roles:
    """Those of an invitation's roles that its inviter may give now: none if he may invite no more."""
    here = Organization(row.organization, row.organization_name)
    someone = issuer(services, row.realm, here, row.inviter)
    return within(someone, row.roles)


def within(someone: Actor, roles: list[str]) -> Roles:
    """Those of `roles` that somebody who invites may give."""
    if not someone.may("invitations.create"):
        return frozenset()
    return grantable(someone.roles, is_operator(someone.facts), roles)
