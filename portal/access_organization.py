"""Rows of the table about an organization, and what operators may do with organizations."""

from __future__ import annotations

from portal.access_row import BOTH, MINUTES, Right, Scope, Target, Via, any_of

VIEW_ROLES = frozenset(
    {"view-organization", "view-members", "view-roles", "view-invitations", "view-identity-providers"}
)
MANAGE_ROLES = frozenset(
    {
        "delete-organization", "manage-organization", "manage-members", "manage-roles", "manage-invitations",
        "manage-identity-providers",
    }
)  # fmt: skip

SEE = {"view-organization"}
SEE_MEMBERS = {*SEE, "view-members"}
SEE_ROLES = {*SEE, "view-roles"}
SEE_INVITATIONS = {*SEE, "view-invitations"}
# Deleting a role takes it from whoever holds it: not for those who only hand roles out.
ADMINISTER = {"manage-organization", "manage-roles"}
MANAGE_ORGANIZATIONS = {"view-organizations", "manage-organizations"}

ORGANIZATION_RIGHTS: tuple[Right, ...] = (
    Right("organizations.list", Scope.SELF, sections=("org",), via=Via.OWN, faces=BOTH),
    Right("organizations.search", Scope.SELF, via=Via.OWN),
    Right("organizations.star", Scope.ORG, sections=("org",), via=Via.OWN, writes=True, limit="120/minute"),
    Right("organizations.open", Scope.ORG, sections=("org",), via=Via.OWN, faces=BOTH),
    Right(
        "organizations.create", Scope.REALM, realm=any_of(MANAGE_ORGANIZATIONS, {"create-organization"}),
        sections=("org",), via=Via.OWN, writes=True, audit="organization.create", limit="30/minute", plain=True,
        faces=BOTH,
    ),
    Right(
        "organizations.leave", Scope.ORG, target=Target.SELF, sections=("org",), via=Via.SETUP, writes=True,
        audit="organization.leave", limit="30/minute", plain=True, faces=BOTH,
    ),
    Right(
        "organization.view", Scope.ORG, organization=any_of(SEE), sections=("org", "org.details"), via=Via.OWN,
        faces=BOTH,
    ),
    Right(
        "organization.edit", Scope.ORG, organization=any_of({*SEE, "manage-organization"}),
        sections=("org", "org.details"), via=Via.OWN, writes=True, audit="organization.edit", limit="60/minute",
        faces=BOTH,
    ),
    Right(
        "organization.look", Scope.ORG, organization=any_of({*SEE, "manage-organization"}),
        sections=("org", "org.details"), via=Via.OWN, writes=True, audit="organization.look", limit="60/minute",
        faces=BOTH,
    ),
    Right(
        "organization.rename", Scope.ORG, organization=any_of({*SEE, "manage-organization"}),
        realm=any_of(MANAGE_ORGANIZATIONS), sections=("org", "org.details"), via=Via.OWN, writes=True,
        audit="organization.rename", limit="30/minute", plain=True, faces=BOTH,
    ),
    Right(
        "organization.place", Scope.ORG, organization=any_of({*SEE, "manage-organization"}),
        realm=any_of(MANAGE_ORGANIZATIONS), sections=("org", "org.details"), via=Via.OWN, writes=True,
        audit="organization.place", limit="30/minute", plain=True, faces=BOTH,
    ),
    Right(
        "organization.delete", Scope.ORG, organization=any_of({*SEE, "delete-organization"}),
        sections=("org", "org.details"), fresh=5 * MINUTES, via=Via.OWN, writes=True, audit="organization.delete",
        limit="10/minute", plain=True, faces=BOTH,
    ),
    Right(
        "members.view", Scope.ORG, organization=any_of(SEE_MEMBERS), sections=("org", "org.members"), via=Via.OWN,
        faces=BOTH,
    ),
    Right(
        "members.remove", Scope.ORG, organization=any_of({*SEE_MEMBERS, "manage-members"}), target=Target.OUTRANKED,
        sections=("org", "org.members"), via=Via.OWN, writes=True, audit="members.remove", limit="120/minute",
        plain=True, faces=BOTH,
    ),
    Right(
        "roles.view", Scope.ORG, organization=any_of(SEE_ROLES), sections=("org", "org.members"), via=Via.OWN,
        faces=BOTH,
    ),
    Right(
        "roles.grant", Scope.ORG, organization=any_of({*SEE_MEMBERS, *SEE_ROLES, "manage-roles"}),
        target=Target.OUTRANKED, sections=("org", "org.members"), via=Via.OWN, writes=True, audit="roles.grant",
        limit="120/minute", faces=BOTH,
    ),
    Right(
        "roles.manage", Scope.ORG, organization=any_of({*SEE_ROLES, *ADMINISTER}), target=Target.OBJECT,
        sections=("org", "org.members"), via=Via.OWN, writes=True, audit="roles.manage", limit="60/minute", faces=BOTH,
    ),
    Right(
        "invitations.view", Scope.ORG, organization=any_of(SEE_INVITATIONS), sections=("org", "org.invitations"),
        via=Via.OWN, faces=BOTH,
    ),
    Right(
        "invitations.create", Scope.ORG, organization=any_of({*SEE_INVITATIONS, *SEE_ROLES, "manage-invitations"}),
        sections=("org", "org.invitations"), via=Via.OWN, writes=True, audit="invitations.create", limit="120/minute",
        faces=BOTH,
    ),
    Right(
        "invitations.manage", Scope.ORG, organization=any_of({*SEE_INVITATIONS, "manage-invitations"}),
        target=Target.OBJECT, sections=("org", "org.invitations"), via=Via.OWN, writes=True,
        audit="invitations.manage", limit="120/minute", faces=BOTH,
    ),
    Right("invitations.open", Scope.PUBLIC, plain=True, limit="60/minute"),
    # By the link alone, which proves the mailbox: there is no account yet that could sign in.
    Right(
        "invitations.join", Scope.PUBLIC, via=Via.ACCOUNTS, writes=True, audit="invitations.answer",
        limit="60/minute", plain=True,
    ),
    Right("invitations.received", Scope.SELF, sections=("org", "org.invitations"), via=Via.OWN, faces=BOTH),
    Right(
        "invitations.answer", Scope.SELF, target=Target.SELF, sections=("org", "org.invitations"), via=Via.SETUP,
        writes=True, audit="invitations.answer", limit="30/minute", plain=True, faces=BOTH,
    ),
    Right(
        "domains.view", Scope.ORG, organization=any_of(SEE), sections=("org", "org.domains"), via=Via.OWN, faces=BOTH,
    ),
    Right(
        "domains.manage", Scope.ORG, organization=any_of({*SEE, "manage-organization"}), target=Target.OBJECT,
        sections=("org", "org.domains"), via=Via.SETUP, writes=True, audit="domains.manage", limit="60/minute",
        plain=True, faces=BOTH,
    ),
    Right(
        "events.view", Scope.ORG, organization=any_of(SEE_MEMBERS), sections=("org", "org.events"), via=Via.NONE,
        faces=BOTH,
    ),
    Right(
        "events.export", Scope.ORG, organization=any_of(SEE_MEMBERS), sections=("org", "org.events"),
        audit="events.export", limit="20/minute", via=Via.NONE, faces=BOTH,
    ),
)  # fmt: skip
