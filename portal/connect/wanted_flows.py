"""The portal's own flows for connections to identity providers. Data only; flows of the realm are never changed.

A draft of a connection can be used by test sign-ins alone; whoever comes through a live one has an address of a
verified domain of the organization that has it, at every sign-in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.clients.connections_allowed import DRAFT_FLOW, POST_FLOW

GATE, ACCOUNT = "portal draft gate", "portal draft account"
TEST_SCOPE = "portal-test"


@dataclass(frozen=True)
class Step:
    """One execution of a flow: an authenticator with its settings, or a flow of its own with `steps`."""

    name: str
    requirement: str = "REQUIRED"
    config: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class WantedFlow:
    """A flow of the portal's."""

    alias: str
    description: str
    steps: tuple[Step, ...]


# The scope is asked for twice: were it deleted, the gate would say nothing, and no account would be made.
DRAFT = WantedFlow(
    DRAFT_FLOW,
    "First sign-in through a draft of a connection: test sign-ins alone, and never with an account that exists",
    (
        Step(
            GATE, "CONDITIONAL",
            steps=(
                Step("conditional-client-scope", config={"client_scope": TEST_SCOPE, "negate": "true"}),
                Step("deny-access-authenticator"),
            ),
        ),
        Step(
            ACCOUNT, "CONDITIONAL",
            steps=(
                Step("conditional-client-scope", config={"client_scope": TEST_SCOPE, "negate": "false"}),
                Step("idp-create-user-if-unique"),
            ),
        ),
    ),
)  # fmt: skip
# Without the extension's own first step, which would open a draft to the login page after a test.
POST = WantedFlow(
    POST_FLOW,
    "After each sign-in through a connection: addresses of verified domains of the organization alone, then join it",
    (
        Step("ext-auth-org-id-verifier", config={"requireVerifiedDomain": "true"}),
        Step("ext-auth-org-note"),
        Step("ext-auth-org-add-user"),
    ),
)
FLOWS = (DRAFT, POST)
