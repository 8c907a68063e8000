"""Finding, naming and protecting the person's sign-in methods. Adding and removing happens at Keycloak."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _

from portal.actor import Actor
from portal.audit import audited
from portal.errors import Conflict, Invalid, NotFound
from portal.security.kinds import APP, BY_TYPE, CODES, KEY, PASSKEY
from portal.security.overview import Group, Method, Overview, overview

__all__ = ["Group", "Method", "Overview", "addable", "check_removal", "consequence", "find", "overview", "rename"]

LONGEST_NAME = 60


def find(actor: Actor, method_id: str, right: str = "") -> tuple[Overview, Method]:
    """One of the actor's own methods, of a kind that `right` guards. Raises `NotFound`."""
    everything = overview(actor)
    for method in everything.methods:
        if method.id == method_id and (not right or BY_TYPE[method.type].right == right):
            return everything, method
    raise NotFound("no such sign-in method")


def addable(actor: Actor, slug: str, right: str) -> tuple[Overview, Group]:
    """The kind of which the actor may add one. Raises `NotFound` where the realm offers none."""
    everything = overview(actor)
    for group in everything.groups:
        if group.kind.slug == slug and group.kind.right == right and group.action:
            return everything, group
    raise NotFound("not offered in this realm")


def rename(actor: Actor, method: Method, others: Iterable[Method], name: str) -> Method:
    """Give a method another name and return it as it is then.

    Raises `Invalid`: empty, too long, or the name of another one; `NotFound` for what has a fixed name.
    """
    if BY_TYPE[method.type].single:
        raise NotFound("its name is fixed")
    _check_name(method, others, name)
    if name != method.name:
        about = {"name": name, "type": method.type}
        with audited(actor, "security.rename", target=method.id, before={"name": method.name}, after=about):
            actor.account.rename_credential(method.id, name)
    return find(actor, method.id)[1]


def _check_name(method: Method, others: Iterable[Method], name: str) -> None:
    if not name:
        raise Invalid({"name": _("Enter a name.")})
    if len(name) > LONGEST_NAME:
        raise Invalid({"name": _("Use at most %(most)s characters.", most=LONGEST_NAME)})
    if not name.isprintable():
        raise Invalid({"name": _("Use letters, digits and signs only.")})
    if any(other.id != method.id and other.name.casefold() == name.casefold() for other in others):
        raise Invalid({"name": _("Another of your sign-in methods has this name.")})


def only_way_in(everything: Overview, method: Method) -> bool:
    """Whether the actor could not sign in any more without this method."""
    if everything.password or everything.elsewhere:
        return False
    return method.type == PASSKEY and everything.count(PASSKEY) == 1


def check_removal(everything: Overview, method: Method) -> None:
    """Raises `NotFound` where the realm removes none, `Conflict` for the only way of signing in."""
    if not any(group.removable for group in everything.groups if method in group.methods):
        raise NotFound("not removable in this realm")
    if only_way_in(everything, method):
        raise Conflict(
            _("Without %(name)s you could not sign in any more: you have no password and no linked account.",
              name=method.name) + " " + _("Add another way of signing in first.")
        )  # fmt: skip


def consequence(everything: Overview, method: Method) -> str:
    """What removing the method means for signing in; empty where another one does the same."""
    factors, passkeys, codes = (everything.count(*types) for types in ((KEY, APP), (PASSKEY,), (CODES,)))
    password = everything.password is not None
    if method.type in {KEY, APP} and factors == 1 and password:
        if codes:
            return _("It is your last second step. Your recovery codes stay: each sign-in would then use one up.")
        return _("It is your last second step: after this your password alone opens your account.")
    if method.type == CODES and factors == 1 and not passkeys:
        return _("Without recovery codes, losing your one device could lock you out.")
    if method.type == PASSKEY and passkeys == 1:
        if password:
            return _("It is your last passkey: you then sign in with your password.")
        return _("It is your last passkey: you then sign in through your other account.")
    return ""
