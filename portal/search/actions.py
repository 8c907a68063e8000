"""What the search finds: organizations, pages of the one at hand, and pages about oneself."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from portal.actor import Actor
from portal.clients.orgs_types import Organization
from portal.errors import NotFound, Upstream
from portal.organizations.actions import Listed, listed, starred
from portal.standing import address
from portal.web.shell import Entry, entries, organization_entries

MOST, MOST_ROUTES = 8, 2


@dataclass(frozen=True)
class Hit:
    """One line: the endpoint it leads to (in `organization`, if it names one), what it says, what stands beside it."""

    endpoint: str
    organization: str
    label: str
    beside: str = ""
    icon: str = ""
    starred: bool = False


@dataclass(frozen=True)
class Found:
    """Hits in their groups; `incomplete` when organizations could not be asked for."""

    organizations: list[Hit]
    here: list[Hit]
    pages: list[Hit]
    incomplete: bool = False

    @property
    def nothing(self) -> bool:
        """Whether there is no hit at all."""
        return not (self.organizations or self.here or self.pages)


def find(actor: Actor, text: str, inside: str = "") -> Found:
    """What matches `text`; `inside` is the id of the organization the person was looking at."""
    wanted = text.strip()
    organizations, incomplete = _organizations(actor, wanted)
    return Found(organizations, _inside(actor, wanted, inside), _matching(entries(actor), wanted), incomplete)


def _organizations(actor: Actor, text: str) -> tuple[list[Hit], bool]:
    if not actor.may("organizations.list"):
        return [], False
    try:
        found = listed(actor, text, 0, MOST, routes=MOST_ROUTES)
    except NotFound:
        return [], False
    except Upstream:
        return [], True
    stars = starred(actor)
    ordered = sorted(found, key=lambda each: each.id not in stars)
    return [_hit(each) for each in ordered], False


def _hit(each: Listed) -> Hit:
    beside = each.route or (each.name if each.name != each.label else "")
    return Hit("organizations.show", each.address, each.label, beside, "", each.starred)


def _inside(actor: Actor, text: str, inside: str) -> list[Hit]:
    """Pages of an organization the session knows; what may be opened there is decided again when it is opened."""
    for each in actor.standing.belongings:
        if each.organization.id == inside:
            return _matching(organization_entries(_at(actor, each.organization, each.roles)), text, each.organization)
    return []


def _at(actor: Actor, organization: Organization, roles: frozenset[str]) -> Actor:
    facts = dataclasses.replace(actor.facts, member=True, organization_roles=roles)
    return dataclasses.replace(actor, organization=organization, facts=facts)


def _matching(shown: list[Entry], text: str, organization: Organization | None = None) -> list[Hit]:
    place, beside = (address(organization), organization.label) if organization else ("", "")
    return [
        Hit(entry.endpoint, place, str(entry.label), beside, entry.icon)
        for entry in shown
        if text.casefold() in str(entry.label).casefold()
    ][:MOST]
