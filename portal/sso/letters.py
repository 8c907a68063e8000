"""Mails about connections, to those who can act: members who hold manage-identity-providers."""

from __future__ import annotations

from collections.abc import Callable

from portal.access_grant import upkeep
from portal.actor import Actor
from portal.clients.orgs_types import SYNTHETIC, Member
from portal.errors import Invalid
from portal.mail.letter import Letter
from portal.mail.outbox import enqueue
from portal.mail.texts import Texts, plain, texts
from portal.standing import address
from portal.store.models_sso import Connection

ROLE, MOST = "manage-identity-providers", 50
Written = Callable[[Texts, str], tuple[str, tuple[str, ...]]]


def send(actor: Actor, row: Connection, name: str, mark: str, written: Written) -> int:
    """Write to them once for each `mark`; returns how many. `written` makes subject and paragraphs."""
    granted = upkeep(row.realm, "sso.manage", row.organization, row.alias)
    orgs = actor.services.orgs
    organization = orgs.described(granted, row.organization)
    where = f"{actor.services.settings.public_url}/{row.realm}/o/{address(organization)}/sso/{row.alias}/metadata"
    people = [each for each in orgs.holders(granted, row.organization, ROLE) if _reached(each, row.organization)][:MOST]
    for person in people:
        _ = texts(person.locale)
        subject, paragraphs = written(_, plain(name))
        letter = Letter(
            locale=_.locale, subject=subject, paragraphs=paragraphs,
            reason=_("You get this because you look after the single sign-on of %(organization)s.",
                     organization=plain(organization.label)),
            button=(_("Look at the connection"), where), wearer=organization.label, look=organization.look,
        )  # fmt: skip
        try:
            enqueue(
                actor.services, row.realm, person.email, letter, organization=row.organization, about=row.organization,
                once=f"sso:{row.alias}:{mark}:{person.id}",
            )  # fmt: skip
        except Invalid:
            continue
    return len(people)


def _reached(person: Member, organization: str) -> bool:
    return bool(person.enabled and person.email and person.username != f"{SYNTHETIC}{organization}")
