"""One look at a domain's record, and everything that follows from what was seen."""

from __future__ import annotations

from typing import Any

import structlog

from portal.actor import Actor, portal_itself
from portal.audit import audited, note
from portal.clients.dns import Diagnosis
from portal.clients.orgs_types import Organization
from portal.domains import letters, proving, schedule
from portal.domains.records import record_name, record_value
from portal.errors import NotFound, Upstream
from portal.store import domains, now
from portal.store.domains import FAILING, LAPSED, PENDING, PROVED, VERIFIED
from portal.store.models_organizations import Domain

log = structlog.get_logger("portal.domains")
TAG, HELD = "domains.manage", "held"


def diagnose(actor: Actor, name: str) -> Diagnosis:
    """Ask the domain's name servers. Takes five seconds at most and raises nothing, whatever they do."""
    value = record_value(name, actor.here.id)
    return actor.services.dns.diagnose(name, record_name(name), value)


def follow(actor: Actor, row: Domain, diagnosis: Diagnosis, *, asked: bool) -> Domain:
    """Carry out what a look means; `asked`: a person wanted it. Returns the claim as it is then.

    Raises `NotFound` if the claim was removed meanwhile, `Conflict`, `Denied`, `Upstream`.
    """
    with proving.held(actor, row.name):
        present = domains.get(actor.services.store, row.realm, row.organization, row.name)
        if present is None:
            raise NotFound("the claim is gone")
        kept = schedule.finding(present, diagnosis)
        values = _seen(actor, present, asked=asked) if diagnosis.verified else _unseen(actor, present, diagnosis)
        values["finding"] = {**kept, **values.pop("finding", {})}
        due = schedule.next_look(values["state"], present, diagnosis)
        domains.change(actor.services.store, present, checked=diagnosis.checked_at, due=due, **values)
    return present


def _seen(actor: Actor, row: Domain, *, asked: bool) -> dict[str, Any]:
    """The record is where it belongs."""
    verified = proving.listed(actor).get(row.name)
    if verified is None and row.state in {VERIFIED, FAILING} and not asked:
        # Somebody took it out in Keycloak itself: that is not undone behind his back.
        return {"state": VERIFIED, "failing_since": None}
    if not verified and _refused(actor, row):
        return {"state": PENDING, "failing_since": None, "finding": {"refused": HELD}}
    before = row.state
    state = VERIFIED if verified or _proved(actor, row, listed=verified is not None) else PROVED
    if state == VERIFIED and before != VERIFIED:
        if verified is not None and (verified or before == PROVED):
            note(actor, TAG, row.name, {"state": before}, {"deed": "verify", "state": state})
        if not asked:
            letters.send(actor, row.name, letters.VERIFIED)
    since = row.verified if before in {VERIFIED, FAILING} else None
    return {"state": state, "failing_since": None, "verified": (since or now()) if state == VERIFIED else None}


def _proved(actor: Actor, row: Domain, *, listed: bool) -> bool:
    """List it in Keycloak, and say whether it is verified there.

    The state is written first: if this is cut off, a record that disappears still takes the domain out again.
    """
    if row.state == PROVED and listed:  # recorded when it was listed
        return proving.put(actor, row.name)
    with audited(actor, TAG, row.name, {"state": row.state}, {"deed": "verify"}) as record:
        domains.change(actor.services.store, row, state=PROVED)
        verified = proving.put(actor, row.name)
        record.after["state"] = VERIFIED if verified else PROVED
    return verified


def _refused(actor: Actor, row: Domain) -> bool:
    holder = proving.rival(actor, row.name)
    if holder and row.finding.get("refused") != HELD:  # told once, not with each look
        note(actor, TAG, row.name, {"state": row.state}, {"deed": "verify", "refused": HELD})
        tell_operators(actor, row.name, holder)
    return bool(holder)


def _unseen(actor: Actor, row: Domain, diagnosis: Diagnosis) -> dict[str, Any]:
    """The record is not where it belongs."""
    outcome = schedule.unseen(row, diagnosis)
    before = {"state": row.state}
    if outcome.state == FAILING and row.state == VERIFIED:
        letters.send(actor, row.name, letters.FAILING, diagnosis.checked_at)
        note(actor, TAG, row.name, before, {"deed": "fail", "state": FAILING})
    elif outcome.state == LAPSED:
        _lapse(actor, row, before)
    elif outcome.state != row.state:
        _withdraw(actor, row, before, outcome.state)
    return {"state": outcome.state, "failing_since": outcome.failing_since}


def _lapse(actor: Actor, row: Domain, before: dict[str, str]) -> None:
    """The state is written first: a lapsed domain that Keycloak still lists is taken out with the next look."""
    if row.state != LAPSED:
        letters.send(actor, row.name, letters.LAPSED, row.failing_since)
        domains.change(actor.services.store, row, state=LAPSED)
    _withdraw(actor, row, before, LAPSED)


def _withdraw(actor: Actor, row: Domain, before: dict[str, str], state: str) -> None:
    """Take it out of Keycloak, where it would go on leading people to the organization's sign-in."""
    if row.name not in proving.listed(actor):
        return
    with audited(actor, TAG, row.name, before, {"deed": "lapse", "state": state}):
        proving.take_out(actor, row.name)


def tell_operators(actor: Actor, name: str, holder: str) -> None:
    """Somebody claims what another organization has proved: operators read it in the log, the holder gets a mail."""
    log.warning(
        "domain of another organization claimed", realm=actor.realm.name, domain=name, organization=actor.here.id,
        holder=holder, by=actor.sub or actor.kind, request_id=actor.request_id,
    )  # fmt: skip
    try:
        other = portal_itself(actor.services, actor.realm, Organization(holder, ""))
        letters.send(other, name, letters.CLAIMED, once=actor.here.id)
    except (NotFound, Upstream) as error:
        log.warning("holder of a domain not told", realm=actor.realm.name, domain=name, error=type(error).__name__)
