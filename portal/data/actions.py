"""Everything the portal and Keycloak know of a person, as one document. Never a secret, never anybody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from portal.access import grant
from portal.actor import Actor
from portal.api.serialize import plain
from portal.audit import Record, audited, of_person
from portal.errors import Denied, NotFound, PortalError, SessionEnded
from portal.store.models import Preference

MOST_EVENTS, EVENTS_PAGE = 1000, 100
MOST_ROWS = 1000


def collect(actor: Actor) -> dict[str, Any]:
    """The document. What could not be read is named under `missing`. Raises `SessionEnded`."""
    parts: dict[str, Callable[[Actor], Any]] = {
        "profile": _profile,
        "sign_in_methods": _methods,
        "sessions": lambda who: plain(who.account.devices()),
        "linked_accounts": lambda who: plain([each for each in who.account.linked_accounts() if each.connected]),
        "applications": lambda who: plain(who.account.applications()),
        "groups": lambda who: who.account.groups(),
        "organizations": lambda who: who.account.organizations(),
        "events": _events,
        "portal": _portal,
    }
    made = datetime.now(UTC).isoformat(timespec="seconds")
    found: dict[str, Any] = {"made": made, "account": actor.sub, "realm": actor.realm.issuer, "missing": []}
    with audited(actor, "data.download", target=actor.sub) as record:
        for name, read in parts.items():
            _add(found, name, read, actor)
        record.after["missing"] = found["missing"]
    return found


def lacked(actor: Actor) -> bool:
    """Whether the latest copy went without a part that could not be read."""
    latest = of_person(actor, 0, 1, ("data.download",))
    return any(row.after.get("missing") for row in latest)


def leaving(actor: Actor) -> None:
    """Record that the person leaves for the sign-in page to delete the account.

    The row stays `begun`: Keycloak deletes on a page of its own and does not call back.
    """
    Record(actor, "account.delete", actor.sub, {}).begin()


def _add(found: dict[str, Any], name: str, read: Callable[[Actor], Any], actor: Actor) -> None:
    try:
        found[name] = read(actor)
    except SessionEnded:
        raise
    except (Denied, NotFound):
        return  # the account has no right to it, or the realm has no such thing
    except PortalError:
        found["missing"].append(name)


def _profile(actor: Actor) -> dict[str, Any]:
    return dict(actor.account.profile().raw)


def _methods(actor: Actor) -> list[dict[str, Any]]:
    return [
        {"type": kind.type, "id": each.id, "name": each.label, "created": plain(each.created)}
        for kind in actor.account.credentials()
        for each in kind.credentials
    ]


def _events(actor: Actor) -> list[Any]:
    found: list[Any] = []
    for first in range(0, MOST_EVENTS, EVENTS_PAGE):
        allowed = grant(actor, "activity.view", actor.sub)
        page = actor.services.admin.user_events(allowed, actor.sub, first, EVENTS_PAGE, ())
        found += plain(page)
        if len(page) < EVENTS_PAGE:
            return found
    return [*found, {"note": f"Older events are left out after {MOST_EVENTS}."}]


def _portal(actor: Actor) -> dict[str, Any]:
    mine = select(Preference).where(Preference.realm == actor.realm.name, Preference.sub == actor.sub)
    with actor.services.store.read() as transaction:
        preferences = {row.key: row.value for row in transaction.scalars(mine)}
    sessions = [
        {"started": _utc(row.created), "last_seen": _utc(row.seen), "ends": _utc(row.expires)}
        for row in actor.services.sessions.of_person(actor.realm.name, actor.sub)
    ]
    record = [
        {
            "at": _utc(row.at), "what": row.tag, "state": row.state, "before": row.before, "after": row.after,
            "ip_address": row.ip_address,
        }
        for row in of_person(actor, 0, MOST_ROWS)
    ]  # fmt: skip
    return {"preferences": preferences, "sessions": sessions, "record": record}


def _utc(at: datetime) -> str:
    return str(plain(at.replace(tzinfo=UTC)))
