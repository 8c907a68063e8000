"""Applications with access: seeing them and taking access away."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask_babel import gettext as _

from portal.actor import Actor
from portal.audit import audited
from portal.clients.account_access import Application
from portal.errors import Conflict, NotFound


def applications(actor: Actor) -> list[Application]:
    """Applications by name. Raises `Denied`, `SessionEnded`, `Upstream`."""
    return sorted(actor.account.applications(), key=lambda each: each.name.lower())


def revocable(application: Application) -> bool:
    """Whether there is something to take away: a consent, or access that outlives the session."""
    return bool(application.granted or application.scopes) or application.offline_access


def find(actor: Actor, client_id: str) -> Application:
    """One application with access that can be taken away. Raises `NotFound`."""
    for application in applications(actor):
        if application.client_id == client_id and revocable(application):
            return application
    raise NotFound("no such application with access")


def revoke(actor: Actor, client_id: str) -> Application:
    """Take access away: consent, offline tokens and sessions end. Returns what it was, once seen to be gone."""
    application = find(actor, client_id)
    with audited(actor, "applications.revoke", target=client_id, before={"scopes": list(application.scopes)}):
        actor.account.revoke_consent(client_id)
        if any(each.client_id == client_id and revocable(each) for each in applications(actor)):
            raise Conflict(_("The application still has access."))
    return application


def address(application: Application) -> str:
    """Where to open the application; empty unless it is a web address."""
    return application.url if urlsplit(application.url).scheme in {"http", "https"} else ""
