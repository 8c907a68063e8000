"""Linked accounts: seeing them, and taking a link away. Linking happens at Keycloak."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.actor import Actor
from portal.audit import audited
from portal.clients.account_access import LinkedAccount
from portal.errors import Conflict, Invalid, NotFound


def accounts(actor: Actor) -> list[LinkedAccount]:
    """Linked providers and those that may be linked. Raises `Denied`, `SessionEnded`, `Upstream`."""
    return actor.account.linked_accounts()


def find(actor: Actor, alias: str, *, connected: bool) -> LinkedAccount:
    """One provider in the wanted state. Raises `NotFound`."""
    for account in accounts(actor):
        if account.alias == alias and account.connected == connected:
            return account
    raise NotFound("no such provider in this state")


def unlink(actor: Actor, alias: str) -> LinkedAccount:
    """Take the link away; returns what it was, once it is seen to be gone.

    Raises `Conflict` with the reason when Keycloak refuses: the only way of signing in, or the organization's own.
    """
    account = find(actor, alias, connected=True)
    with audited(actor, "linked.unlink", target=alias, before={"username": account.username}):
        try:
            actor.account.unlink(alias)
        except Invalid as error:
            raise Conflict(_reason(actor, alias, error)) from error
        if any(each.alias == alias and each.connected for each in accounts(actor)):
            raise Conflict(_("The link is still there."))
    return account


def _reason(actor: Actor, alias: str, error: Invalid) -> str:
    # Keycloak says why in the person's language and nowhere else: what can be seen is told from the present state.
    said = " ".join([*error.form, *error.errors.values()])
    linked = [each.alias for each in accounts(actor) if each.connected]
    if alias not in linked:
        return _("This account was not linked any more.")
    if "organi" in said.lower():
        return _("Your organization manages this link, so it stays.")
    if linked == [alias]:
        return _("This is your only way of signing in. Set a password or link another account first.")
    return said
