"""What there is: the person's sign-in methods as Keycloak lists them, and what may be done with them.

Source: `GET /account/credentials`, the realm's required actions and section switches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.access import BY_NAME
from portal.actor import Actor
from portal.clients.account_types import Credential, CredentialType
from portal.security.kinds import APP, BY_TYPE, CODES, KEY, KINDS, PASSKEY, PASSWORD, Kind
from portal.security.summary import Standing, Summary, summarize

REMOVE = "delete_credential"


@dataclass(frozen=True)
class Method:
    """One sign-in method, never its secret. `left` and `total` count recovery codes; `model` names the authenticator.

    `few`: Keycloak warns that recovery codes run out.
    """

    id: str
    type: str
    name: str
    created: datetime | None
    transports: tuple[str, ...] = ()
    model: str = ""
    left: int = 0
    total: int = 0
    few: bool = False


@dataclass(frozen=True)
class Group:
    """A kind with the person's own methods.

    `action` is what Keycloak does to add one (empty: not offered), `removable` whether it can take one away;
    `shown` is false where the section is switched off.
    """

    kind: Kind
    methods: tuple[Method, ...]
    action: str
    removable: bool
    shown: bool


@dataclass(frozen=True)
class Overview:
    """Everything there is. `password_action` is empty where the realm offers no change.

    `groups` and `methods` hold what the realm's section switches show; what decides looks at `count`.
    """

    password: Method | None
    password_action: str
    password_shown: bool
    everything: tuple[Group, ...]
    elsewhere: bool
    summary: Summary

    @property
    def groups(self) -> list[Group]:
        """The kinds that are shown."""
        return [group for group in self.everything if group.shown]

    @property
    def methods(self) -> list[Method]:
        """The methods that are shown, without the password."""
        return [method for group in self.groups for method in group.methods]

    def count(self, *types: str) -> int:
        """How many methods of these types there are, shown or not."""
        return sum(len(group.methods) for group in self.everything if group.kind.type in types)


def overview(actor: Actor) -> Overview:
    """How the actor signs in. Raises `Denied`, `SessionEnded`, `Upstream`."""
    types = {each.type: each for each in actor.account.credentials()}
    facts = actor.services.realm_facts(actor.realm.name)
    enabled = facts.required_actions
    groups = tuple(_group(actor, kind, types[kind.type], enabled) for kind in KINDS if kind.type in types)
    password = next(iter(_methods(types.get(PASSWORD))), None)
    offered = types[PASSWORD].update_action or types[PASSWORD].create_action if PASSWORD in types else ""
    elsewhere = _elsewhere(actor, password)
    summary = summarize(_standing(password, groups, elsewhere, facts.reset_password_allowed), _offered(actor, groups))
    return Overview(
        password,
        offered if enabled.get(offered) else "",
        _shown(actor, "security.password"),
        groups,
        elsewhere,
        summary,
    )


def _elsewhere(actor: Actor, password: Method | None) -> bool:
    """Whether another provider signs the actor in. Links are asked for only where nothing else is known."""
    if actor.identity_provider:
        return True
    return password is None and any(each.connected for each in actor.account.linked_accounts())


def _standing(password: Method | None, groups: Iterable[Group], elsewhere: bool, resets: bool) -> Standing:
    found = {group.kind.type: group.methods for group in groups}
    codes = next(iter(found.get(CODES, ())), None)
    return Standing(
        password=password is not None,
        passkeys=len(found.get(PASSKEY, ())),
        factors=len(found.get(KEY, ())) + len(found.get(APP, ())),
        codes=codes.left if codes else 0,
        few=bool(codes and codes.few),
        elsewhere=elsewhere,
        resets=resets,
    )


def _offered(actor: Actor, groups: Iterable[Group]) -> frozenset[str]:
    return frozenset(group.kind.slug for group in groups if group.action and actor.may(group.kind.right))


def _shown(actor: Actor, right: str) -> bool:
    return not actor.facts.switches_off.intersection(BY_NAME[right].sections)


def _group(actor: Actor, kind: Kind, found: CredentialType, enabled: Mapping[str, bool]) -> Group:
    action = found.create_action or found.update_action
    return Group(
        kind, tuple(_methods(found)), action if enabled.get(action) else "",
        removable=found.removable and bool(enabled.get(REMOVE)), shown=_shown(actor, kind.right),
    )  # fmt: skip


def _methods(found: CredentialType | None) -> list[Method]:
    if found is None:
        return []
    nameless: Counter[str] = Counter()
    methods = []
    for each in found.credentials:
        nameless[found.type] += not each.label
        methods.append(_method(each, found.type, nameless[found.type]))
    return methods


def _method(credential: Credential, kind: str, number: int) -> Method:
    details = credential.details
    left, total = (int(details.get(key) or 0) for key in ("remainingCodes", "totalCodes"))
    return Method(
        credential.id, kind, _name(credential.label, kind, number), credential.created,
        transports=tuple(str(each) for each in details.get("transports") or []),
        model=str(details.get("authenticatorProvider") or ""), left=left, total=total,
        few=bool(credential.warning),
    )  # fmt: skip


def _name(label: str, kind: str, number: int) -> str:
    """The person's own name for it, else the usual one; a second nameless one of its kind gets a number."""
    if kind not in BY_TYPE:
        return label
    usual = str(BY_TYPE[kind].one)
    if label and not BY_TYPE[kind].single:  # Keycloak's own name for recovery codes is English everywhere
        return label
    return f"{usual} {number}" if number > 1 else usual
