"""The person's recent activity: Keycloak's events, and what the portal did that Keycloak records nowhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask_babel import gettext as _

from portal.access import grant
from portal.activity import words
from portal.actor import Actor
from portal.audit import of_person
from portal.clients.admin_types import UserEvent
from portal.errors import NotFound
from portal.store.models import AuditRow

PAGE = 25
MOST_ROWS = 500


@dataclass(frozen=True)
class Happening:
    """One thing that happened. `kind` is sign-in, change or failure; `time` is aware UTC."""

    time: datetime
    kind: str
    title: str
    detail: str
    ip_address: str
    application: str


@dataclass(frozen=True)
class Activity:
    """One page. `days` is how long events are kept (0: no limit); `recorded` is False where the realm keeps none."""

    items: tuple[Happening, ...]
    page: int
    more: bool
    days: int
    recorded: bool


def recent(actor: Actor, only: str = "all", page: int = 1) -> Activity:
    """A page of the actor's own activity, newest first. Raises `NotFound` (filter), `Denied`, `Upstream`."""
    if only not in words.TYPES:
        raise NotFound("no such filter")
    facts = actor.services.realm_facts(actor.realm.name)
    events = _events(actor, only, page)
    shown = [_of_event(event, actor) for event in events[:PAGE]]
    rows = [_of_row(row) for row in _rows(actor, events, page)]
    wanted = {"all": {"change", "failure"}, "changes": {"change"}, "failures": {"failure"}}.get(only, set())
    items = sorted([*shown, *(row for row in rows if row.kind in wanted)], key=lambda each: each.time, reverse=True)
    known = tuple(each for each in items if each.title)
    return Activity(known, page, len(events) > PAGE, facts.events_expiration // 86400, facts.events_enabled)


def _events(actor: Actor, only: str, page: int) -> list[UserEvent]:
    allowed = grant(actor, "activity.view", actor.sub)
    first = (page - 1) * PAGE
    return actor.services.admin.user_events(allowed, actor.sub, first, PAGE + 1, words.TYPES[only])


def _rows(actor: Actor, events: list[UserEvent], page: int) -> Iterable[AuditRow]:
    """Audit rows of the time that this page of events covers."""
    newest = events[0].time if events and page > 1 else datetime.max.replace(tzinfo=UTC)
    oldest = events[PAGE].time if len(events) > PAGE else datetime.min.replace(tzinfo=UTC)
    if not events and page > 1:
        return []
    rows = of_person(actor, 0, MOST_ROWS, words.OWN_TAGS)
    return [row for row in rows if oldest < row.at.replace(tzinfo=UTC) <= newest]


def _of_event(event: UserEvent, actor: Actor) -> Happening:
    provider = event.details.get("identity_provider", "")
    detail = words.why(event.error) or (_("through %(name)s", name=provider) if provider else "")
    # Changes through the account API are recorded as made by its own client.
    ours = event.client_id in {actor.realm.client_id, "account"}
    application = _("this portal") if ours else event.client_id
    title = words.of_event(event.type, event.details)
    return Happening(event.time, _kind(event.type), title, detail, event.ip_address, application)


def _kind(event_type: str) -> str:
    if event_type in words.FAILURES:
        return "failure"
    return "sign-in" if event_type in words.SIGN_INS else "change"


def _of_row(row: AuditRow) -> Happening:
    title = words.of_audit(row.tag, row.before, row.after)
    failed = row.state == "failed"
    detail = _("may not have succeeded") if row.state in {"unknown", "begun"} else ""
    kind = "failure" if failed else "change"
    return Happening(row.at.replace(tzinfo=UTC), kind, title, detail, row.ip_address, _("this portal"))
