"""Who belonged to which organization when, and so whose a person's deeds are.

A person's deed belongs to an organization if he belonged to it then and to no other, or if he came through an identity
provider of it. Joining and leaving are taken from Keycloak's log; what happened without a record is found by comparing
with what Keycloak says now, once an hour for each person who is active.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access_grant import event_reader
from portal.errors import NotFound, PortalError, Upstream
from portal.services import Services
from portal.store.models_organizations import EventPerson, Membership

COMPARED = timedelta(hours=1)


@dataclass
class Found:
    """What Keycloak says of somebody now. `organizations` is None where there are too many to read."""

    name: str
    organizations: frozenset[str] | None


def look_up(services: Services, realm: str, person: str) -> Found:
    """Name and organizations of somebody; nothing for an account that is gone or of another realm. `Upstream`."""
    asked = event_reader(realm, person)
    try:
        name = services.admin.person(asked, person).label
    except NotFound:
        return Found("", frozenset())
    try:
        return Found(name, services.orgs.organizations_of(asked, person))
    except NotFound:
        return Found(name, frozenset())
    except Upstream:
        return Found(name, None)


@dataclass
class People:
    """The memberships and names that a batch of events needs, loaded once and kept up with it.

    `begun` is when the realm's log was first read: what was found without a record counts from then on.
    """

    realm: str
    begun: datetime
    memberships: dict[str, list[Membership]] = field(default_factory=lambda: defaultdict(list))
    known: dict[str, EventPerson] = field(default_factory=dict)
    owned: dict[str, frozenset[str]] = field(default_factory=dict)
    told: set[tuple[str, str]] = field(default_factory=set)

    def load(self, session: Session, people: Collection[str]) -> None:
        """Read what is known of these people."""
        wanted = [person for person in people if person and person not in self.known]
        for part in _parts(wanted):
            rows = select(Membership).where(Membership.realm == self.realm, Membership.person.in_(part))
            for row in session.scalars(rows.order_by(Membership.since)):
                self.memberships[row.person].append(row)
            named = select(EventPerson).where(EventPerson.realm == self.realm, EventPerson.id.in_(part))
            self.known.update({each.id: each for each in session.scalars(named)})

    def stale(self, people: Iterable[str], at: datetime, *, always: bool) -> list[str]:
        """Those to be compared with Keycloak before anything is decided about them."""
        return sorted(
            person for person in set(people)
            if person and (always or person not in self.known or at - self.known[person].checked > COMPARED)
        )  # fmt: skip

    def name(self, person: str) -> str:
        """The name last seen, or an empty string."""
        return self.known[person].name if person in self.known else ""

    def joined(self, organization: str, person: str, at: datetime) -> None:
        """Somebody was seen to join."""
        self.told.add((organization, person))
        present = self._open(organization, person)
        if present is None and not any(r.since == at for r in self._rows(organization, person)):
            self._add(organization, person, at, seen=True)
        elif present is not None and not present.seen:
            # Found by comparing before the record of joining was read.
            present.since, present.seen = at, True

    def left(self, organization: str, person: str, at: datetime) -> None:
        """Somebody was seen to leave, whether or not the joining was."""
        self.told.add((organization, person))
        present = self._open(organization, person)
        if present is not None:
            if present.since <= at:
                present.until = at
            return
        last = next(iter(sorted(self._rows(organization, person), key=lambda row: row.since, reverse=True)), None)
        if last is None:
            self._add(organization, person, min(self.begun, at), until=at)
        elif last.until is not None and last.since <= at < last.until:
            last.until = at

    def gone(self, person: str, at: datetime) -> None:
        """The account was deleted: all its memberships end."""
        for row in self.memberships[person]:
            row.until = row.until or at

    def compare(self, person: str, found: Found, at: datetime, *, abreast: bool) -> None:
        """Take over what Keycloak said at that moment, where no record told it.

        While older records wait to be read (not `abreast`) only the name is taken, and comparing is left for later.
        """
        compared = person in self.known and self.known[person].checked >= self.begun
        since = at if compared else self.begun
        if person not in self.known:
            self.known[person] = EventPerson(realm=self.realm, id=person, name="", checked=at, many=False)
        row = self.known[person]
        row.checked, row.many = at if abreast else self.begun - COMPARED * 2, found.organizations is None
        row.name = (found.name or row.name)[:255]
        if found.organizations is None or not abreast:
            return
        for organization in found.organizations:
            if self._open(organization, person) is None and (organization, person) not in self.told:
                self._add(organization, person, since)
        for each in self.memberships[person]:
            missing = each.organization not in found.organizations and (each.organization, person) not in self.told
            if each.until is None and missing:
                each.until = max(each.since, at)

    def belonged(self, organization: str, person: str, at: datetime) -> bool:
        """Whether somebody belonged to the organization at that moment, as far as that was seen."""
        return any(row.since <= at and _not_over(row, at) for row in self._rows(organization, person))

    def owner(self, person: str, at: datetime) -> str:
        """The one organization that somebody belonged to at that moment; empty if none, or if there were others."""
        if person not in self.known or self.known[person].many:
            return ""
        here = {row.organization for row in self.memberships[person] if row.since <= at and _not_over(row, at)}
        # Where the joining was not seen, it may have been before.
        perhaps = {row.organization for row in self.memberships[person] if not row.seen and _not_over(row, at)}
        return next(iter(here)) if len(here) == 1 and perhaps <= here else ""

    def through(self, services: Services, person: str, provider: str, at: datetime) -> str:
        """The organization of these that owns the identity provider somebody came through, or an empty string."""
        for organization in sorted({row.organization for row in self.memberships[person]}):
            if self.belonged(organization, person, at) and provider in self._providers(services, organization):
                return organization
        return ""

    def _providers(self, services: Services, organization: str) -> frozenset[str]:
        if organization not in self.owned:
            try:
                asked = event_reader(self.realm, organization)
                self.owned[organization] = services.orgs.identity_providers(asked, organization)
            except PortalError:
                self.owned[organization] = frozenset()
        return self.owned[organization]

    def _rows(self, organization: str, person: str) -> list[Membership]:
        return [row for row in self.memberships[person] if row.organization == organization]

    def _open(self, organization: str, person: str) -> Membership | None:
        return next((row for row in self._rows(organization, person) if row.until is None), None)

    def _add(
        self, organization: str, person: str, since: datetime, until: datetime | None = None, *, seen: bool = False
    ) -> None:
        row = Membership(
            realm=self.realm, organization=organization, person=person, since=since, until=until, seen=seen
        )
        self.memberships[person].append(row)


def _not_over(row: Membership, at: datetime) -> bool:
    return row.until is None or at <= row.until


def _parts(items: list[str], size: int = 400) -> Iterable[list[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))
