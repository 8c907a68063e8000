"""What is past its time is deleted, and nothing else."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from test_store import add, ids, session_row

from portal.cli import main
from portal.doctor.data import AUDIT_DAYS
from portal.settings import load
from portal.signin.sessions import Sessions
from portal.store import Store, now
from portal.store.models import AuditRow, Base, Preference, SessionRow, SignInRow, UsedToken
from portal.store.models_organizations import EventRow, Invitation, Job, JobRow, Mail, Membership
from portal.store.models_settings import SettingsChange
from portal.store.models_work import Counter, Lease
from portal.store.purge import BATCH, purge
from portal.store.vault import Vault


def audit_row(name: str, age: timedelta) -> AuditRow:
    values = {"realm": "demo", "tag": "profile.edit", "principal": {}, "sub": "una", "state": "done"}
    return AuditRow(id=name, at=now() - age, before={}, after={}, **values)


def settings_row(name: str, age: timedelta) -> SettingsChange:
    values = {"realm": "demo", "area": "sections", "by": "rita", "by_name": "Rita", "before": {}, "after": {}}
    return SettingsChange(id=name, at=now() - age, found={}, undoes="", undone=None, **values)


def test_purge_deletes_what_is_past_its_time_and_nothing_else(
    configuration: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    minute, day = timedelta(minutes=1), timedelta(days=1)
    add(
        store,
        session_row("alive"),
        session_row("expired", expires=now() - minute),
        session_row("idle", seen=now() - timedelta(minutes=31)),
        SignInRow(state="new", session_id="a", realm="demo", created=now() - 59 * minute, secrets=b"", data={}),
        SignInRow(state="stale", session_id="a", realm="demo", created=now() - 61 * minute, secrets=b"", data={}),
        UsedToken(jti="new", expires=now() + minute),
        UsedToken(jti="old", expires=now() - minute),
        audit_row("kept", (AUDIT_DAYS - 1) * day),
        audit_row("old", (AUDIT_DAYS + 1) * day),
        settings_row("kept", (AUDIT_DAYS - 1) * day),
        settings_row("old", (AUDIT_DAYS + 1) * day),
        Preference(realm="demo", sub="una", key="theme", value="dark"),
    )
    assert main(["db", "purge"]) == 0
    assert ids(store, SessionRow.id) == {"alive"}
    assert ids(store, SignInRow.state) == {"new"}
    assert ids(store, UsedToken.jti) == {"new"}
    assert ids(store, AuditRow.id) == {"kept"}
    assert ids(store, SettingsChange.id) == {"kept"}
    assert ids(store, Preference.value) == {"dark"}
    said = capsys.readouterr().out
    assert said.startswith("Deleted: 3 sessions and sign-ins, 1 ids of logout tokens, 1 audit records, ")
    assert "1 changes of settings, 0 invitations, " in said


def test_an_operators_own_tokens_go_when_his_minutes_are_over(configuration: Path, store: Store) -> None:
    add(
        store,
        session_row("over", operator_tokens=b"sealed", operator_until=time.time() - 1),
        session_row("at work", operator_tokens=b"sealed", operator_until=time.time() + 60),
        session_row("none"),
    )
    assert Sessions(store, Vault([bytes(32)]), load()).forget_operators() == 1
    with store.read() as session:
        kept = {row.id: row.operator_tokens for row in session.scalars(select(SessionRow))}
    assert kept == {"over": None, "at work": b"sealed", "none": None}


def ended(kind: str, name: str, age: timedelta | None) -> list[Base]:
    """An invitation, a mail or a job with its rows that ended so long ago; None: it has not."""
    at = now() - age if age else None
    common: dict[str, object] = {"id": name, "realm": "demo", "organization": "o", "created": now()}
    if kind == "invitation":
        own = {"email": "a@b.test", "inviter": "olivia", "expires": now(), "state": "pending", "token": name}
        return [Invitation(**common, **own, ended=at)]
    if kind == "mail":
        return [Mail(**common, recipient="a@b.test", state="queued", due=now(), finished=at)]
    if kind == "membership":
        return [Membership(realm="demo", organization="o", person=name, since=now() - timedelta(days=500), until=at)]
    rows = [JobRow(job=name, number=number, state="sent", data={}) for number in range(3)]
    return [Job(**common, kind="k", issuer="olivia", state="done", finished=at), *rows]


@pytest.mark.parametrize(
    ("kind", "days", "key"),
    [
        ("invitation", 90, Invitation.id),
        ("mail", 30, Mail.id),
        ("job", 7, Job.id),
        ("membership", 90, Membership.person),
    ],
)
def test_what_ended_goes_after_its_days(configuration: Path, store: Store, kind: str, days: int, key: object) -> None:
    day = timedelta(days=1)
    ages = {"open": None, "new": (days - 1) * day, "old": (days + 1) * day}
    add(store, *(row for name, age in ages.items() for row in ended(kind, name, age)))
    assert main(["db", "purge"]) == 0
    assert ids(store, key) == {"open", "new"}
    assert ids(store, JobRow.job) == ({"open", "new"} if kind == "job" else set())


def test_events_go_after_their_days(configuration: Path, store: Store) -> None:
    for name, days in (("new", 89), ("old", 91)):
        at = now() - timedelta(days=days)
        add(store, EventRow(id=name, realm="demo", organization="o", at=at, kind="LOGIN", details={}))
    assert main(["db", "purge"]) == 0
    assert ids(store, EventRow.id) == {"new"}


def test_an_invitation_that_was_never_answered_ended_when_it_expired(configuration: Path, store: Store) -> None:
    add(store, *ended("invitation", "forgotten", None))
    with store.write() as session:
        session.execute(update(Invitation).values(expires=now() - timedelta(days=91)))
    assert main(["db", "purge"]) == 0
    assert ids(store, Invitation.id) == set()


def test_counts_and_leases_go_when_they_are_of_no_use(configuration: Path, store: Store) -> None:
    present, day = time.time(), 24 * 3600
    add(store, Counter(key="new", begun=present - day, count=1), Counter(key="old", begun=present - 3 * day, count=1))
    add(store, Lease(name="new", holder="x", until=present), Lease(name="old", holder="x", until=present - 2 * day))
    assert main(["db", "purge"]) == 0
    assert ids(store, Counter.key) == ids(store, Lease.name) == {"new"}


def test_purge_deletes_more_than_one_batch(configuration: Path, store: Store) -> None:
    add(store, *(audit_row(f"old-{number}", timedelta(days=AUDIT_DAYS + 1)) for number in range(2 * BATCH + 1)))
    assert purge(store, load())["audit records"] == 2 * BATCH + 1
    assert ids(store, AuditRow.id) == set()
