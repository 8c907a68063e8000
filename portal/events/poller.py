"""The one reader of Keycloak's log: fills the projection that the pages of events are made of.

By time with an overlap, unique by event id. Keycloak's time counts, so clocks need not agree.
"""

from __future__ import annotations

import time
from contextlib import suppress

import structlog
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from portal.access_grant import event_reader
from portal.clients.orgs_service import READ, SETUP
from portal.errors import PortalError
from portal.events import cursors, matching
from portal.events.batch import Batch, read
from portal.events.belonging import People
from portal.events.projecting import Draft, of_change, of_event
from portal.services import Services
from portal.store import now, webhooks
from portal.store.leases import release, renew, try_lease
from portal.store.models_organizations import EventRow, Membership
from portal.webhooks.news import of_events

LEASE = 120
# Seconds one call may take before it leaves the rest to the next.
PATIENCE = 5

# Written by Keycloak each time a proof is looked up, and the portal has it looked up again and again: no change.
ROUTINE = {"DOMAIN.UPDATE"}

log = structlog.get_logger("portal.events")


def poll(services: Services, realm: str) -> int:
    """Read what is new; returns how many rows were added. Does nothing while another process reads this realm.

    Raises `Upstream` when Keycloak cannot be asked; nothing is lost by that.
    """
    name = f"events:{realm}"
    holder = try_lease(services.store, name, LEASE)
    if not holder:
        return 0
    added, deadline = 0, time.monotonic() + PATIENCE
    try:
        while True:
            new, complete = _step(services, realm)
            added += new
            if complete or time.monotonic() > deadline or not renew(services.store, name, holder, LEASE):
                return added
    finally:
        release(services.store, name, holder)


def _step(services: Services, realm: str) -> tuple[int, bool]:
    facts = services.realms.peek(realm, 0.0)
    with services.store.read() as session:
        state = cursors.load(session, realm, facts, now())
    people = People(realm, state.begun)
    batch = read(services, realm, state, people, always=not facts.admin_events_enabled)
    drafts = _drafts(batch)
    _take_memberships(people, batch, drafts)
    rows = _rows(services, people, drafts)
    added = _save(services, people, batch, rows, state)
    for row in added:
        # What happened before the portal kept records here cannot have one.
        if row.at >= state.begun:
            _alarm(row)
    return len(added), batch.complete


def _drafts(batch: Batch) -> list[Draft]:
    drafts = [draft for draft in map(of_event, batch.events) if draft] + [of_change(each) for each in batch.changes]
    return sorted(drafts, key=lambda draft: draft.at)


def _take_memberships(people: People, batch: Batch, drafts: list[Draft]) -> None:
    """Take joining and leaving from the log first, then what looking people up adds to that."""
    for draft in drafts:
        if draft.kind == "ORGANIZATION_MEMBERSHIP.CREATE":
            people.joined(draft.organization, draft.person, draft.at)
        elif draft.kind == "ORGANIZATION_MEMBERSHIP.DELETE":
            people.left(draft.organization, draft.person, draft.at)
        elif draft.hint and draft.organization in (_organizations(batch, draft.person) or ()):
            people.joined(draft.organization, draft.person, draft.at)
        elif draft.kind in {"USER.DELETE", "DELETE_ACCOUNT"} and not draft.failed:
            people.gone(draft.person, draft.at)
    for person, found in batch.looked_up.items():
        people.compare(person, found, batch.at, abreast=batch.abreast)


def _organizations(batch: Batch, person: str) -> frozenset[str] | None:
    return batch.looked_up[person].organizations if person in batch.looked_up else None


def _rows(services: Services, people: People, drafts: list[Draft]) -> list[EventRow]:
    own = _own_accounts(services, people.realm)
    with services.store.read() as session:
        audit = matching.load(session, people.realm, [draft for draft in drafts if "." in draft.kind])
    rows = []
    for draft in drafts:
        organization = _whose(services, people, draft)
        record = audit.of(draft, own) if "." in draft.kind else ""
        unexplained = draft.actor in own and not record
        if unexplained and draft.kind in ROUTINE:
            continue
        if unexplained or (organization and draft.shown):
            rows.append(_row(people, draft, organization, record, own))
    return rows


def _own_accounts(services: Services, realm: str) -> frozenset[str]:
    """The accounts behind the portal's service clients; a client that is not configured has none."""
    found = set()
    for kind in (READ, SETUP):
        with suppress(PortalError):
            found.add(services.orgs.account(event_reader(realm), kind))
    with suppress(PortalError):
        found.add(services.accounts.account(event_reader(realm)))
    return frozenset(found)


def _whose(services: Services, people: People, draft: Draft) -> str:
    if draft.organization:
        return draft.organization
    alone = people.owner(draft.person, draft.at)
    provider = str(draft.details.get("identity_provider", ""))
    return alone or (people.through(services, draft.person, provider, draft.at) if provider else "")


def _row(people: People, draft: Draft, organization: str, record: str, own: frozenset[str]) -> EventRow:
    actor = "operator"
    if draft.actor == draft.person:
        actor = ""
    elif draft.actor in own:
        actor = "service"
    elif people.belonged(organization, draft.actor, draft.at):
        actor = draft.actor
    return EventRow(
        id=draft.id, realm=people.realm, organization=organization, at=draft.at, kind=draft.kind, person=draft.person,
        person_name=people.name(draft.person), actor=actor, actor_name=people.name(draft.actor) if actor == draft.actor
        else "", failed=draft.failed, record=record, details=dict(draft.details),
    )  # fmt: skip


def _save(
    services: Services, people: People, batch: Batch, rows: list[EventRow], state: cursors.State
) -> list[EventRow]:
    """Everything of one look in one transaction; returns the rows that were new."""
    realm = people.realm
    unique = {(row.id, row.organization): row for row in rows}
    with services.store.write() as session:
        known = _stored(session, [id_ for id_, _organization in unique])
        added = [row for key, row in unique.items() if key not in known]
        session.add_all([*added, *people.known.values()])
        session.add_all(row for memberships in people.memberships.values() for row in memberships)
        for draft in (each for each in map(of_change, batch.changes) if each.kind == "ORGANIZATION.DELETE"):
            ended = update(Membership).where(Membership.realm == realm, Membership.organization == draft.organization)
            session.execute(ended.where(or_(Membership.until.is_(None))).values(until=draft.at))
        # What happened before the portal kept records is nobody's news.
        fresh = [row for row in added if row.at >= state.begun]
        webhooks.put(session, realm, of_events(session, fresh))
        state.advance(session, {name: batch.until(name) for name in cursors.SOURCES}, batch.complete, now())
    return added


def _stored(session: Session, ids: list[str]) -> set[tuple[str, str]]:
    """Which of these rows are there already."""
    found: set[tuple[str, str]] = set()
    for start in range(0, len(ids), 400):
        some = select(EventRow.id, EventRow.organization).where(EventRow.id.in_(ids[start : start + 400]))
        found |= {(str(id_), str(organization)) for id_, organization in session.execute(some)}
    return found


def _alarm(row: EventRow) -> None:
    """A service client of the portal changed something that the portal has no record of."""
    if row.actor == "service" and not row.record:
        log.warning("unexplained change", realm=row.realm, kind=row.kind, organization=row.organization, id=row.id)
