"""What pages of links share: the rail of steps, the way back, and what is said of a link that opens no more."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request, url_for
from flask_babel import gettext as _

from portal.access_grant import upkeep
from portal.access_links import INTENT_DOORS, RENEWAL, SSO
from portal.actor import Actor
from portal.clients.orgs_types import Organization
from portal.errors import PortalError, SessionEnded
from portal.links import addresses, asking, words
from portal.links.guest import LinkGone
from portal.links.opening import CODE, ELSEWHERE, USED, Closed
from portal.links.progress import DONE, progress
from portal.moments import aware
from portal.realm_settings.words import intent_label
from portal.signin.guests import GuestBrowser
from portal.store import connections, links
from portal.store.links import API, COMPLETED
from portal.store.models_links import GuestSession, LinkToken, SetupLink
from portal.styles.actions import brand, brand_for
from portal.web.current import browser, services
from portal.web.language import datetime_text
from portal.web.render import page

# The first page of each intent, and its sign in the rail.
ROOMS = {
    "sso": ("sso.index", "lock"), "domain_verification": ("domains.index", "globe"),
    "certificate_renewal": ("sso.index", "key"), "audit_logs": ("events.index", "pulse"),
}  # fmt: skip


def shown(intents: list[str]) -> list[dict[str, str]]:
    """What each intent is about, with its sign: label, hint, icon."""
    return [{**each, "icon": ROOMS[each["value"]][1]} for each in words.choices(intents)]


def mine() -> tuple[SetupLink, GuestSession]:
    """The link and the session of the guest at work. Raises `SessionEnded` for everybody else."""
    visitor = browser()
    if not isinstance(visitor, GuestBrowser) or visitor.link is None or visitor.guest is None:
        raise SessionEnded("no guest")
    return visitor.link, visitor.guest


def way_back(link: SetupLink | None) -> dict[str, str] | None:
    """Where the button on every page leads."""
    try:
        return addresses.return_link(services(), link) if link else None
    except PortalError:
        return None


def entrance(person: Actor, intent: str) -> str:
    """Where the work for an intent begins: at the choice of a provider while there is no connection, at the one
    connection whose certificate can be renewed, else at the first page of the room."""
    rows = connections.of_organization(services().store, person.realm.name, person.here.id)
    if intent == SSO and not rows:
        return url_for("wizard.choose")
    if intent == RENEWAL and len(rows) == 1:
        return url_for("renewals.show", alias=rows[0].alias)
    return url_for(ROOMS[intent][0])


def is_open(person: Actor, intent: str) -> bool:
    """Whether the guest may begin an intent of his link: the operator may have switched its section off since."""
    return person.may(INTENT_DOORS[intent])


def rail(person: Actor, link: SetupLink) -> list[dict[str, Any]]:
    """The guest's own steps in place of a navigation."""
    steps = [_entry(_("Overview"), url_for("home.show"), "grid")]
    shown = [each for each in progress(services(), link) if is_open(person, each.intent)]
    for each in shown:
        icon = "check" if each.state == DONE else ROOMS[each.intent][1]
        steps.append(_entry(intent_label(each.intent), entrance(person, each.intent), icon))
    here = _intent_here(link)
    for number, each in enumerate(shown, 1):
        steps[number]["current"] = each.intent == here
    leave = _entry(_("Leave"), url_for("home.leaving"), "logout")
    return [{"title": person.here.label, "items": steps}, {"title": "", "items": [leave]}]


def _entry(label: str, url: str, icon: str) -> dict[str, Any]:
    return {"label": label, "url": url, "icon": icon, "current": request.path == url}


def _intent_here(link: SetupLink) -> str:
    """The intent that the page at hand belongs to: the same room may serve two."""
    inside = [each for each in link.intents if f"{request.path}/".startswith(f"{url_for(ROOMS[each][0])}/")]
    if RENEWAL in inside and (len(inside) == 1 or "/metadata" in request.path):
        return RENEWAL
    return next(iter(inside), "")


def dressed(link: SetupLink) -> dict[str, Any]:
    """Context of a page about a link without a guest: the realm, the organization's look, the way back."""
    g.realm = services().realm(link.realm)
    try:
        asked = upkeep(link.realm, "links.open", link.organization)
        here = services().orgs.described(asked, link.organization)
        look = brand_for(brand(link.realm), link.realm, here)
    except PortalError:
        here, look = Organization(link.organization, link.organization_name), None
    return {"brand": look or brand(link.realm), "return_link": way_back(link), "organization_name": here.label}


def gone(error: SessionEnded) -> Response:
    """A guest without a living session: his link has ended, or his time at it, or he never came by one."""
    visitor = browser()
    link = visitor.link if isinstance(visitor, GuestBrowser) else None
    state = error.state if isinstance(error, LinkGone) else ""
    if link is not None and state in _titles():
        return closed(link, None, state)
    text = [_("Open your setup link again: what was saved is still there.")]
    context = dressed(link) if link else {}
    return page("setup/closed.html", status=401, title=_("Your time on these pages is over"), text=text, actions=[],
                **context)  # fmt: skip


def refused(error: Closed) -> Response:
    """The page of a link that opens no more, or not in this browser."""
    return closed(error.link, error.token, error.state)


def closed(link: SetupLink, token: LinkToken | None, state: str) -> Response:
    """Each end of a link has its own words; the status is 410, and 403 for the wrong browser."""
    context = dressed(link)
    text = _texts(link, state)
    if token is None and asking.possible(link):
        text.append(_("To ask for a new one, open your setup link again."))
    status = 403 if state in {ELSEWHERE, CODE} else 200 if state == COMPLETED else 410
    return page(
        "setup/closed.html", status=status, title=_titles()[state], text=text, actions=_actions(link, state),
        askable=token is not None and asking.possible(link), **context,
    )  # fmt: skip


def _titles() -> dict[str, str]:
    return {
        links.EXPIRED: _("This link has expired"), links.REVOKED: _("This link was revoked"),
        links.MAKER: _("This link is no longer valid"), links.PARENT: _("This link is no longer valid"),
        COMPLETED: _("This set-up is finished"), USED: _("This link was used already"),
        ELSEWHERE: _("This link belongs to another browser"), CODE: _("A code is needed"),
    }  # fmt: skip


def _texts(link: SetupLink, state: str) -> list[str]:
    at, ended = datetime_text(aware(link.expires)), datetime_text(aware(link.ended)) if link.ended else ""
    told = {
        links.EXPIRED: _("It was good until %(time)s.", time=at),
        links.REVOKED: _("It was taken back on %(time)s.", time=ended),
        links.PARENT: _("It ended on %(time)s, with the link that it was a part of.", time=ended),
        links.MAKER: _("Whoever made it may not do so any more."),
        COMPLETED: _("Everything was done on %(time)s, so the link opens no more.", time=ended),
        USED: _("It opens once, so that nobody else can use it."),
        ELSEWHERE: _("It was opened in another browser first. Go on there."),
        CODE: _("Open the link of the mail again; it asks for the code."),
    }[state]
    return [told, *([_remedy(link, state)] if state not in {COMPLETED, CODE} else [])]


def _remedy(link: SetupLink, state: str) -> str:
    if link.parent:
        return _("Whoever gave it to you can hand it over again. Nothing that was saved is lost.")
    if link.kind == API:
        return _("Go back to the application you came from: it makes a new one.")
    if state == links.MAKER:
        return _("Those who manage %(name)s can make a new one. Nothing that was saved is lost.",
                 name=link.organization_name)  # fmt: skip
    return _(
        "%(name)s can make a new one. Nothing that was saved is lost.", name=link.maker_name or _("Whoever made it")
    )


def asked(link: SetupLink, whom: str) -> Response:
    """What became of the wish for a new link. `whom` is what `asking.ask` said."""
    told = {
        asking.GIVER: _("Whoever handed this part over to you was asked for a new link."),
        asking.MAKER: _("%(name)s was asked for a new link.", name=_origin(link).maker_name),
        asking.MANAGERS: _("Those who manage %(name)s were asked for a new link.", name=link.organization_name),
        asking.NOBODY: _("The portal knows nobody who could make a new link now. Write to whoever sent you this one."),
    }[whom]
    title = _("Nobody could be asked") if whom == asking.NOBODY else _("Asked")
    return page("setup/closed.html", title=title, text=[told], actions=[], **dressed(link))


def _origin(link: SetupLink) -> SetupLink:
    above = links.by_id(services().store, link.realm, link.parent) if link.parent else None
    return above or link


def _actions(link: SetupLink, state: str) -> list[dict[str, str]]:
    if state == COMPLETED:
        intent = max(link.progress, key=lambda each: str(link.progress[each]), default=next(iter(link.intents), ""))
        on, label = addresses.after(services(), link, intent), _("Continue to %(name)s")
    else:
        on, label = way_back(link), _("Return to %(name)s")
    return [{"label": label % {"name": on["name"]}, "url": on["url"], "kind": "primary"}] if on else []
