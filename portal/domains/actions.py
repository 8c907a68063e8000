"""Domains of an organization: seeing, adding, checking and removing them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _

from portal.actor import Actor
from portal.audit import audited, own, take_back
from portal.domains import forms, looks, proving
from portal.domains.names import DomainName, known
from portal.errors import Conflict, Invalid, NotFound, TooMany
from portal.store import domains, now
from portal.store.counters import hit
from portal.store.domains import FAILING, PENDING, PROVED, VERIFIED
from portal.store.models_organizations import Domain

MOST = 100
LOOKS, WINDOW = 6, 60
UNDO = timedelta(hours=1)
# Listed in Keycloak without proof; taken out there behind the portal's back.
UNPROVED, GONE = "unproved", "gone"


@dataclass(frozen=True)
class Claim:
    """A domain as people see it. `kept`: the portal has a row of it; otherwise it was found in Keycloak."""

    row: Domain
    state: str
    kept: bool = True

    @property
    def name(self) -> DomainName:
        """Both forms of the name."""
        return known(self.row.name)

    @property
    def verified(self) -> bool:
        """Whether portal and Keycloak have seen its record."""
        return self.state == VERIFIED

    @property
    def in_use(self) -> bool:
        """Whether Keycloak leads people by it."""
        return self.state in {VERIFIED, FAILING, PROVED}


def claims(actor: Actor) -> list[Claim]:
    """Every domain of the organization, the portal's own and those that Keycloak lists, by name."""
    listed = {each.name: each.verified for each in actor.orgs.domains(actor.here.id)}
    rows = domains.of_organization(actor.services.store, actor.realm.name, actor.here.id)
    ours = [Claim(row, _state(row, listed)) for row in rows]
    others = set(listed) - {row.name for row in rows}
    found = [_found(actor, name, verified=listed[name]) for name in others]
    return sorted([*ours, *found], key=lambda claim: claim.name.unicode)


def _state(row: Domain, listed: dict[str, bool]) -> str:
    if row.state in {VERIFIED, FAILING} and row.name not in listed:
        return GONE
    return PROVED if row.state == VERIFIED and not listed[row.name] else row.state


def _found(actor: Actor, name: str, *, verified: bool) -> Claim:
    row = claim_of(actor, name, VERIFIED if verified else PENDING)
    return Claim(row, VERIFIED if verified else UNPROVED, kept=False)


def claim_of(actor: Actor, name: str, state: str = PENDING) -> Domain:
    """A new row, not kept yet."""
    present = now()
    return Domain(
        realm=actor.realm.name, organization=actor.here.id, name=name, state=state, added=present,
        added_by=actor.sub, added_by_name=actor.label[:255], verified=present if state == VERIFIED else None,
        failing_since=None, checked=None, due=present, finding={},
    )  # fmt: skip


def find(actor: Actor, name: str) -> Claim:
    """One domain of the organization. Raises `NotFound`."""
    for claim in claims(actor):
        if claim.row.name == name:
            return claim
    raise NotFound("no such domain of this organization")


def add(actor: Actor, name: DomainName) -> Domain:
    """Claim a domain and look for its record at once. Raises `Invalid` for the field `domain`.

    What another organization has proved, itself or above, is refused; operators are told whose it is.
    """
    _check_new(actor, name)
    with audited(actor, looks.TAG, name.ascii, after={"deed": "add", "state": PENDING}) as record:
        holder = proving.rival(actor, name.ascii)
        if holder:
            record.after.update(state="", refused=looks.HELD)
            looks.tell_operators(actor, name.ascii, holder)
            raise Invalid({"domain": held_text()})
        row = claim_of(actor, name.ascii)
        _keep(actor, row)
    return _looked_at(actor, row)


def held_text() -> str:
    """Why a domain of somebody else is refused: not whose it is."""
    return _(
        "This domain, or the one above it, is verified by another organization. Those who run this portal know of your "
        "wish; ask them if it is yours."
    )


def _check_new(actor: Actor, name: DomainName) -> None:
    present = claims(actor)
    if any(claim.row.name == name.ascii for claim in present):
        raise Invalid({"domain": _("%(domain)s is among your domains already.", domain=name.unicode)})
    if len(present) >= MOST:
        raise Invalid({"domain": _("An organization can have %(most)d domains here.", most=MOST)})


def _keep(actor: Actor, row: Domain) -> None:
    try:
        domains.insert(actor.services.store, row)
    except Conflict as error:
        shown = known(row.name).unicode
        raise Invalid({"domain": _("%(domain)s is among your domains already.", domain=shown)}) from error


def _looked_at(actor: Actor, row: Domain) -> Domain:
    """A first look, unless there were too many of late: the background makes it then."""
    try:
        _count_look(actor)
    except TooMany:
        return row
    return looks.follow(actor, row, looks.diagnose(actor, row.name), asked=True)


def _count_look(actor: Actor) -> None:
    hit(actor.services.store, f"domains.look:{actor.realm.name}:{actor.here.id}", LOOKS, WINDOW)


def check(actor: Actor, name: str) -> Domain:
    """Look for the record now and do what follows. Raises `NotFound`, `Conflict`, `TooMany`, `Upstream`."""
    claim = find(actor, name)
    if not claim.kept:
        _check_acceptable(actor, name)
    _count_look(actor)
    if not claim.kept:
        _keep(actor, claim.row)
    return looks.follow(actor, claim.row, looks.diagnose(actor, name), asked=True)


def _check_acceptable(actor: Actor, name: str) -> None:
    """A name that came into Keycloak by another way may be one that nobody can own."""
    try:
        parsed = forms.read(actor, name)
    except Invalid as error:
        raise Conflict(error.errors["domain"]) from error
    if parsed.ascii != name:
        raise Conflict(_("Keycloak holds this name in another form. Remove it and add it again."))


def remove(actor: Actor, name: str) -> str:
    """Take a domain away from the organization, in Keycloak too; returns the record by which it can be undone."""
    claim = find(actor, name)
    before, store = {"state": claim.state}, actor.services.store
    with proving.held(actor, name), audited(actor, looks.TAG, name, before, {"deed": "remove"}) as record:
        proving.take_out(actor, name)
        domains.remove(store, actor.realm.name, actor.here.id, name)
    return record.id


def restore(actor: Actor, record_id: str) -> Domain:
    """Undo a removal within the hour: the domain is claimed again, and verified if its record is still there.

    Raises `NotFound`, and `Conflict` if it is there again already.
    """
    row = own(actor, record_id, looks.TAG)
    if row.organization != actor.here.id or row.after.get("deed") != "remove" or now() - row.at > UNDO:
        raise NotFound("not a removal that can be undone")
    if any(claim.row.name == row.target for claim in claims(actor)):
        raise Conflict(_("This domain is among your domains already."))
    take_back(actor, row)
    claim = claim_of(actor, str(row.target))
    with audited(actor, looks.TAG, claim.name, {}, {"deed": "restore", "undoes": row.id, "state": PENDING}):
        domains.insert(actor.services.store, claim)
    return _looked_at(actor, claim)
