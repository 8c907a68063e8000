"""Finding, starring, opening and leaving organizations."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from portal.access import operator
from portal.actor import Actor
from portal.clients.orgs_types import Organization
from portal.errors import Denied, NotFound
from portal.preferences.actions import keep, kept
from portal.standing import address, recent
from portal.store.models_organizations import Place

STARS, MOST_STARS = "stars", 100


@dataclass(frozen=True)
class Listed:
    """An organization in a list. `roles` is None where the person's roles there are not known."""

    id: str
    address: str
    label: str
    name: str
    route: str = ""
    starred: bool = False
    roles: frozenset[str] | None = None


def listed(actor: Actor, search: str = "", first: int = 0, maximum: int = 51, routes: int = 10) -> list[Listed]:
    """Organizations the actor may open, whose name, display name or route holds `search`.

    Those of a person are known; an operator and people with very many ask Keycloak, page by page. What the search
    finds by its route alone costs a call each: at most `routes` of them, the shortest routes first.
    Raises `NotFound` where there is no back end, `Upstream`.
    """
    if actor.standing.many or operator(actor.facts):
        return _asked(actor, search, first, maximum, routes)
    known = recent(actor)
    found = described(known, [each.organization for each in known.standing.belongings])
    return [each for each in found if _matches(each, search)][first : first + maximum]


def _asked(actor: Actor, search: str, first: int, maximum: int, routes: int) -> list[Listed]:
    found = described(actor, actor.orgs.search(search, first, maximum))
    if not search or first:
        return found
    return [*found, *_on_route(actor, search, {known.id for known in found}, min(routes, maximum - len(found)))]


def _on_route(actor: Actor, search: str, known: set[str], most: int) -> list[Listed]:
    """Organizations beside the `known` ones whose place in the hierarchy matches and that the actor may see."""
    places = select(Place).where(
        Place.realm == actor.realm.name,
        Place.route.contains(search.lower(), autoescape=True),
        Place.organization.not_in(known),
    )
    shortest = places.order_by(func.length(Place.route), Place.route).limit(max(most, 0))
    with actor.services.store.read() as transaction:
        ids = [place.organization for place in transaction.scalars(shortest)]
    return described(actor, list(_visible(actor, ids)))


def _visible(actor: Actor, ids: Iterable[str]) -> Iterable[Organization]:
    for organization_id in ids:
        try:
            yield actor.orgs.organization(organization_id)
        except (Denied, NotFound):
            continue


def _matches(each: Listed, search: str) -> bool:
    wanted = search.casefold()
    return not wanted or any(wanted in text.casefold() for text in (each.name, each.label, each.route))


def described(
    actor: Actor, organizations: Iterable[Organization], stars: dict[str, dict[str, str]] | None = None
) -> list[Listed]:
    """With what the portal knows of them: route, star, and the actor's roles where these are known."""
    organizations = list(organizations)
    routes, stars = routes_of(actor, [each.id for each in organizations]), starred(actor) if stars is None else stars
    roles = {each.organization.id: each.roles for each in actor.standing.belongings}
    return [
        Listed(
            each.id, address(each), each.label, each.name, routes.get(each.id, ""), each.id in stars,
            roles.get(each.id),
        )
        for each in organizations
    ]  # fmt: skip


def routes_of(actor: Actor, ids: list[str]) -> dict[str, str]:
    """The routes of organizations that have a place in the hierarchy, by id."""
    if not ids:
        return {}
    places = select(Place).where(Place.realm == actor.realm.name, Place.organization.in_(ids))
    with actor.services.store.read() as transaction:
        return {place.organization: place.route for place in transaction.scalars(places)}


def starred(actor: Actor) -> dict[str, dict[str, str]]:
    """What the actor starred, by id: label and address at that time."""
    return dict(json.loads(kept(actor, STARS) or "{}"))


def star(actor: Actor, *, on: bool) -> None:
    """Star the organization of the request, or take the star away."""
    stars, here = starred(actor), actor.here
    stars.pop(here.id, None)
    if on:
        stars[here.id] = {"label": here.label, "address": address(here)}
    keep(actor, STARS, json.dumps(dict(list(stars.items())[-MOST_STARS:])))


def domains(actor: Actor) -> list[str]:
    """The domains of the organization of the request: every member may see them."""
    return list(actor.orgs.organization(actor.here.id).domains)


def selector(actor: Actor) -> dict[str, list[Listed]]:
    """What the selector shows without asking anybody: starred ones, then the others the session knows."""
    kept_stars = starred(actor)
    belongings = [each.organization for each in actor.standing.belongings]
    known = {each.id: each for each in described(actor, belongings, kept_stars)}
    outside = actor.standing.many or operator(actor.facts)
    stars = [
        known.get(key) or Listed(key, kept_as["address"], kept_as["label"], "", starred=True)
        for key, kept_as in kept_stars.items()
        if key in known or outside
    ]
    return {"starred": stars, "others": [each for each in known.values() if not each.starred]}
