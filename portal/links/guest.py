"""From a guest's session to the actor of a request, who stands on his link alone."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from portal.access import Facts, switched_off
from portal.access_grant import holder
from portal.access_links import rights_of, roles_of
from portal.actor import Actor
from portal.clients.orgs_bound import BoundOrgs
from portal.clients.orgs_types import Organization
from portal.errors import NotFound, SessionEnded
from portal.links import makers
from portal.services import Services
from portal.settings import Realm
from portal.signin.guests import GuestBrowser
from portal.standing import address
from portal.store import links, now
from portal.store.models_links import GuestSession, SetupLink

# Seconds for which it is taken on trust, while something is written, that the maker still holds his rights.
TRUST = 1.0


class LinkGone(SessionEnded):
    """The link is not active any more, or the guest's session is over."""

    def __init__(self, state: str) -> None:
        super().__init__(f"the link is {state}")
        self.state = state


@dataclass
class Ground:
    """What a guest stands on, looked at again before each call made for him: his link, and for writes its maker."""

    services: Services
    link: SetupLink
    writing: bool
    _looked: float = field(default=0.0)

    def __call__(self) -> None:
        """Raise `LinkGone` once the link has ended or its maker has lost the right."""
        row = links.by_id(self.services.store, self.link.realm, self.link.id)
        state = links.ground_of(row) if row else links.REVOKED
        if state != links.ACTIVE:
            raise LinkGone(state)
        if self.writing and time.monotonic() - self._looked > TRUST:
            if not makers.holds(self.services, self.link):
                makers.bury(self.services, self.link)
                raise LinkGone(links.MAKER)
            self._looked = time.monotonic()


def name_of(link: SetupLink) -> str:
    """How the audit and other people's pages name the guests of a link: never by an address."""
    return _("Holder of link %(id)s", id=link.id[:8])


def of_browser(
    services: Services, browser: GuestBrowser, language: str, about: dict[str, Any], *, writing: bool
) -> Actor:
    """The guest of a living session, at the organization of his link. Raises `LinkGone`."""
    guest, link = browser.guest, browser.link
    if guest is None or link is None:
        raise LinkGone(links.ground_of(link) if link else "over")
    return build(services, (link, guest), language, about, writing=writing)


def build(
    services: Services, at_work: tuple[SetupLink, GuestSession], language: str, about: dict[str, Any], *, writing: bool
) -> Actor:
    """The actor of a link and a session of it. `about` are further fields: address, id of the request."""
    link, guest = at_work
    realm = services.realm(link.realm)
    ground = Ground(services, link, writing)
    facts = Facts(
        signed_in=True, organization_roles=roles_of(link.intents), only=rights_of(link.intents),
        switches_off=switched_off(dict(services.realm_facts(realm.name).attributes)),
        sign_in_age=(now() - guest.started).total_seconds(),
    )  # fmt: skip
    return Actor(
        kind="link", realm=realm, sub=link.id, sid=guest.id[:32], name=name_of(link), locale=language, facts=facts,
        organization=Organization(link.organization, link.organization_name),
        own_orgs=_reach(services, realm, link, ground), own_services=services, still=ground, **about,
    )  # fmt: skip


def _reach(services: Services, realm: Realm, link: SetupLink, ground: Ground) -> BoundOrgs:
    """The organization of the link, and for each call a look at the ground."""
    found = services.orgs.reaching(holder(realm.name, f"link:{link.id}", link.organization))

    def token(*, renew: bool = False) -> str:
        ground()
        return found.token(renew=renew)

    return BoundOrgs(found.base, found.http, token, True, found.organizations)


def at(someone: Actor, reference: str) -> Organization:
    """The organization of the link as it is now, if the address names it. Raises `NotFound` for every other."""
    if someone.organization is None:
        raise NotFound("no organization")
    if someone.still is not None:
        someone.still()
    here = someone.orgs.organization(someone.organization.id)
    if reference not in {here.id, address(here)}:
        raise NotFound("not the organization of this link")
    return here
