"""When a part of a set-up is done, and what happens then."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from portal.access_links import DOMAINS, EVENTS, SSO
from portal.actor import Actor
from portal.audit import audited
from portal.errors import Conflict
from portal.links import opening
from portal.store import connections, domains, links, now
from portal.store.models_links import GuestSession, SetupLink


@dataclass(frozen=True)
class Reached:
    """What is there for an intent. `complete` is the aim, `enough` may be finished; `text` says it, `next` what comes.

    `alias` is a connection whose sign-in can be tested.
    """

    complete: bool
    enough: bool
    text: str
    next: str = ""
    alias: str = ""


def state(actor: Actor, intent: str) -> Reached:
    """How far the organization of the request is, by what the portal keeps itself."""
    if intent == SSO:
        return _connected(actor)
    if intent == DOMAINS:
        return _proved(actor)
    if intent == EVENTS:
        return Reached(True, True, _("Here you can see what members did, and export it."))
    return _renewed(actor)


def _connected(actor: Actor) -> Reached:
    rows = connections.of_organization(actor.services.store, actor.realm.name, actor.here.id)
    live = [row for row in rows if row.state == connections.ACTIVE]
    if live:
        text = _("Single sign-on is active: people are led to your identity provider.")
        return Reached(True, True, text, _("Test a sign-in, then tell your people."), live[-1].alias)
    drafts = [row for row in rows if row.state == connections.DRAFT]
    if not drafts:
        return Reached(False, False, _("There is no connection yet."), _("Choose your identity provider to begin."))
    if drafts[-1].tested:
        return Reached(False, True, _("The connection is saved and tested, but not active yet."),
                       _("Activate it, or finish here and leave that to others."), drafts[-1].alias)  # fmt: skip
    return Reached(False, False, _("The connection is saved as a draft."), _("Test a sign-in."), drafts[-1].alias)


def _proved(actor: Actor) -> Reached:
    rows = domains.of_organization(actor.services.store, actor.realm.name, actor.here.id)
    proved = [row.name for row in rows if row.state == domains.VERIFIED]
    if proved:
        return Reached(True, True, _("Verified: %(domains)s.", domains=", ".join(sorted(proved))))
    if rows:
        return Reached(False, False, _("No domain is verified yet."), _("Publish the DNS record that is shown there."))
    return Reached(False, False, _("There is no domain yet."), _("Add the domain of your people’s addresses."))


def _renewed(actor: Actor) -> Reached:
    rows = connections.of_organization(actor.services.store, actor.realm.name, actor.here.id)
    if not rows:
        return Reached(False, True, _("There is no connection whose certificate could be renewed."))
    waiting = [row for row in rows if (row.reading or {}).get("config")]
    if waiting:
        return Reached(False, False, _("New metadata was handed over and waits."), _("Look at it and take it over."))
    return Reached(True, True, _("Nothing waits to be taken over."), _("Test a sign-in."), rows[-1].alias)


def finish(actor: Actor, link: SetupLink, intent: str) -> bool:
    """Note that a part is done, of the link that handed it over as well; whether all are, which ends a link.

    Raises `Conflict` before it is so.
    """
    reached = state(actor, intent)
    if not reached.enough:
        raise Conflict(f"{reached.text} {reached.next}")
    with audited(actor, "links.finish", target=link.id, after={"intent": intent}) as record:
        record.after["all"] = whole = _note(actor, link, intent)
        # Who handed this part over need not finish it once more.
        if above := links.by_id(actor.services.store, link.realm, link.parent) if link.parent else None:
            _note(actor, above, intent)
    return whole


def _note(actor: Actor, link: SetupLink, intent: str) -> bool:
    store = actor.services.store
    whole = set(links.finished(store, link.id, intent, now())) >= set(link.intents)
    if whole:
        links.end(store, link, links.COMPLETED, actor.label)
    return whole


def leave(actor: Actor, guest: GuestSession) -> None:
    """End the guest's session."""
    with audited(actor, "links.leave", target=actor.sub):
        opening.leave(actor.services, guest)
