"""Deleting an organization, and what goes with it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select, update

from portal.actor import Actor
from portal.audit import audited
from portal.errors import Denied, NotFound, Upstream
from portal.invitations.rows import PENDING, REVOKED
from portal.jobs.actions import READY, RUNNING, end_rest
from portal.mail.outbox import stop_queued
from portal.organizations import places
from portal.organizations.lock import locked, names_locked
from portal.standing import learn
from portal.store import now, public_ids
from portal.store.models_organizations import AccountOwner, Domain, Invitation, Job, Mail


@dataclass(frozen=True)
class Loss:
    """What goes with an organization, in numbers; None for what the actor may not see."""

    members: int | None = None
    invitations: int | None = None
    domains: int = 0
    connections: int | None = None


def loss(actor: Actor) -> Loss:
    """What deleting the organization of the request takes along."""
    here, held = actor.here.id, actor.roles
    return Loss(
        actor.orgs.count_members(here) if "view-members" in held else None,
        actor.orgs.count_invitations(here) if "view-invitations" in held else None,
        len({*actor.orgs.organization(here).domains, *_claimed(actor)}),
        len(actor.orgs.connections(here)) if "view-identity-providers" in held else None,
    )


def _claimed(actor: Actor) -> list[str]:
    mine = select(Domain.name).where(Domain.realm == actor.realm.name, Domain.organization == actor.here.id)
    with actor.services.store.read() as transaction:
        return list(transaction.scalars(mine))


def end(actor: Actor) -> None:
    """Delete the organization of the request, then what the portal keeps for it."""
    here = actor.here
    lost = loss(actor)
    with names_locked(actor), locked(actor, here.id):
        before = {"name": here.name, **vars(lost)}
        with audited(actor, "organization.delete", target=here.id, before=before):
            actor.orgs.delete(here.id)
            if _stands(actor):
                raise Upstream("the organization is still there", retryable=False)
            _forget(actor)
    learn(actor)


def _stands(actor: Actor) -> bool:
    try:
        actor.orgs.organization(actor.here.id)
    except (NotFound, Denied):
        return False
    return True


def _forget(actor: Actor) -> None:
    """Nothing waits any more for an organization that is gone; records stay."""
    realm, here = actor.realm.name, actor.here.id
    jobs = select(Job.id).where(Job.realm == realm, Job.organization == here, Job.state.in_((READY, RUNNING)))
    waiting = update(Invitation).where(
        Invitation.realm == realm, Invitation.organization == here, Invitation.state == PENDING
    )
    with actor.services.store.write() as transaction:
        for job in transaction.scalars(jobs).all():
            end_rest(transaction, job, "person")
        stop_queued(transaction, select(Mail.id).where(Mail.realm == realm, Mail.organization == here))
        transaction.execute(waiting.values(state=REVOKED, ended=now()))
        for table in (Domain, AccountOwner):
            transaction.execute(delete(table).where(table.realm == realm, table.organization == here))
        places.gone(transaction, realm, here)
        public_ids.gone(transaction, realm, here)
