"""What the roles of an organization are called and what they let people do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TypedDict

from flask_babel import gettext

from portal.access import MANAGE_ROLES, VIEW_ROLES
from portal.clients.orgs_types import Role
from portal.rank import is_administrator

Translate = Callable[[str], str]


class Shown(TypedDict):
    """A role to look at or to choose: in words first, then by its name where there are words."""

    value: str
    label: str
    hint: str


def role_text(name: str, translate: Translate = gettext) -> str:
    """What a role of the extension lets its holder do; empty for an organization's own."""
    _ = translate
    texts = {
        "view-organization": _("See the details of the organization"),
        "manage-organization": _("Change details and domains"),
        "delete-organization": _("Delete the organization"),
        "view-members": _("See who belongs to it"),
        "manage-members": _("Remove members"),
        "view-roles": _("See who holds which role"),
        "manage-roles": _("Give and take roles"),
        "view-invitations": _("See invitations"),
        "manage-invitations": _("Invite people"),
        "view-identity-providers": _("See single sign-on connections"),
        "manage-identity-providers": _("Set up single sign-on"),
    }
    return texts.get(name, "")


def role_summary(roles: Collection[str] | None, translate: Translate = gettext) -> str:
    """A set of roles in few words, for a column or a mail."""
    _ = translate
    if roles is None:
        return ""
    held = frozenset(roles)
    own = sorted(held - VIEW_ROLES - MANAGE_ROLES)
    if not held:
        return _("No role")
    if is_administrator(held):
        kind = _("Administrator") if held >= MANAGE_ROLES else _("Administrator, in part")
    elif not held & MANAGE_ROLES:
        kind = _("Viewer") if held & VIEW_ROLES else ""
    else:
        kind = ", ".join(role_text(name, translate) for name in sorted(held & MANAGE_ROLES))
    return ", ".join([*([kind] if kind else []), *own])


def described(names: Iterable[str], own: Iterable[Role] = ()) -> list[Shown]:
    """Names with what they mean, in the order of the table of rights; an organization's own ones last."""
    texts = {role.name: role.description for role in own}
    order = [*sorted(VIEW_ROLES), *sorted(MANAGE_ROLES)]
    held = set(names)
    known = [name for name in order if name in held]
    return [shown(name, texts.get(name, "")) for name in [*known, *sorted(held - set(order))]]


def shown(name: str, description: str = "") -> Shown:
    """A role as people meet it; `description` is what an organization's own role says of itself."""
    text = role_text(name) or description
    return Shown(value=name, label=text or name, hint=name if text else "")
