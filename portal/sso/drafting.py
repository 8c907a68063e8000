"""Saving connections whole or not at all: identity provider, its mappers, the domains that lead to it, and the row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from portal.access import Grant, grant
from portal.actor import Actor
from portal.audit import audited
from portal.clients.connections_allowed import DOMAINS, DRAFT_FLOW, IMPORT, PENDING, SAML, check_alias
from portal.clients.connections_types import IdentityProvider, Mapper, joined
from portal.errors import Conflict, NotFound
from portal.organizations.lock import locked
from portal.sso import guides
from portal.sso.ending import ends
from portal.sso.together import Together, together
from portal.store import connections, now
from portal.store.connections import DRAFT, SAVING
from portal.store.models_sso import Connection

SETUP, MANAGE = "sso.setup", "sso.manage"
# Mappers of this name are the portal's; what else there is on a connection is left alone.
OWN = "portal: "
KINDS = {True: "saml-user-attribute-idp-mapper", False: "oidc-user-attribute-idp-mapper"}
DRAFT_FIELDS: Mapping[str, Any] = {
    "enabled": True, "hideOnLogin": True, "storeToken": True, "addReadTokenRoleOnCreate": True, "trustEmail": True,
    "firstBrokerLoginFlowAlias": DRAFT_FLOW, "postBrokerLoginFlowAlias": None,
}  # fmt: skip


def save_draft(
    actor: Actor,
    alias: str,
    guide_key: str,
    protocol: str,
    *,
    config: Mapping[str, str],
    secret: str,
    attributes: Mapping[str, str],
    domains: Sequence[str],
    **about: Any,
) -> Connection:
    """Make a connection that test sign-ins alone can use. `attributes` maps Keycloak's fields to attribute or claim
    names, `about` holds further columns of the row.

    Raises `Conflict` or `Invalid` with the step that failed; then nothing of it is left.
    """
    check_alias(alias)
    granted = grant(actor, SETUP, actor.here.id, alias)
    known = {"domains": sorted(domains), "certificate_ends": ends(config)}
    row = _row(actor, alias, guide_key, protocol, {**about, **known})
    after = {"deed": "save", "guide": guide_key, "domains": sorted(domains)}
    with locked(actor, actor.here.id), audited(actor, SETUP, alias, {}, after), together() as work:
        _insert(actor, work, row)
        _create(actor, granted, work, row, {**config, **({"clientSecret": secret} if secret else {})})
        for mapper in mappers_of(protocol, attributes):
            work.step = _("the mapper for %(field)s", field=mapper.config["user.attribute"])
            actor.services.connections.add_mapper(granted, actor.here.id, alias, mapper)
        _open(actor, granted, work, row)
        connections.change(actor.services.store, row, state=DRAFT)
    return row


def _row(actor: Actor, alias: str, guide: str, protocol: str, about: Mapping[str, Any]) -> Connection:
    values = {"metadata_url": "", "reading": {}, "unmapped": "member", "attention": {}, **about}
    return Connection(
        realm=actor.realm.name, alias=alias, organization=actor.here.id, guide=guide, protocol=protocol, state=SAVING,
        created=now(), set_up_by=actor.sub, set_up_by_name=actor.label[:255], **values,
    )  # fmt: skip


def _insert(actor: Actor, work: Together, row: Connection) -> None:
    """The intent is kept first: what a killed process leaves behind is found by it."""
    connections.insert(actor.services.store, row)
    work.begin(_("the portal's own record"), lambda: connections.remove(actor.services.store, row), kept_in_need=True)


def _create(actor: Actor, granted: Grant, work: Together, row: Connection, config: Mapping[str, str]) -> None:
    known = actor.services.connections
    fields = {
        "displayName": _called(actor, row), "hideOnLogin": True, "firstBrokerLoginFlowAlias": DRAFT_FLOW,
        "config": {**config, "syncMode": IMPORT, DOMAINS: joined(row.domains), PENDING: "true"},
    }  # fmt: skip
    if row.alias in {each.alias for each in known.all(granted, actor.here.id)}:
        raise Conflict(_("There is a connection of this name already."))
    work.begin(_("the identity provider"), lambda: known.delete(granted.for_undoing(), actor.here.id, row.alias))
    known.create(granted, actor.here.id, row.alias, row.protocol, fields)


def _called(actor: Actor, row: Connection) -> str:
    """Whose sign-in it is and by what, so that several can be told apart."""
    try:
        guide = guides.guide(row.guide)
        by = row.protocol.upper() if guide.generic else guide.name
    except NotFound:
        by = row.protocol.upper()
    return f"{actor.here.label[:150]} ({by})"


def _open(actor: Actor, granted: Grant, work: Together, row: Connection) -> None:
    """Enabled only now: one that is enabled when it is made takes the others of the organization away."""
    known = actor.services.connections
    work.step = _("opening it to test sign-ins")
    config = {"syncMode": IMPORT, DOMAINS: joined(row.domains), PENDING: "true"}
    known.update(granted, actor.here.id, row.alias, {**DRAFT_FIELDS, "config": config})
    check_kept(known.get(granted, actor.here.id, row.alias), DRAFT_FIELDS)


def check_kept(found: IdentityProvider, wanted: Mapping[str, Any]) -> None:
    """Never claim what was not seen. Raises `Conflict` if Keycloak holds something else than was written."""
    held = {
        "enabled": found.enabled, "hideOnLogin": found.hidden, "storeToken": found.store_token,
        "trustEmail": found.trust_email, "firstBrokerLoginFlowAlias": found.first_flow,
        "postBrokerLoginFlowAlias": found.post_flow or None,
    }  # fmt: skip
    if any(held[key] != value for key, value in wanted.items() if key in held):
        raise Conflict(_("Keycloak holds something else than was written."))


def mappers_of(protocol: str, attributes: Mapping[str, str]) -> list[Mapper]:
    """The mappers that feed people's fields. Names follow at every sign-in, address and username are taken once."""
    saml = protocol == SAML
    return [
        Mapper("", f"{OWN}{field}", KINDS[saml], {
            "syncMode": "INHERIT" if field in {"email", "username"} else "FORCE",
            ("attribute.name" if saml else "claim"): name,
            "user.attribute": field,
        })
        for field, name in sorted(attributes.items())
        if name
    ]  # fmt: skip
