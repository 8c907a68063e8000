"""Real worker processes: killed at every point, several at once, ended politely; and what comes round."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from mail_double import ScriptedMail
from sqlalchemy import update
from worker_bench import Greet, begin, counts, kill, rest, start, state, work_off

from portal.cli import main
from portal.errors import Upstream
from portal.jobs import periodic
from portal.jobs.actions import progress
from portal.jobs.actions import rows as rows_of
from portal.jobs.run import run_one
from portal.services import Services
from portal.store.models_organizations import Job, Mail
from portal.store.models_work import Lease


def bury(services: Services) -> None:
    """Let the leases of the dead run out."""
    with services.store.write() as session:
        session.execute(update(Job).values(lease_until=1.0))
        session.execute(update(Mail).values(lease_until=1.0))


def outcomes(services: Services, job: str) -> list[str]:
    return [row.state for row in rows_of(services, progress(services, "demo", "o1", job).job)]


@contextmanager
def dying(services: Services, folder: Path, point: str) -> Iterator[None]:
    """A worker that is killed at the end of the block, and whose leases are over then."""
    process = start(folder, point)
    try:
        yield
        assert process.poll() is None, (folder / "worker.log").read_text()
    finally:
        kill(process)
    bury(services)


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ("before the first row", ["sent", "sent", "sent"]),
        ("row 1 begun", ["sent", "sent", "sent"]),
        ("row 1 queued", ["sent", "sent", "sent"]),
        ("row 2 begun", ["sent", "sent", "sent"]),
        ("mail sent", ["unknown", "sent", "sent"]),
    ],
)
def test_a_killed_worker_leaves_each_row_one_outcome_and_nobody_two_mails(
    services: Services, smtp: ScriptedMail, greet: Greet, tmp_path: Path, eventually: Callable[..., Any],
    point: str, expected: list[str],
) -> None:  # fmt: skip
    job = begin(services, 3)
    with dying(services, tmp_path, point):
        eventually((tmp_path / "at").exists, 30, f"the worker did not come to {point}")
    work_off(services)
    assert outcomes(services, job) == expected
    assert state(services, job) == ("done", "")
    assert sorted(mail.to for mail in smtp.messages()) == [(f"person{number}@umbrella.test",) for number in (1, 2, 3)]


def test_a_worker_killed_while_the_server_takes_the_mail(
    services: Services, smtp: ScriptedMail, greet: Greet, tmp_path: Path,
) -> None:  # fmt: skip
    smtp.held.add("person2@umbrella.test")
    job = begin(services, 3)
    with dying(services, tmp_path, ""):
        assert smtp.taken.wait(30)
    smtp.go_on.set()
    work_off(services)
    assert outcomes(services, job) == ["sent", "unknown", "sent"]
    assert len(smtp.messages("person2@umbrella.test")) <= 1
    assert len(smtp.messages("person1@umbrella.test")) == len(smtp.messages("person3@umbrella.test")) == 1


def test_a_second_mail_would_be_seen(
    services: Services,
    smtp: ScriptedMail,
    greet: Greet,
    tmp_path: Path,
    eventually: Callable[..., Any],
) -> None:
    """The control: what is sent again after a worker's death arrives twice."""
    begin(services, 1)
    with dying(services, tmp_path, "mail sent"):
        eventually((tmp_path / "at").exists, 30)
    with services.store.write() as session:
        session.execute(update(Mail).values(state="queued", lease=""))
    work_off(services)
    assert len(smtp.messages("person1@umbrella.test")) == 2


def test_a_row_of_which_nobody_can_tell_is_unknown(
    services: Services, smtp: ScriptedMail, greet: Greet, tmp_path: Path, eventually: Callable[..., Any],
) -> None:  # fmt: skip
    greet.tells = False
    job = begin(services, 2)
    with dying(services, tmp_path, "row 1 begun"):
        eventually((tmp_path / "at").exists, 30)
    work_off(services)
    assert outcomes(services, job) == ["unknown", "sent"]
    assert smtp.messages("person1@umbrella.test") == []


def test_what_cannot_be_told_now_is_asked_again(
    services: Services, smtp: ScriptedMail, greet: Greet, tmp_path: Path, eventually: Callable[..., Any]
) -> None:
    job = begin(services, 2)
    with dying(services, tmp_path, "row 1 queued"):
        eventually((tmp_path / "at").exists, 30)
    settle, asked = greet.settle, []

    def away_at_first(*given: Any) -> Any:
        asked.append(1)
        if len(asked) == 1:
            raise Upstream("away")
        return settle(*given)

    greet.settle = away_at_first  # type: ignore[method-assign]
    assert run_one(services)
    assert counts(services, job) == {"waiting": 1, "working": 1}
    assert not run_one(services)
    rest(services)
    work_off(services)
    assert outcomes(services, job) == ["sent", "sent"]


def test_two_workers_at_once_mail_everybody_once(
    services: Services, smtp: ScriptedMail, tmp_path: Path, eventually: Callable[..., Any]
) -> None:
    jobs = [begin(services, 40, name) for name in ("a", "b", "c")]
    workers = [start(tmp_path), start(tmp_path)]
    try:
        eventually(lambda: all(counts(services, job) == {"sent": 40} for job in jobs), 60, "the jobs were not done")
    finally:
        for process in workers:
            process.send_signal(signal.SIGTERM)
    assert [process.wait(20) for process in workers] == [0, 0]
    assert len(smtp.messages()) == len({mail.to for mail in smtp.messages()}) == 120


def test_sigterm_ends_a_worker_after_what_is_at_hand(
    services: Services, smtp: ScriptedMail, tmp_path: Path, eventually: Callable[..., Any]
) -> None:
    smtp.held.add("person1@umbrella.test")
    job = begin(services, 2)
    process = start(tmp_path)
    assert smtp.taken.wait(30)
    process.send_signal(signal.SIGTERM)
    smtp.go_on.set()
    assert process.wait(20) == 0
    assert outcomes(services, job)[0] == "sent"
    assert len(smtp.messages()) == 1
    lines = [json.loads(line) for line in (tmp_path / "worker.log").read_text().splitlines()]
    events = [line["event"] for line in lines]
    assert (events[0], events[-1]) == ("worker begins", "worker ends")
    assert "umbrella.test" not in (tmp_path / "worker.log").read_text(), "addresses stay out of the log"


def test_a_configuration_that_cannot_be_used_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORTAL_CONFIG", "/no/such/file")
    assert main(["worker"]) == 2
    assert capsys.readouterr().err.startswith("portal worker: cannot read PORTAL_CONFIG")


# What comes round


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the only task there is wrote down."""
    found: list[str] = []
    monkeypatch.setattr(periodic, "TASKS", {})
    periodic.register("note", 60, lambda _: found.append("done"))
    return found


def pass_by(services: Services) -> None:
    with services.store.write() as session:
        session.execute(update(Lease).values(until=1.0))


def test_a_task_comes_once_in_its_time_whoever_asks(services: Services, done: list[str]) -> None:
    assert [periodic.run_due(services) for _ in range(3)] == [1, 0, 0]
    pass_by(services)
    assert periodic.run_due(services) == 1
    assert done == ["done", "done"]


def test_a_task_that_somebody_is_at_is_left_to_him(services: Services, done: list[str]) -> None:
    def again(_: Services) -> None:
        pass_by_due(services)
        assert periodic.run_due(services) == 0
        done.append("once")

    periodic.register("note", 60, again)
    assert periodic.run_due(services) == 1
    assert done == ["once"]


def pass_by_due(services: Services) -> None:
    with services.store.write() as session:
        session.execute(update(Lease).where(Lease.name == "due:note").values(until=1.0))


def test_a_task_that_fails_keeps_no_other_from_its_turn(services: Services, done: list[str]) -> None:
    periodic.TASKS.clear()
    periodic.register("broken", 60, lambda _: 1 / 0)
    periodic.register("note", 60, lambda _: done.append("done"))
    assert periodic.run_due(services) == 2
    assert done == ["done"]
    pass_by(services)
    assert periodic.run_due(services) == 2
