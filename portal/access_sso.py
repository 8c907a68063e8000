"""Rows of the table about single sign-on of an organization."""

from __future__ import annotations

from portal.access_row import BOTH, MINUTES, Right, Scope, Target, Via, any_of

# All four or nothing: whoever connects an identity provider decides who may come in.
CONNECT = {"view-organization", "manage-organization", "view-identity-providers", "manage-identity-providers"}
# Whoever writes such a rule gives roles, now and to people who come later.
GIVE = {"view-members", "view-roles", "manage-roles"}
OPERATE = {"view-organizations", "manage-organizations"}
SECTIONS = ("org", "org.sso")

SSO_RIGHTS: tuple[Right, ...] = (
    Right("sso.view", Scope.ORG, organization=any_of(CONNECT), sections=SECTIONS, via=Via.SETUP, faces=BOTH),
    Right(
        "sso.setup", Scope.ORG, organization=any_of(CONNECT), target=Target.OBJECT, sections=SECTIONS, via=Via.SETUP,
        writes=True, audit="sso.setup", limit="600/minute", faces=BOTH,
    ),
    Right(
        "sso.test", Scope.ORG, organization=any_of(CONNECT), target=Target.OBJECT, sections=SECTIONS, via=Via.SETUP,
        writes=True, audit="sso.test", limit="240/minute", faces=BOTH,
    ),
    Right(
        "sso.try", Scope.PUBLIC, via=Via.SETUP, writes=True, audit="sso.test", limit="60/minute", plain=True,
    ),
    Right(
        "sso.manage", Scope.ORG, organization=any_of(CONNECT), target=Target.OBJECT, sections=SECTIONS,
        fresh=15 * MINUTES, via=Via.SETUP, writes=True, audit="sso.manage", limit="60/minute", plain=True, faces=BOTH,
    ),
    # Apart from `sso.manage`, so that a link can carry it alone.
    Right(
        "sso.renew", Scope.ORG, organization=any_of(CONNECT), target=Target.OBJECT, sections=SECTIONS,
        fresh=15 * MINUTES, via=Via.SETUP, writes=True, audit="sso.manage", limit="60/minute", plain=True, faces=BOTH,
    ),
    Right(
        "sso.map", Scope.ORG, organization=any_of({*CONNECT, *GIVE}), target=Target.OBJECT,
        sections=(*SECTIONS, "org.members"), fresh=15 * MINUTES, via=Via.SETUP, writes=True, audit="sso.map",
        limit="60/minute", plain=True, faces=BOTH,
    ),
    Right(
        "sso.policy", Scope.ORG, organization=any_of({*CONNECT, *GIVE}), target=Target.OBJECT,
        sections=(*SECTIONS, "org.members"), fresh=15 * MINUTES, via=Via.SETUP, writes=True, audit="sso.policy",
        limit="30/minute", plain=True, faces=BOTH,
    ),
    Right("sso.review", Scope.REALM, realm=any_of(OPERATE), via=Via.SETUP, faces=BOTH),
    Right(
        "sso.override", Scope.ORG, organization=any_of(CONNECT), realm=any_of(OPERATE), target=Target.OBJECT,
        sections=SECTIONS, fresh=15 * MINUTES, via=Via.SETUP, writes=True, audit="sso.override", limit="30/minute",
        plain=True, faces=BOTH,
    ),
)  # fmt: skip
