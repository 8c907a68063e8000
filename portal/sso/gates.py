"""What stands between a connection and going live."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.access import Grant, grant
from portal.actor import Actor
from portal.clients.connections_allowed import SAML
from portal.clients.connections_types import IdentityProvider
from portal.clients.outbound import policy_from
from portal.errors import Conflict, Invalid
from portal.sso.addresses import is_plain, plain_origins
from portal.sso.certificates import Certificate, read_certificates
from portal.sso.weaknesses import Weakness
from portal.store import connections
from portal.store.models_sso import Connection

# Of a certificate: what lets others sign in its place, or nobody at all.
DANGEROUS = frozenset({"certificate-expired", "certificate-not-yet", "certificate-sha1", "certificate-short"})
# Addresses that a sign-in calls.
CALLED = ("singleSignOnServiceUrl", "authorizationUrl", "tokenUrl", "jwksUrl", "userInfoUrl")
SEVERAL = "_providerConfig.orgs.config.multipleIdps"


def check_proved(actor: Actor, row: Connection, provider: IdentityProvider) -> None:
    """Raise `Conflict` unless a test of what is saved passed, nothing in it is dangerously weak, and the organization
    has a verified domain."""
    if not (row.tested or row.waived_by_name):
        raise Conflict(_("Test this connection first: nobody has signed in by it as it is saved now."))
    if found := weak(actor, provider):
        raise Conflict(_("Too weak to go live: %(reasons)s", reasons=" ".join(each.text for each in found)))
    proved = verified(actor)
    if not proved:
        raise Conflict(
            _(
                "%(name)s has no verified domain yet. Prove one first: only its people may come in.",
                name=actor.here.label,
            )
        )
    if foreign := set(row.domains) - proved:
        raise Conflict(_("Not verified: %(domains)s.", domains=", ".join(sorted(foreign))))


def weak(actor: Actor, provider: IdentityProvider) -> tuple[Weakness, ...]:
    """What keeps a connection from going live unless an operator lets it: answers that anybody could make.

    A certificate that has expired does no harm beside one that has not.
    """
    config, found = provider.config, []
    if config.get("validateSignature") != "true":
        found.append(Weakness("unsigned-allowed"))
    plain = plain_origins(policy_from(actor.services.settings))
    found += [Weakness("http", config[key]) for key in CALLED if is_plain(config.get(key, ""), plain)]
    if provider.protocol == SAML:
        trusted = _certificates(config.get("signingCertificate", ""))
        valid = [each for each in trusted if each.days_left() >= 0]
        found += [each for one in valid or trusted for each in one.weaknesses if each.code in DANGEROUS]
    return tuple(dict.fromkeys(found))


def _certificates(body: str) -> tuple[Certificate, ...]:
    try:
        return read_certificates(body) if body else ()
    except Invalid:
        return ()


def verified(actor: Actor) -> set[str]:
    """The domains of the organization that Keycloak holds verified."""
    found = actor.services.orgs.domains(grant(actor, "sso.view", actor.here.id), actor.here.id)
    return {each.name for each in found if each.verified}


def check_alone(actor: Actor, granted: Grant, row: Connection) -> None:
    """Raise `Conflict` if it stands in the way of another one: each domain leads to exactly one connection."""
    others = live(actor, granted, row.alias)
    if not others:
        return
    names = ", ".join(each.display_name or each.alias for each in others)
    if not several(actor):
        text = _("Another connection is active: %(names)s. Disable it first; people keep their accounts.", names=names)
        raise Conflict(text)
    if not row.domains:
        raise Conflict(_("Choose which domains lead to this connection: another one is active as well."))
    if taken := set(row.domains) & {domain for each in others for domain in each.domains}:
        raise Conflict(_("These lead to another connection already: %(domains)s.", domains=", ".join(sorted(taken))))


def live(actor: Actor, granted: Grant, but: str) -> list[IdentityProvider]:
    """The other connections of the organization by which people sign in."""
    found = actor.services.connections.all(granted, actor.here.id)
    return [each for each in found if each.enabled and not each.pending and each.alias != but]


def several(actor: Actor) -> bool:
    """Whether the operator lets this organization have several connections, and the realm routes by domain."""
    allowed = connections.policy(actor.services.store, actor.realm.name, actor.here.id).several
    return allowed and actor.services.realm_facts(actor.realm.name).attributes.get(SEVERAL) == "true"
