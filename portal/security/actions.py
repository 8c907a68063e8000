"""Reading and naming the person's sign-in methods. Adding and removing happens at Keycloak."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from portal.actor import Actor
from portal.audit import audited
from portal.clients.account_types import Credential, CredentialType
from portal.errors import Conflict, Invalid, NotFound
from portal.security.kinds import BY_TYPE, KINDS, PASSWORD, Kind
from portal.security.summary import Summary, summarize

LONGEST_NAME = 60
FEW_CODES = 4


@dataclass(frozen=True)
class Method:
    """One sign-in method, never its secret. `left` and `total` count recovery codes."""

    id: str
    type: str
    name: str
    created: datetime | None
    transports: tuple[str, ...] = ()
    left: int = 0
    total: int = 0


@dataclass(frozen=True)
class Group:
    """A kind with the person's own methods. `action` is what Keycloak does to add one; empty: not offered."""

    kind: Kind
    methods: tuple[Method, ...]
    action: str


@dataclass(frozen=True)
class Overview:
    """Everything the page shows. `password_action` is empty where the realm offers no change."""

    password: Method | None
    password_action: str
    groups: tuple[Group, ...]
    summary: Summary

    @property
    def methods(self) -> list[Method]:
        """All methods but the password."""
        return [method for group in self.groups for method in group.methods]


def overview(actor: Actor) -> Overview:
    """How the actor signs in. Raises `Denied`, `SessionEnded`, `Upstream`."""
    types = {each.type: each for each in actor.account.credentials()}
    enabled = actor.services.realm_facts(actor.realm.name).required_actions
    groups = tuple(_group(kind, types[kind.type], enabled) for kind in KINDS if kind.type in types)
    password = next(iter(_methods(types.get(PASSWORD))), None)
    offered = types[PASSWORD].update_action or types[PASSWORD].create_action if PASSWORD in types else ""
    counts = {group.kind.type: group.methods for group in groups}
    codes = next(iter(counts.get("recovery-authn-codes", ())), None)
    summary = summarize(
        password=password is not None,
        passkeys=len(counts.get("webauthn-passwordless", ())),
        factors=len(counts.get("webauthn", ())) + len(counts.get("otp", ())),
        codes_left=codes.left if codes else 0,
        provider=bool(actor.identity_provider),
        offered=frozenset(group.kind.slug for group in groups if group.action and actor.may(group.kind.right)),
    )
    return Overview(password, offered if enabled.get(offered) else "", groups, summary)


def _group(kind: Kind, found: CredentialType, enabled: object) -> Group:
    action = found.create_action or found.update_action
    known = enabled.get(action) if isinstance(enabled, dict) else None
    return Group(kind, tuple(_methods(found)), action if known else "")


def _methods(found: CredentialType | None) -> Iterable[Method]:
    return [_method(each, found.type) for each in found.credentials] if found else []


def _method(credential: Credential, kind: str) -> Method:
    details = credential.details
    name = credential.label or (str(BY_TYPE[kind].one) if kind in BY_TYPE else "")
    transports = tuple(str(each) for each in details.get("transports") or [])
    left, total = (int(details.get(key) or 0) for key in ("remainingCodes", "totalCodes"))
    return Method(credential.id, kind, name, credential.created, transports, left, total)


def find(actor: Actor, method_id: str, right: str = "") -> tuple[Overview, Method]:
    """One of the actor's own methods, of a kind that `right` guards. Raises `NotFound`."""
    everything = overview(actor)
    for method in everything.methods:
        if method.id == method_id and (not right or BY_TYPE[method.type].right == right):
            return everything, method
    raise NotFound("no such sign-in method")


def rename(actor: Actor, method: Method, others: Iterable[Method], name: str) -> None:
    """Give a method another name. Raises `Invalid`: empty, too long, or the name of another one."""
    if not name:
        raise Invalid({"name": _("Enter a name.")})
    if len(name) > LONGEST_NAME:
        raise Invalid({"name": _("Use at most %(most)s characters.", most=LONGEST_NAME)})
    if any(other.id != method.id and other.name == name for other in others):
        raise Invalid({"name": _("Another of your sign-in methods has this name.")})
    before = {"name": method.name}
    with audited(actor, "security.rename", target=method.id, before=before, after={"name": name, "type": method.type}):
        actor.account.rename_credential(method.id, name)


def only_way_in(actor: Actor, everything: Overview, method: Method) -> bool:
    """Whether the actor could not sign in any more without this method."""
    passkeys = [each for each in everything.methods if each.type == "webauthn-passwordless"]
    if everything.password or method.type != "webauthn-passwordless" or len(passkeys) > 1:
        return False
    return not actor.identity_provider and not any(each.connected for each in actor.account.linked_accounts())


def check_removal(actor: Actor, everything: Overview, method: Method) -> None:
    """Raises `Conflict` for the only way of signing in."""
    if only_way_in(actor, everything, method):
        raise Conflict(_("This is your only way of signing in. Add another one first."))


def last_second_step(everything: Overview, method: Method) -> bool:
    """Whether only the password would be asked for without this method."""
    steps = [each for each in everything.methods if each.type in {"otp", "webauthn"}]
    return method.type in {"otp", "webauthn"} and len(steps) == 1
