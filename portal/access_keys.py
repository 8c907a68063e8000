"""Rows of the table about programs: who makes their keys, and what programs alone do."""

from __future__ import annotations

from portal.access_row import API, MINUTES, Right, Scope, Via, any_of

SEE = {"view-realm"}
CHANGE = {"view-realm", "manage-realm"}
FRESH = 15 * MINUTES

KEY_RIGHTS: tuple[Right, ...] = (
    Right("keys.view", Scope.REALM, realm=any_of(SEE), via=Via.NONE),
    Right(
        "keys.manage", Scope.REALM, realm=any_of(CHANGE), fresh=FRESH, via=Via.NONE, writes=True, audit="keys.manage",
        limit="60/minute", plain=True,
    ),
    # People delete an organization after a fresh sign-in, which a program has not: it needs a scope of its own.
    Right(
        "organization.erase", Scope.ORG, organization=any_of({"view-organization", "delete-organization"}),
        sections=("org", "org.details"), via=Via.SETUP, writes=True, audit="organization.delete", limit="60/minute",
        faces=(API,),
    ),
)  # fmt: skip
