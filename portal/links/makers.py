"""Whoever made a link, as he stands now: a link dies with the rights of its maker (AUTHORIZATION.md 8)."""

from __future__ import annotations

import dataclasses

from portal.access import BY_NAME, Verdict, decide
from portal.access_links import roles_of
from portal.clients.orgs_types import Organization
from portal.invitations.issuer import issuer
from portal.services import Services
from portal.store import keys, links
from portal.store.models_links import SetupLink

# Those whose rights are read anew: a person, and the owner of a key, whose id is the maker's.
PEOPLE = {"person", "key"}


def holds(services: Services, link: SetupLink) -> bool:
    """Whether the maker may still hand out what the link is for, and the key it was made with stands.

    A section that is off keeps guests out while it is off; it ends no link. Reads Keycloak; raises `Upstream`.
    """
    if link.maker_kind == "link":
        parent = links.by_id(services.store, link.realm, link.maker)
        return parent is not None and links.ground_of(parent) == links.ACTIVE and holds(services, parent)
    if link.maker_kind not in PEOPLE:
        return True
    if _of_revoked_key(services, link):
        return False
    here = Organization(link.organization, link.organization_name)
    someone = issuer(services, link.realm, here, link.maker)
    facts = dataclasses.replace(someone.facts, switches_off=frozenset())
    return decide(BY_NAME["links.create"], facts) is Verdict.OK and roles_of(link.intents) <= someone.roles


def _of_revoked_key(services: Services, link: SetupLink) -> bool:
    """A key is revoked because somebody has it who should not: what was opened with it ends as well."""
    key = link.details.get(links.KEY, "")
    return bool(key) and keys.get(services.store, link.realm, key) is None


def bury(services: Services, link: SetupLink) -> None:
    """End a link whose maker has lost the right."""
    links.end(services.store, link, links.MAKER)
