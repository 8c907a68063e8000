"""A worker that dies while it invites, and invitations past their time: on the real Keycloak, with a database apart."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from invited import INVITER, address, at_keycloak
from organization_holdings import Place
from sqlalchemy import select, update
from stack import Stack

from portal.actor import Actor
from portal.clients.orgs_types import Organization
from portal.errors import NotFound, Upstream
from portal.invitations import many, placing, sweeper
from portal.invitations.issuer import issuer, within
from portal.jobs.actions import progress
from portal.jobs.actions import rows as rows_of
from portal.jobs.run import run_one
from portal.mail import outbox
from portal.mail.delivery import deliver
from portal.services import Services, build
from portal.settings import load
from portal.store import now
from portal.store.models import AuditRow
from portal.store.models_organizations import Invitation, Job, Mail

LETTER = {"locale": "en", "days": 7, "message": "", "client": ""}


class Killed(BaseException):
    """The end of a process, as its code sees it."""


@pytest.fixture(scope="module")
def services(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The running portal's parts with a database that no worker looks at."""
    settings = load({**os.environ, "PORTAL_CONFIG": str(Path(stack.folder, "portal.toml"))})
    apart = tmp_path_factory.mktemp("apart") / "portal.db"
    found = build(replace(settings, database_url=f"sqlite:///{apart}"))
    found.store.upgrade()
    yield found
    found.store.engine.dispose()


@pytest.fixture
def place(stack: Stack) -> Place:
    """An organization whose administrator invites."""
    return Place(stack)


def inviter(services: Services, place: Place) -> Actor:
    """The administrator, as a worker sees him."""
    return issuer(services, "demo", Organization(place.id, place.name), place.someone.id)


def begin(services: Services, place: Place, *emails: str, roles: tuple[str, ...] = ()) -> Job:
    """A job with these people."""
    people = [many.sheet.Line(number, email, roles=roles) for number, email in enumerate(emails, 1)]
    job = many.start(inviter(services, place), people, LETTER)
    return progress(services, "demo", place.id, job).job


def again(services: Services) -> None:
    """Let the leases of the dead run out, and another worker come until nothing is left."""
    busy = True
    while busy:
        with services.store.write() as session:
            session.execute(update(Job).values(lease_until=1.0))
            session.execute(update(Mail).values(lease_until=1.0))
        mailed = deliver(services)
        busy = run_one(services) or bool(mailed)


def invitations(services: Services, *emails: str) -> list[Invitation]:
    with services.store.read() as session:
        return list(session.scalars(select(Invitation).where(Invitation.email.in_(emails))))


def outcomes(services: Services, job: Job) -> list[tuple[str, str]]:
    return [(row.state, row.reason) for row in rows_of(services, job)]


def dying(*args: Any, **kwargs: Any) -> Any:
    raise Killed


@pytest.mark.parametrize("point", ["before Keycloak", "after Keycloak", "after the outbox", "inside SMTP"])
def test_killed_at_any_point_each_row_has_one_outcome_and_nobody_two_mails(
    point: str, services: Services, place: Place, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    emails = [address(), address()]
    job = begin(services, place, *emails, roles=("view-members",))
    where = {
        "before Keycloak": (placing, "_invited"), "after Keycloak": (placing, "_row"),
        "after the outbox": (many, "_placed"), "inside SMTP": (outbox, "finish"),
    }[point]  # fmt: skip
    with monkeypatch.context() as patch, pytest.raises(Killed):
        if point == "after the outbox":
            real = many._placed

            def placed(*args: Any) -> Any:
                real(*args)
                raise Killed

            patch.setattr(*where, placed)
        else:
            patch.setattr(*where, dying)
        run_one(services)
        deliver(services)
    again(services)
    first, second = outcomes(services, job)
    assert first == (("unknown", "interrupted") if point == "inside SMTP" else ("sent", ""))
    assert second == ("sent", "")
    assert [each.state for each in invitations(services, *emails)] == ["pending", "pending"]
    for email in emails:
        assert len(at_keycloak(place, email)) == 1
        assert len(stack.mails(email)) == 1


def test_the_ceiling_of_the_issuer_is_that_of_the_moment(services: Services, stack: Stack) -> None:
    place = Place(stack, roles=(*INVITER, "view-members"))
    emails = [address(), address()]
    job = begin(services, place, *emails, roles=("view-members",))
    place.take(place.someone, "view-members")
    again(services)
    assert outcomes(services, job) == [("failed", "ceiling")] * 2
    assert at_keycloak(place) == []
    job = begin(services, place, *emails)
    place.take(place.someone, "manage-invitations")
    again(services)
    assert outcomes(services, job) == [("stopped", "denied")] * 2
    assert invitations(services, *emails) == []


def test_a_disabled_or_deleted_issuer_may_nothing(services: Services, place: Place, stack: Stack) -> None:
    assert within(inviter(services, place), ["manage-roles"]) == {"manage-roles"}
    admin = stack.admin()
    path = f"/admin/realms/demo/users/{place.someone.id}"
    admin.put(path, {**admin.get(path), "enabled": False})
    assert within(inviter(services, place), ["manage-roles"]) == frozenset()
    admin.delete(path)
    admin.close()
    assert within(inviter(services, place), ["manage-roles"]) == frozenset()


def test_a_member_is_skipped_or_not_told(services: Services, stack: Stack) -> None:
    place = Place(stack)
    member = place.join()
    job = begin(services, place, member.email)
    again(services)
    assert outcomes(services, job) == [("skipped", "member")]
    place.take(place.someone, "view-members")
    job = begin(services, place, member.email)
    again(services)
    assert outcomes(services, job) == [("sent", "")]
    assert stack.mails(member.email) == []


def test_one_address_gets_three_mails_an_hour_from_lists_too(services: Services, place: Place, stack: Stack) -> None:
    email = address()
    found = []
    for _ in range(4):
        job = begin(services, place, email)
        again(services)
        found += outcomes(services, job)
        for row in invitations(services, email):
            many.rows.end(services.store, row, "revoked")
        for each in at_keycloak(place, email):
            inviter_ways(services, place).revoke(each["id"])
    assert found == [("sent", "")] * 3 + [("skipped", "limit")]


def inviter_ways(services: Services, place: Place) -> placing.Ways:
    someone = inviter(services, place)
    return placing.service_ways(someone, lambda: many.grant(someone, "invitations.create", place.id))


@pytest.mark.feature("SV-103")
def test_expired_ones_are_taken_out_of_keycloak(services: Services, place: Place, monkeypatch: Any) -> None:
    late, young = address(), address()
    begin(services, place, late, young)
    again(services)
    with services.store.write() as session:
        past = update(Invitation).where(Invitation.email == late)
        session.execute(past.values(expires=now() - timedelta(seconds=1)))

    def away(*args: Any) -> None:
        raise Upstream("away")

    with monkeypatch.context() as patch:
        patch.setattr(services.orgs, "revoke_invitation", away)
        assert sweeper.sweep(services) == 0
    assert len(at_keycloak(place, late)) == 1
    assert sweeper.sweep(services) == 1
    assert at_keycloak(place, late) == []
    assert len(at_keycloak(place, young)) == 1
    [row] = invitations(services, late)
    assert row.state == "expired"
    assert sweeper.sweep(services) == 0
    with services.store.read() as session:
        told = select(AuditRow.state).where(AuditRow.tag == "invitations.expire", AuditRow.target == late)
        assert list(session.scalars(told.order_by(AuditRow.at))) == ["failed", "done"]


def test_what_belongs_to_an_organization_that_is_gone_is_ended(services: Services, place: Place) -> None:
    email = address()
    begin(services, place, email)
    again(services)
    admin = place.stack.admin()
    admin.delete(f"/realms/demo/orgs/{place.id}")
    admin.close()
    with services.store.write() as session:
        session.execute(update(Invitation).where(Invitation.email == email).values(expires=now()))
    assert sweeper.sweep(services) >= 1
    with pytest.raises(NotFound):
        many.rows.find(services.store, "demo", "another", invitations(services, email)[0].id)
