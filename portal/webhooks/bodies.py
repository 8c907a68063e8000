"""What a delivery says: what the page of events shows of it, as JSON. No secrets, no addresses of anybody's device.

Those who run the realm are not named, as they are not on that page.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.access_grant import event_reader
from portal.errors import NotFound
from portal.services import Services
from portal.store.models import AuditRow
from portal.store.models_organizations import EventPerson, EventRow, Membership
from portal.store.models_webhooks import Delivery, Webhook
from portal.store.webhooks import EVENT, TEST
from portal.webhooks.kinds import about_oneself, group_of

# Fields that the page of events has words for, and what an operator's own record is about.
SHOWN = frozenset({
    "name", "display_name", "displayName", "url", "domain", "domains", "route", "description", "roles", "role",
    "granted", "revoked", "lost", "refused", "email", "days", "answer", "state", "enabled", "members", "invitations",
    "count", "format", "rows", "identity_provider", "deed", "area", "keys",
})  # fmt: skip
RESULTS = {"begun": "unknown", "undone": "done"}
NAMED_BY_TARGET = {"invitations": "invitation", "domains": "domain", "sso": "connection"}
YOUNG = 60.0
Message = dict[str, Any]
_names: dict[tuple[str, str, str], tuple[float, str]] = {}


def message(services: Services, row: Webhook, delivery: Delivery) -> Message | None:
    """The whole message; None if what it would tell of is not kept any more. Raises `Upstream`."""
    if delivery.source == TEST:
        data: Message | None = {"actor": {"type": "operator"}, "target": None, "details": {"name": row.name}}
    elif delivery.source == EVENT:
        data = _of_event(services, delivery)
    else:
        data = _of_record(services, row.realm, delivery)
    if data is None:
        return None
    organization = _organization(services, row, delivery.organization) if delivery.organization else None
    head = {"id": delivery.event, "sequence": delivery.number, "realm": row.realm, "group": group_of(delivery.kind)}
    return {
        "type": delivery.kind, "timestamp": stamp(delivery.at),
        "data": {**head, "result": "done", "organization": organization, **data},
    }  # fmt: skip


def stamp(at: datetime) -> str:
    """A moment in UTC, to the millisecond."""
    return at.isoformat(timespec="milliseconds") + "Z"


def _of_event(services: Services, delivery: Delivery) -> Message | None:
    with services.store.read() as session:
        row = session.get(EventRow, (delivery.about, delivery.organization))
    if row is None:
        return None
    person = _person(row.person, row.person_name) if row.person else None
    kind = {"operator": {"type": "operator"}, "service": {"type": "service"}, "": person or {"type": "person"}}
    details = {key: value for key, value in row.details.items() if key in SHOWN}
    if row.details.get("error"):
        details["reason"] = row.details["error"]
    actor = kind.get(row.actor) or _person(row.actor, row.actor_name)
    return {"result": "failed" if row.failed else "done", "actor": actor, "target": person, "details": details}


def _of_record(services: Services, realm: str, delivery: Delivery) -> Message | None:
    with services.store.read() as session:
        row = session.get(AuditRow, delivery.about)
        if row is None:
            return None
        ids = {row.sub, row.target}
        known = select(EventPerson.id, EventPerson.name).where(EventPerson.realm == realm, EventPerson.id.in_(ids))
        names = {str(id_): str(name) for id_, name in session.execute(known)}
        belonged = select(Membership.person).where(
            Membership.realm == realm, Membership.organization == (row.organization or ""), Membership.person.in_(ids)
        )
        members = frozenset(session.scalars(belonged))
    if about_oneself(row.tag) and not names.get(row.sub):
        names[row.sub] = _name_of(services, realm, row.sub)
    return {
        "result": RESULTS.get(row.state, row.state), "actor": _actor(row, names, members),
        "target": _target(row, names, members), "details": _details(row.before, row.after),
    }  # fmt: skip


def _person(id_: str, name: str) -> Message:
    return {"type": "person", "id": id_, "name": name}


def _actor(row: AuditRow, names: Mapping[str, str], members: frozenset[str]) -> Message:
    kind = str(row.principal.get("kind", ""))
    if kind in {"system", "link", "key"}:
        return {"type": {"system": "portal"}.get(kind, kind)}
    # Who answers an invitation may not be a member yet.
    own = about_oneself(row.tag) or row.tag in {"invitations.answer", "invitations.password"}
    if row.sub and kind != "console" and (own or row.sub in members):
        return _person(row.sub, names.get(row.sub, ""))
    return {"type": "operator"}


def _target(row: AuditRow, names: Mapping[str, str], members: frozenset[str]) -> Message | None:
    room = row.tag.partition(".")[0]
    if about_oneself(row.tag):
        return _person(row.sub, names.get(row.sub, ""))
    if row.tag == "roles.manage":
        return {"type": "role", "name": row.target}
    if room in NAMED_BY_TARGET:
        return {"type": NAMED_BY_TARGET[room], "name": row.target}
    if room in {"members", "roles"} and row.target:
        named = names.get(row.target, "") if row.target in members else ""
        return _person(row.target, named or str({**row.before, **row.after}.get("name", "")))
    return None


def _details(before: Mapping[str, Any], after: Mapping[str, Any]) -> Message:
    """Fields with the value they have now; `was` holds what others had before, `changed` names fields of a profile."""
    found: Message = {key: value for key, value in {**before, **after}.items() if key in SHOWN}
    was = {key: before[key] for key in found if key in before and key in after and before[key] != after[key]}
    values = {*(before.get("values") or {}), *(after.get("values") or {})}
    if values:
        found["changed"] = sorted(values)
    return {**found, "was": was} if was else found


def _organization(services: Services, row: Webhook, organization: str) -> Message:
    key = (services.store.url, row.realm, organization)
    read, name = _names.get(key, (-YOUNG, ""))
    if time.monotonic() - read >= YOUNG:
        try:
            name = services.orgs.organization(event_reader(row.realm, organization), organization).name
        except NotFound:
            name = name or row.organizations.get(organization, "")
        _names[key] = (time.monotonic(), name)
    return {"id": organization, "name": name}


def _name_of(services: Services, realm: str, person: str) -> str:
    try:
        return services.admin.person(event_reader(realm, person), person).label
    except NotFound:
        return ""
