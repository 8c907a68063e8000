"""States and findings in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import format_timedelta
from flask_babel import gettext as _

from portal.clients.dns import State
from portal.domains.actions import GONE, UNPROVED, Claim, held_text
from portal.domains.records import record_name, record_value
from portal.store.domains import FAILING, LAPSED, PENDING, PROVED, VERIFIED


@dataclass(frozen=True)
class Told:
    """Something to show: `kind` is that of a banner or badge."""

    kind: str
    title: str
    text: str = ""
    icon: str = ""


def badge(state: str) -> Told:
    """A state in two or three words."""
    badges = {
        PENDING: Told("warn", _("Waiting for the record"), icon="clock"),
        PROVED: Told("warn", _("Almost done"), icon="clock"),
        VERIFIED: Told("ok", _("Verified"), icon="check"),
        FAILING: Told("bad", _("Record is gone"), icon="alert"),
        LAPSED: Told("bad", _("No longer verified"), icon="alert"),
        UNPROVED: Told("bad", _("Not verified"), icon="alert"),
        GONE: Told("warn", _("Taken out in Keycloak"), icon="alert"),
    }
    return badges[state]


def situation(claim: Claim, last_day: str) -> Told | None:
    """What is true of the domain until somebody acts; None where the badge says it all."""
    situations = {
        PROVED: Told("note", _("The record was found; Keycloak does not see it yet"), _(
            "Its name server still remembers the answer from before. It is asked again every ten minutes; there is "
            "nothing to do.")),
        FAILING: Told("bad", _("The record is gone"), _(
            "The domain still works. Publish the record again by %(day)s; otherwise it is taken out of the "
            "organization.", day=last_day)),
        LAPSED: Told("bad", _("The record was gone for too long"), _(
            "The domain was taken out of the organization, and people with such addresses are not led to its sign-in. "
            "Publish the record again, and it comes back by itself.")),
        UNPROVED: Told("bad", _("This domain is not verified"), _(
            "It was entered in Keycloak by another way. Publish the record and check, or remove it: until then sign-in "
            "may trust it without proof.")),
        GONE: Told("warn", _("This domain was taken out in Keycloak"), _(
            "Somebody did so by another way than this portal. Check to put it back, or remove it here too.")),
    }  # fmt: skip
    if claim.row.finding.get("refused"):
        return Told("bad", _("This domain cannot be verified here"), held_text())
    return situations.get(claim.state)


def used_for(state: str) -> str:
    """What the domain does for the organization."""
    if state in {VERIFIED, FAILING}:
        return _("Whoever signs in with such an address is led to the organization's own sign-in, if it has one.")
    return _("Nothing yet: a domain is used only after its record was found.")


def lasting(seconds: int) -> str:
    """A time to live, in words."""
    return format_timedelta(timedelta(seconds=max(1, seconds)), granularity="second", threshold=1.5)


def told(claim: Claim) -> Told | None:
    """What the last look found and what to do about it; None before the first."""
    kept = claim.row.finding
    if not kept.get("state"):
        return None
    name, zone = record_name(claim.row.name), str(kept.get("zone") or claim.row.name)
    tell = {
        State.VERIFIED: _there, State.MISSING: _missing, State.WRONG_VALUE: _wrong_value,
        State.WRONG_PLACE: _wrong_place, State.NO_ZONE: _no_zone, State.SERVER_FAILURE: _failure,
        State.TIMEOUT: _silence,
    }[State(kept["state"])]  # fmt: skip
    return tell(claim, name, zone)


def _there(_claim: Claim, _name: str, _zone: str) -> Told:
    return Told("ok", _("The record is there"), _("Leave it where it is: it is looked up every day."))


def _missing(claim: Claim, name: str, _zone: str) -> Told:
    text = _("There is no TXT record at %(name)s.", name=name)
    title = _("No record yet") if claim.state in {PENDING, UNPROVED} else _("No record")
    return Told("warn", title, f"{text} {_patience(claim)}")


def _patience(claim: Claim) -> str:
    ttl = int(claim.row.finding.get("ttl") or 0)
    if not ttl:
        return _("If you have just published it, give it some minutes.")
    return _("If you have just published it, ask again after %(time)s: others may remember for that long that there "
             "was none.", time=lasting(ttl))  # fmt: skip


def _wrong_value(claim: Claim, name: str, _zone: str) -> Told:
    wanted = record_value(claim.row.name, claim.row.organization)
    here = [value for at, value in claim.row.finding["found"] if at == name]
    return Told(
        "bad", _("The record is there, with another value"), f"{_blemish(here, wanted)} {_again(claim)}".strip()
    )


def _blemish(values: list[str], wanted: str) -> str:
    """What happened to the value on its way, where that can be seen."""
    for value in values:
        bare = value.strip().strip("\"'“”„ ").strip()
        if bare == wanted:
            return _("The value has quotation marks or spaces around it. Enter it without them.")
        if bare.lower() == wanted:
            return _("The value is in capital letters. Enter it exactly as shown.")
        if len(bare) > 16 and wanted.startswith(bare):
            return _("The value was cut off. Enter all of it.")
        if wanted in value:
            return _("There is more in the record than the value. Enter the value alone.")
    return _("Replace what stands there by the value shown, or add a second TXT record beside it.")


def _again(claim: Claim) -> str:
    ttl = int(claim.row.finding.get("ttl") or 0)
    said = _("Ask again after %(time)s: others may remember the old one for that long.", time=lasting(ttl or 1))
    return said if ttl else ""


def _wrong_place(claim: Claim, name: str, zone: str) -> Told:
    wanted = record_value(claim.row.name, claim.row.organization)
    place = next((at for at, value in claim.row.finding["found"] if value == wanted and at != name), "")
    short = name.removesuffix(f".{zone}")
    if place.startswith(f"{name}."):
        text = _("The right value stands at %(place)s: your provider put the domain behind the name a second time. "
                 "Enter only %(short)s as the name.", place=place, short=short)  # fmt: skip
    else:
        text = _("The right value stands at %(place)s. It belongs at %(name)s.", place=place, name=name)
    return Told("bad", _("The record is there, but under the wrong name"), text)


def _no_zone(claim: Claim, _name: str, _zone: str) -> Told:
    text = _("No name server knows %(domain)s. Look at the spelling, and whether it is still registered.",
             domain=claim.name.unicode)  # fmt: skip
    return Told("bad", _("This domain does not exist"), text)


def _failure(_claim: Claim, _name: str, zone: str) -> Told:
    text = _("The name servers of %(zone)s answer with an error, so nothing can be said about the record. Those who "
             "run them can see why.", zone=zone)  # fmt: skip
    return Told("warn", _("The name servers report an error"), text)


def _silence(_claim: Claim, _name: str, zone: str) -> Told:
    text = _("The name servers of %(zone)s did not answer in time, so nothing can be said about the record. It is "
             "looked up again by itself.", zone=zone)  # fmt: skip
    return Told("warn", _("The name servers do not answer"), text)


@dataclass(frozen=True)
class Answer:
    """One line of the lookups: what stood at a name. `kind` is the tone of the answer."""

    name: str
    value: str
    kind: str = ""
    remark: str = ""


def answers(claim: Claim) -> list[Answer]:
    """What was found where, the record's own name first."""
    kept = claim.row.finding
    if not kept.get("state") or kept["state"] in {State.TIMEOUT, State.SERVER_FAILURE}:
        return []
    name, wanted = record_name(claim.row.name), record_value(claim.row.name, claim.row.organization)
    found: list[Any] = kept.get("found", [])
    lines = [] if any(at == name for at, _value in found) else [Answer(name, "", "bad", _("No record"))]
    return [*lines, *_lines(found, name, wanted)]


def _lines(found: list[Any], name: str, wanted: str) -> Iterator[Answer]:
    for at, value in found:
        if value != wanted:
            yield Answer(at, value, "", _("Another value") if at == name else "")
        elif at == name:
            yield Answer(at, value, "ok", _("Your value"))
        else:
            yield Answer(at, value, "warn", _("Your value, wrong name"))
