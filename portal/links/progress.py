"""How far the work of a link is, by what the portal keeps itself: no call to Keycloak."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from portal.access_links import DOMAINS, EVENTS, RENEWAL, SSO
from portal.services import Services
from portal.store import connections, domains
from portal.store.models_links import SetupLink

WAITING, BEGUN, DONE = "waiting", "begun", "done"


@dataclass(frozen=True)
class Step:
    """One intent of a link. `state` is waiting, begun or done; `done` is when the guest said so (aware UTC)."""

    intent: str
    state: str
    done: datetime | None = None


def progress(services: Services, link: SetupLink) -> list[Step]:
    """One step for each intent of the link, in its order."""
    return [_step(services, link, intent) for intent in link.intents]


def _step(services: Services, link: SetupLink, intent: str) -> Step:
    if at := link.progress.get(intent):
        return Step(intent, DONE, datetime.fromisoformat(str(at)).replace(tzinfo=UTC))
    return Step(intent, BEGUN if _LOOK[intent](services, link) else WAITING)


def _connected(services: Services, link: SetupLink) -> bool:
    found = connections.of_organization(services.store, link.realm, link.organization)
    return any(row.created >= link.created for row in found)


def _claimed(services: Services, link: SetupLink) -> bool:
    found = domains.of_organization(services.store, link.realm, link.organization)
    return any(row.added >= link.created for row in found)


def _opened(services: Services, link: SetupLink) -> bool:  # noqa: ARG001
    return link.opened is not None


_LOOK: dict[str, Callable[[Services, SetupLink], bool]] = {
    SSO: _connected, DOMAINS: _claimed, RENEWAL: _opened, EVENTS: _opened
}  # fmt: skip
