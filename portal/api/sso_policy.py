"""The policy of single sign-on as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.actor import Actor
from portal.api.filling import FLAG, TEXT, objects
from portal.api.operations import Body, Operation
from portal.api.organizations import HERE
from portal.sso import policy


@dataclass(frozen=True)
class PolicyDocument:
    """What is decided about signing in. `missing` is what has to happen before single sign-on can be demanded."""

    enforced: bool
    managed: bool
    several: bool
    rescue: str
    rescue_name: str
    rehearsed: datetime | None
    missing: str


def decided(actor: Actor, _body: Body) -> PolicyDocument:
    """What is decided, and what stands in the way of more."""
    row = policy.present(actor)
    missing = policy.lacking(actor, policy.candidates(actor))
    return PolicyDocument(row.enforced, row.managed, row.several, row.rescue, row.rescue_name, row.rehearsed, missing)


def settle(actor: Actor, body: Body) -> PolicyDocument:
    """Change what is named. That the way in works is shown in a browser, by the one who is named."""
    if "rescue" in body:
        policy.name_rescue(actor, body["rescue"])
    if "enforced" in body:
        policy.enforce(actor, body["enforced"])
    if "managed" in body:
        policy.manage(actor, body["managed"])
    return decided(actor, {})


def allow_several(actor: Actor, body: Body) -> None:
    """Whether there may be several connections."""
    policy.allow_several(actor, body["several"])


POLICY = f"{HERE}/sso-policy"

OPERATIONS = (
    Operation("GET", POLICY, "sso.policy", "getSsoPolicy", "What is decided about signing in", decided, PolicyDocument),
    Operation(
        "PATCH", POLICY, "sso.policy", "changeSsoPolicy", "Decide about signing in", settle, PolicyDocument,
        body=objects(rescue=TEXT, enforced=FLAG, managed=FLAG),
    ),
    Operation(
        "PUT", f"{POLICY}/several", "sso.override", "allowSeveralConnections", "Allow several connections, or not",
        allow_several, body=objects(("several",), several=FLAG),
    ),
)  # fmt: skip
