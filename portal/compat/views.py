"""The addresses of this API, as WorkOS's clients call them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from portal.actor import Actor
from portal.compat import connections, domains, it_contacts, organizations, portal_links, shapes
from portal.compat.face import admitted, caller, check_scope, keycloak_id, repeated, text
from portal.compat.listing import window
from portal.compat.shapes import PublicId
from portal.keys.once import Answer
from portal.web import right
from portal.web.sent import json_object
from portal.web.vendor import PREFIX, Unknown

compat = Blueprint("compat", __name__, url_prefix=PREFIX)

ORGANIZATION, DOMAINS, CONNECTIONS = "/organizations/<organization_id>", "/organization_domains", "/connections"
CONTACTS = f"{ORGANIZATION}/it_contacts"


@compat.get("/organizations")
@right("organizations.list")
def list_organizations() -> Response:
    """`GET /organizations`."""
    wanted, actor = window(request.args), admitted(caller(), "organizations.list")
    names = [each.strip().lower() for each in request.args.get("domains", "").split(",") if each.strip()]
    return jsonify(organizations.listed(actor, wanted, request.args.get("search", "")[:100], names))


@compat.post("/organizations")
@right("organizations.create")
def create_organization() -> Response:
    """`POST /organizations`."""
    actor = admitted(caller(), "organizations.create")
    sent = json_object()
    names = domains.named(sent) or []
    if names:
        check_scope(actor, "domains.manage")

    return repeated(actor, sent, lambda: Answer(201, organizations.create(actor, sent, names)))


@compat.get(ORGANIZATION)
@right("organization.view")
def get_organization(organization_id: str) -> Response:
    """`GET /organizations/{id}`."""
    return jsonify(organizations.shown(admitted(caller(), "organization.view", organization_id)))


@compat.get("/organizations/external_id/<path:external_id>")
@right("organization.view")
def get_organization_by_external_id(external_id: str) -> Response:
    """`GET /organizations/external_id/{external_id}`."""
    actor = caller()
    check_scope(actor, "organization.view")
    found = organizations.by_external_id(actor, external_id)
    try:
        return jsonify(organizations.shown(admitted(actor, "organization.view", found)))
    except Unknown as error:
        raise Unknown("Organization", external_id) from error


@compat.put(ORGANIZATION)
@right("organization.edit")
def update_organization(organization_id: str) -> Response:
    """`PUT /organizations/{id}`."""
    actor = admitted(caller(), "organization.edit", organization_id)
    sent = json_object()
    names = domains.named(sent)
    if names is not None:
        check_scope(actor, "domains.manage")
    organizations.update(actor, sent)
    if names is not None:
        domains.replace(actor, names)
    return jsonify(organizations.shown(actor))


@compat.delete(ORGANIZATION)
@right("organization.erase")
def delete_organization(organization_id: str) -> Response:
    """`DELETE /organizations/{id}`."""
    organizations.remove(admitted(caller(), "organization.erase", organization_id))
    return Response(status=204)


@compat.post(DOMAINS)
@right("domains.manage")
def create_organization_domain() -> Response:
    """`POST /organization_domains`."""
    actor, sent = caller(), json_object()
    check_scope(actor, "domains.manage")
    name = text(sent, "domain", required=True, longest=300)
    organization = text(sent, "organization_id", required=True, longest=100)
    actor = admitted(actor, "domains.manage", organization, "organization_id")
    return repeated(actor, sent, lambda: Answer(201, domains.add(actor, name)))


@compat.get(f"{DOMAINS}/<domain_id>")
@right("domains.view")
def get_organization_domain(domain_id: str) -> Response:
    """`GET /organization_domains/{id}`."""
    actor = caller()
    check_scope(actor, "domains.view")
    row = domains.known(actor, domain_id)
    return jsonify(shapes.domain(domains.find(_there(actor, "domains.view", row, domain_id), row)))


def _there(actor: Actor, name: str, row: PublicId, given: str) -> Actor:
    """The caller at the organization of a thing; what may not be reached is not there."""
    try:
        return admitted(actor, name, row.organization)
    except Unknown as error:
        raise Unknown(domains.WHAT if row.kind == "domain" else connections.WHAT, given) from error


@compat.post(f"{DOMAINS}/<domain_id>/verify")
@right("domains.manage")
def verify_organization_domain(domain_id: str) -> Response:
    """`POST /organization_domains/{id}/verify`. Looking twice does no harm, so each request looks."""
    actor = caller()
    check_scope(actor, "domains.manage")
    row = domains.known(actor, domain_id)
    return jsonify(domains.check(_there(actor, "domains.manage", row, domain_id), row))


@compat.delete(f"{DOMAINS}/<domain_id>")
@right("domains.manage")
def delete_organization_domain(domain_id: str) -> Response:
    """`DELETE /organization_domains/{id}`."""
    actor = caller()
    check_scope(actor, "domains.manage")
    row = domains.known(actor, domain_id)
    domains.remove(_there(actor, "domains.manage", row, domain_id), row)
    return Response(status=204)


@compat.get(CONNECTIONS)
@right("sso.view")
def list_connections() -> Response:
    """`GET /connections`, of one organization or of all that have some made with the portal."""
    wanted, actor = window(request.args), caller()
    check_scope(actor, "sso.view")
    given = request.args.get("organization_id", "")
    if given:
        found = connections.of_organization(admitted(actor, "sso.view", given, "organization_id"))
    else:
        found = _everywhere(actor)
    return jsonify(connections.page(found, wanted, request.args))


def _everywhere(actor: Actor) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for owner in connections.owners(actor):
        try:
            found += connections.of_organization(admitted(actor, "sso.view", owner))
        except Unknown:
            continue  # deleted at Keycloak, or not among those the key is for
    return found


@compat.get(f"{CONNECTIONS}/<connection_id>")
@right("sso.view")
def get_connection(connection_id: str) -> Response:
    """`GET /connections/{id}`."""
    actor = caller()
    check_scope(actor, "sso.view")
    row = connections.known(actor, connection_id)
    return jsonify(connections.one(_there(actor, "sso.view", row, connection_id), row))


@compat.get(CONTACTS)
@right("links.view")
def list_it_contacts(organization_id: str) -> Response:
    """`GET /organizations/{id}/it_contacts`."""
    return jsonify(it_contacts.listed(admitted(caller(), "links.view", organization_id)))


@compat.post(f"{CONTACTS}/<contact_id>/revoke")
@right("links.revoke")
def revoke_it_contact(organization_id: str, contact_id: str) -> Response:
    """`POST /organizations/{id}/it_contacts/{contact_id}/revoke`."""
    it_contacts.revoke(admitted(caller(), "links.revoke", organization_id), contact_id)
    return Response(status=204)


@compat.post("/portal/generate_link")
@right("links.generate")
def generate_link() -> Response:
    """`POST /portal/generate_link`."""
    actor, sent = caller(), json_object()
    check_scope(actor, "links.generate")
    organization = text(sent, "organization", required=True, longest=100)
    keycloak_id(organization, "organization")
    wanted = portal_links.intent(sent)
    actor = admitted(actor, "links.generate", organization, "organization")
    return repeated(actor, sent, lambda: Answer(201, portal_links.generate(actor, sent, wanted), secret=True))


@compat.post("/portal/revoke_link")
@right("links.revoke")
def revoke_link() -> Response:
    """`POST /portal/revoke_link`. Once revoked they stay so: a repeat finds nothing to end."""
    actor, sent = caller(), json_object()
    check_scope(actor, "links.revoke")
    organization = text(sent, "organization", required=True, longest=100)
    user = text(sent, "external_user_id", required=True, longest=255)
    portal_links.revoke(admitted(actor, "links.revoke", organization, "organization"), user)
    return Response(status=204)
