"""Organizations as the service clients may touch them: each call with a grant that names its objects."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from portal.access_grant import REACH_ALL, Grant
from portal.clients.admin import needs, service_roles
from portal.clients.http import Http
from portal.clients.orgs import PAGE_LIMIT, Orgs
from portal.clients.orgs_bound import BoundOrgs, bound
from portal.clients.orgs_types import Invited, ListedDomain, Member, Organization, RoleResult
from portal.clients.service_calls import READ, SETUP, ServiceCalls
from portal.clients.service_token import claims
from portal.errors import NotFound
from portal.settings import Realm


class ServiceOrgs:
    """The back end of organizations for all realms, called by `portal-read` and `portal-setup`. Thread-safe."""

    def __init__(self, realms: Mapping[str, Realm], http: Http) -> None:
        self._orgs = ServiceCalls(realms, http, Orgs)

    @needs("view-organizations", client=READ)
    def roles_of(self, grant: Grant, organization_id: str, user_id: str) -> frozenset[str]:
        """Somebody's roles in one organization. Linear in its size."""
        return self._orgs(grant, READ).roles_of(grant.covering(organization_id), grant.covering(user_id))

    @needs("view-organizations", client=READ)
    def organization(self, grant: Grant, organization_id: str) -> Organization:
        """An organization for somebody who may not see it yet, such as an invited person."""
        return self._orgs(grant, READ).organization(grant.covering(organization_id))

    @needs("view-organizations", "manage-organizations", client=SETUP)
    def is_member(self, grant: Grant, organization_id: str, user_id: str) -> bool:
        """Whether somebody belongs to the organization. Linear in its size."""
        return self._orgs(grant, SETUP).is_member(grant.covering(organization_id), grant.covering(user_id))

    @needs("view-organizations", "manage-organizations", client=SETUP)
    def invitation_of(self, grant: Grant, organization_id: str, email: str) -> Invited | None:
        """The back end's invitation of exactly this address."""
        found = self._orgs(grant, SETUP).invitations(grant.covering(organization_id), email)
        return next((each for each in found if each.email == email), None)

    @needs("view-organizations", "manage-organizations", client=SETUP)
    def domains(self, grant: Grant, organization_id: str) -> list[ListedDomain]:
        """The domains of an organization, and which of them the back end takes for verified."""
        return self._orgs(grant, SETUP).domains(grant.covering(organization_id))

    @needs("view-organizations", "manage-organizations", client=SETUP)
    def described(self, grant: Grant, organization_id: str) -> Organization:
        """An organization with its names, for the portal's own work there."""
        return self._orgs(grant, SETUP).organization(grant.covering(organization_id))

    @needs("view-organizations", "manage-organizations", client=SETUP)
    def every(self, grant: Grant, pages: int = 10_000) -> Iterator[Organization]:
        """All organizations of the grant's realm, in `pages` calls at most; to compare, not to show."""
        orgs = self._orgs(grant, SETUP)
        for page in range(pages):
            found = orgs.search("", page * PAGE_LIMIT, PAGE_LIMIT)
            yield from found
            if len(found) < PAGE_LIMIT:
                return

    @needs("view-organizations", "manage-organizations", client=SETUP)
    def verified_elsewhere(self, grant: Grant, organization: Organization, names: Collection[str]) -> bool:
        """Whether an organization that `every` gave holds one of these domains verified."""
        found = self._orgs(grant, SETUP).domains(organization.id)
        return any(each.verified and each.name in names for each in found)

    @needs("view-organizations", client=READ)
    def organizations_of(self, grant: Grant, user_id: str) -> frozenset[str]:
        """The ids of the organizations somebody belongs to. `Upstream` for people in so many that it takes too long."""
        return frozenset(each.id for each in self._orgs(grant, READ).of_user(grant.covering(user_id)))

    @needs("view-organizations", client=READ)
    def identity_providers(self, grant: Grant, organization_id: str) -> frozenset[str]:
        """The aliases of an organization's identity providers."""
        return self._orgs(grant, READ).identity_providers(grant.covering(organization_id))

    @needs("view-organizations", client=READ)
    def enabled_providers(self, grant: Grant, organization_id: str) -> frozenset[str]:
        """The aliases of an organization's identity providers that are on."""
        return self._orgs(grant, READ).identity_providers(grant.covering(organization_id), on=True)

    def reaching(self, grant: Grant) -> BoundOrgs:
        """What the holder of a link or of a key can do with organizations: see `portal.access_grant.holder`."""
        return bound(self._orgs(grant, SETUP), None if grant.right == REACH_ALL else grant.objects)

    def account(self, grant: Grant, kind: str) -> str:
        """The id of the account behind a service client, by which Keycloak's log names it."""
        return str(claims(self._orgs(grant, kind).token())["sub"])

    @needs("view-organizations", "manage-organizations", client=SETUP)
    def add_member(self, grant: Grant, organization_id: str, user_id: str) -> None:
        """Make somebody a member."""
        self._orgs(grant, SETUP).add_member(grant.covering(organization_id), grant.covering(user_id))

    @needs("view-organizations", "manage-organizations", client=SETUP)
    def remove_member(self, grant: Grant, organization_id: str, user_id: str) -> None:
        """End a membership: whoever may not see members cannot end even his own."""
        self._orgs(grant, SETUP).remove_member(grant.covering(organization_id), grant.covering(user_id))

    @needs("view-organizations", "manage-organizations", client=SETUP)
    def holders(self, grant: Grant, organization_id: str, role: str) -> list[Member]:
        """Who holds a role, read anew right before a write that depends on it."""
        return self._orgs(grant, SETUP).holders(grant.covering(organization_id), role)

    @needs("view-organizations", "manage-organizations", client=SETUP)
    def grant_roles(self, grant: Grant, organization_id: str, user_id: str, names: Iterable[str]) -> list[RoleResult]:
        """Grant roles to a member."""
        return self._orgs(grant, SETUP).grant_roles(grant.covering(organization_id), grant.covering(user_id), names)

    @needs("view-organizations", "manage-organizations", client=SETUP)
    def invite(self, grant: Grant, organization_id: str, email: str, inviter: str) -> str:
        """Invite in the place of the issuer of a job; returns the id."""
        return self._orgs(grant, SETUP).invite(grant.covering(organization_id), email, inviter)

    @needs("view-organizations", "manage-organizations", client=SETUP)
    def revoke_invitation(self, grant: Grant, organization_id: str, invitation_id: str) -> None:
        """Take an invitation out of the back end; one that is gone is fine."""
        try:
            self._orgs(grant, SETUP).revoke_invitation(grant.covering(organization_id), invitation_id)
        except NotFound:
            return

    @needs("view-organizations", "manage-organizations", client=SETUP)
    def set_domains(self, grant: Grant, organization_id: str, domains: Iterable[str]) -> None:
        """Replace the domains of an organization and nothing else of it, under the caller's lease."""
        orgs = self._orgs(grant, SETUP)
        present = orgs.organization(grant.covering(organization_id))
        orgs.save(Organization(**{**vars(present), "domains": tuple(sorted(domains))}))

    @needs("view-organizations", "manage-organizations", client=SETUP)
    def verify_domain(self, grant: Grant, organization_id: str, name: str) -> bool:
        """Let the back end look the record up; whether the domain is verified now."""
        return self._orgs(grant, SETUP).verify_domain(grant.covering(organization_id), name)


__all__ = ["READ", "SETUP", "ServiceOrgs", "service_roles"]
