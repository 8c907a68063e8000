"""What the portal watches by itself: how long certificates last, and whether metadata still says what was saved."""

from __future__ import annotations

import time
from datetime import timedelta

import structlog

from portal.access_grant import upkeep
from portal.actor import Actor, portal_itself
from portal.clients.connections_types import IdentityProvider
from portal.clients.orgs_types import Organization
from portal.clients.outbound import policy_from
from portal.errors import Invalid, PortalError
from portal.jobs.periodic import register
from portal.mail.texts import Texts
from portal.services import Services
from portal.sso import ending, fetching, keycloak_config, letters, renewal
from portal.sso.actions import days_left
from portal.store import connections, now
from portal.store.connections import ACTIVE
from portal.store.models_sso import Connection

log = structlog.get_logger("portal.sso")
DAYS = (60, 30, 14, 7, 1)
# A connection is looked at once a night; the task comes round more often and finds those that are due.
NIGHT, TURN, MOST = timedelta(hours=24), 60, 50
# Seconds after which no further look begins: mails and jobs wait meanwhile, and addresses may be slow on purpose.
AT_MOST = 10.0


def watch(services: Services) -> int:
    """Look at the connections whose turn it is; returns how many."""
    rows = [row for realm in services.settings.realms for row in connections.of_realm(services.store, realm)]
    due = [row for row in rows if row.state == ACTIVE and (row.checked is None or now() - row.checked >= NIGHT)]
    until, done = time.monotonic() + AT_MOST, 0
    for row in sorted(due, key=lambda each: each.checked or each.created)[:MOST]:
        if time.monotonic() > until:
            break
        # Put off first: one that fails shall not keep the others waiting.
        connections.change(services.store, row, checked=now())
        look(services, row)
        done += 1
    return done


def look(services: Services, row: Connection) -> None:
    """Look at one connection, and write to those who can act where they must."""
    actor = portal_itself(services, services.realm(row.realm), Organization(row.organization, ""))
    granted = upkeep(row.realm, "sso.manage", row.organization, row.alias)
    try:
        found = services.connections.get(granted, row.organization, row.alias)
        connections.change(services.store, row, certificate_ends=ending.ends(found.config))
        remind(actor, row, found)
        if row.metadata_url:
            _compare(actor, row, found)
    except PortalError as error:
        log.info("connection not looked at", realm=row.realm, alias=row.alias, error=type(error).__name__)


def remind(actor: Actor, row: Connection, found: IdentityProvider) -> None:
    """Write once for each mark that the days left have passed."""
    left = days_left(found)
    mark = min((each for each in DAYS if left is not None and left <= each), default=None)
    if left is None or mark is None:
        return
    last = max(renewal.certificates(found.config), key=lambda each: each.not_after)

    def written(_: Texts, name: str) -> tuple[str, tuple[str, ...]]:
        subject = (
            _("The certificate of %(name)s has expired", name=name)
            if left < 0
            else _("The certificate of %(name)s expires in %(days)d days", name=name, days=left)
        )
        return subject, (
            _("The signing certificate of your identity provider is valid until %(day)s.", day=_.date(last.not_after)),
            _("Hand over the next one before: both are trusted for a while, and nobody’s sign-in fails."),
        )

    letters.send(actor, row, found.display_name or row.alias, f"certificate:{last.fingerprint[:32]}:{mark}", written)


def _compare(actor: Actor, row: Connection, found: IdentityProvider) -> None:
    policy = policy_from(actor.services.settings)
    try:
        if row.protocol == renewal.SAML:
            read = fetching.fetch_saml(row.metadata_url, policy, entity_id=found.config.get("idpEntityId", ""))
            config = keycloak_config.saml_config(read, actor.realm.issuer)
        else:
            config = keycloak_config.oidc_config(fetching.fetch_discovery(row.metadata_url, policy), "")
    except Invalid as error:
        log.info("metadata not read", realm=row.realm, alias=row.alias, reason=str(error.errors)[:200])
        return
    changes = renewal.differences(row.protocol, found.config, config)
    # What somebody handed over waits for a decision: the night neither replaces it nor takes it away.
    by_hand = renewal.by_hand(actor.services.store, row)
    if not changes:
        connections.change(actor.services.store, row, attention={}, **({} if by_hand else {"reading": {}}))
        return
    if not by_hand:
        renewal.keep(actor, row, config, "")
    serious = [each.kind for each in changes if each.severity != "note"]
    connections.change(actor.services.store, row, attention={"kind": "drift", "changes": serious} if serious else {})
    if serious:
        _tell(actor, row, found, ":".join(sorted(f"{each.kind}{each.after[:24]}" for each in changes))[:60])


def _tell(actor: Actor, row: Connection, found: IdentityProvider, mark: str) -> None:
    def written(_: Texts, name: str) -> tuple[str, tuple[str, ...]]:
        return _("The metadata of %(name)s has changed", name=name), (
            _("Your identity provider says something else of itself than what was saved here."),
            _("Nothing was changed. Look at what is new and decide: sign-ins may fail once the old no longer holds."),
        )

    letters.send(actor, row, found.display_name or row.alias, f"drift:{mark}", written)


register("sso.watch", TURN, watch)
