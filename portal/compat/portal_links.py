"""Setup links as programs ask for them: for one thing, for minutes, opened once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from portal.access_links import OFFERED
from portal.actor import Actor
from portal.compat.face import moment, text
from portal.errors import Invalid
from portal.keys.scopes import beyond_key
from portal.links import actions
from portal.links.actions import API
from portal.return_addresses import INTENTS
from portal.store import links
from portal.web.vendor import ScopeNeeded

MOST_CONTACTS = 20
_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")


def intent(sent: Mapping[str, Any]) -> str:
    """What the link is for. Raises `Invalid` with all that are known."""
    found = text(sent, "intent")
    if found in OFFERED:
        return found
    allowed = ", ".join(INTENTS)
    if not found:
        raise Invalid({"intent": _("This field is required: %(name)s.", name="intent") + " " + _used(allowed)})
    if found in INTENTS:
        raise Invalid(
            {"intent": _("“%(value)s” cannot be set up by a link yet.", value=found) + " " + _used(", ".join(OFFERED))}
        )
    raise Invalid({"intent": _("“%(value)s” is not known.", value=found[:80]) + " " + _used(allowed)})


def _used(names: str) -> str:
    return _("Use one of: %(all)s.", all=names)


def generate(actor: Actor, sent: Mapping[str, Any], wanted: str) -> dict[str, Any]:
    """A new link for the organization of the request. Raises `Invalid` by field, `ScopeNeeded`."""
    if beyond := beyond_key(actor, [wanted]):
        raise ScopeNeeded(beyond)
    _check_contacts(sent)
    try:
        row, token = actions.create(
            actor, actor.here, [wanted], kind=API, return_url=text(sent, "return_url"),
            success_url=text(sent, "success_url"), external_user_id=text(sent, "external_user_id", longest=255),
        )  # fmt: skip
    except Invalid as error:
        renamed = {"intent" if name == "intents" else name: said for name, said in error.errors.items()}
        raise Invalid(renamed, error.form) from error
    return {"link": actions.address(actor.services, token), "expires_at": moment(row.expires)}


def _check_contacts(sent: Mapping[str, Any]) -> None:
    """Addresses are checked and not used: a link that lives minutes is never mailed."""
    found = sent.get("it_contact_emails") or []
    if not isinstance(found, list) or len(found) > MOST_CONTACTS:
        raise Invalid({"it_contact_emails": _("Send a list of at most %(most)d addresses.", most=MOST_CONTACTS)})
    for each in found:
        if not isinstance(each, str) or not _ADDRESS.fullmatch(each):
            raise Invalid({"it_contact_emails": "error-invalid-email"})


def revoke(actor: Actor, external_user_id: str) -> int:
    """End all links and running guests of one user of the application, at the organization of the request.

    Raises `ScopeNeeded`, and ends none, where one of them is for something that the key is not for.
    """
    for row in links.of_external_user(actor.services.store, actor.realm.name, external_user_id):
        if row.organization == actor.here.id and (beyond := beyond_key(actor, row.intents)):
            raise ScopeNeeded(beyond)
    return actions.revoke_of_user(actor, external_user_id, frozenset({actor.here.id}))
