"""Jobs: every row gets exactly one outcome, as far as the issuer may still do it."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from mail_double import ScriptedMail
from sqlalchemy import Update, update
from worker_bench import Greet, begin, counts, issuer, rest, state, work_off

from portal.errors import Denied, Invalid, NotFound, TooMany, Upstream
from portal.jobs.actions import MOST_ROWS, progress, recent, rows, stop
from portal.jobs.run import ROWS, run_one
from portal.mail.delivery import deliver
from portal.services import Services
from portal.store.models_organizations import Job, JobRow


def test_a_job_works_through_its_rows_and_is_done(services: Services, smtp: ScriptedMail, greet: Greet) -> None:
    job = begin(services, 60)
    assert state(services, job) == ("ready", "")
    assert counts(services, job) == {"waiting": 60}
    work_off(services)
    assert state(services, job) == ("done", "")
    assert counts(services, job) == {"sent": 60}
    assert len(smtp.messages()) == len({mail.to for mail in smtp.messages()}) == 60
    assert greet.asked >= 60 / ROWS, "the right is asked for again on the way"
    found = progress(services, "demo", "o1", job)
    assert (found.open, found.job.total, found.job.issuer_name) == (0, 60, "Olivia")
    assert found.job.finished


def test_a_rows_outcome_is_that_of_its_mail(services: Services, smtp: ScriptedMail, greet: Greet) -> None:
    smtp.answers["RCPT", "person2@umbrella.test"] = "550 no such person"
    smtp.answers["DATA", "person3@umbrella.test"] = ""
    job = begin(services, 3)
    assert run_one(services)
    assert counts(services, job) == {"mailing": 3}
    assert state(services, job) == ("running", "")
    work_off(services)
    found = [(row.state, row.reason) for row in rows(services, progress(services, "demo", "o1", job).job)]
    assert found == [("sent", ""), ("failed", "recipient"), ("unknown", "interrupted")]
    assert state(services, job) == ("done", "")


def test_errors_end_one_row_and_not_the_job(services: Services, greet: Greet) -> None:
    job = begin(services, 5)
    greet.raises = {
        "person1@umbrella.test": [Denied("ceiling")],
        "person2@umbrella.test": [Upstream("lost", unknown=True)],
        "person3@umbrella.test": [ZeroDivisionError()],
        "person4@umbrella.test": [Upstream("no", retryable=False)],
    }
    work_off(services)
    found = [(row.state, row.reason) for row in rows(services, progress(services, "demo", "o1", job).job)]
    assert found == [("failed", "denied"), ("unknown", "interrupted"), ("unknown", "error"), ("failed", "upstream"),
                     ("sent", "")]  # fmt: skip


def test_a_service_that_does_not_answer_is_waited_for(services: Services, greet: Greet) -> None:
    job = begin(services, 3)
    greet.raises = {"person2@umbrella.test": [Upstream("away"), TooMany(30)]}
    run_one(services)
    assert counts(services, job) == {"mailing": 1, "waiting": 2}
    assert not run_one(services), "not at once"
    work_off(services)
    assert counts(services, job) == {"sent": 3}


def test_a_service_that_never_answers_is_given_up(services: Services, greet: Greet) -> None:
    job = begin(services, 2)
    greet.raises = {"person1@umbrella.test": [Upstream("away")] * 9}
    work_off(services)
    assert counts(services, job) == {"failed": 1, "sent": 1}


def test_when_the_right_is_lost_the_rest_stops(
    services: Services, smtp: ScriptedMail, greet: Greet, tmp_path: Path
) -> None:
    job = begin(services, 60)
    assert run_one(services)
    while deliver(services):
        pass
    (tmp_path / "denied").touch()
    work_off(services)
    assert state(services, job) == ("stopped", "denied")
    assert counts(services, job) == {"sent": ROWS, "stopped": 60 - ROWS}
    assert len(smtp.messages()) == ROWS


def test_who_cannot_be_asked_has_not_lost_the_right(
    services: Services, greet: Greet, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = begin(services, 3)

    def away(*_: object) -> bool:
        raise Upstream("Keycloak does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(greet, "still_allowed", away)
        assert run_one(services)
        assert not run_one(services)
    assert counts(services, job) == {"waiting": 3}
    rest(services)
    work_off(services)
    assert counts(services, job) == {"sent": 3}


def test_stopping_ends_what_has_not_begun_and_what_has_not_left(
    services: Services, smtp: ScriptedMail, greet: Greet
) -> None:
    job = begin(services, 60)
    run_one(services)
    deliver(services)
    assert stop(issuer(services), "o1", job) == 59
    assert stop(issuer(services), "o1", job) == 0
    work_off(services)
    assert state(services, job) == ("stopped", "person")
    assert counts(services, job) == {"sent": 1, "stopped": 59}
    assert len(smtp.messages()) == 1


def test_a_row_at_work_while_the_job_is_stopped_ends_by_itself(services: Services, greet: Greet) -> None:
    job = begin(services, 3)
    work = greet.work

    def stopped_meanwhile(*given: object) -> object:
        stop(issuer(services), "o1", job)
        return work(*given)  # type: ignore[arg-type]

    greet.work = stopped_meanwhile  # type: ignore[method-assign, assignment]
    work_off(services)
    assert counts(services, job) == {"sent": 1, "stopped": 2}


def test_a_row_that_would_wait_ends_with_the_stopped_job(services: Services, greet: Greet) -> None:
    job = begin(services, 2)

    def stopped_and_away(*_: object) -> object:
        stop(issuer(services), "o1", job)
        raise Upstream("away")

    greet.work = stopped_and_away  # type: ignore[method-assign, assignment]
    work_off(services)
    assert counts(services, job) == {"stopped": 2}


def meanwhile(services: Services, greet: Greet, change: Update) -> None:
    """Let something happen in the database while the first row is worked on."""
    work = greet.work

    def changed(*given: object) -> object:
        with services.store.write() as session:
            session.execute(change)
        greet.work = work  # type: ignore[method-assign]
        return work(*given)  # type: ignore[arg-type]

    greet.work = changed  # type: ignore[method-assign, assignment]


def test_a_worker_whose_job_was_taken_over_begins_no_further_row(services: Services, greet: Greet) -> None:
    job = begin(services, 3)
    meanwhile(services, greet, update(Job).values(lease="another's", lease_until=time.time() + 60))
    run_one(services)
    assert counts(services, job) == {"mailing": 1, "waiting": 2}
    assert not run_one(services), "the other one has it"


def test_a_worker_that_comes_back_late_changes_no_outcome(services: Services, greet: Greet) -> None:
    job = begin(services, 1)
    meanwhile(services, greet, update(JobRow).values(state="unknown", reason="interrupted"))
    run_one(services)
    assert counts(services, job) == {"unknown": 1}


def test_a_job_is_held_anew_with_each_row(services: Services, greet: Greet) -> None:
    begin(services, 2)
    held: list[float] = []
    work = greet.work

    def looked(*given: object) -> object:
        with services.store.write() as session:
            job = session.query(Job).one()
            held.append(job.lease_until - time.time())
            job.lease_until = time.time() + 1
        return work(*given)  # type: ignore[arg-type]

    greet.work = looked  # type: ignore[method-assign, assignment]
    run_one(services)
    assert len(held) == 2
    assert min(held) > 50


def test_another_organization_sees_and_stops_nothing(services: Services, greet: Greet) -> None:
    job = begin(services, 3)
    for realm, organization in (("demo", "o2"), ("other", "o1")):
        with pytest.raises(NotFound):
            progress(services, realm, organization, job)
    with pytest.raises(NotFound):
        stop(issuer(services), "o2", job)
    assert recent(services, "demo", "o2", "greet") == []
    assert [found.id for found in recent(services, "demo", "o1", "greet")] == [job]
    assert counts(services, job) == {"waiting": 3}


def test_too_many_rows_or_none_are_refused_whole(services: Services, greet: Greet) -> None:
    with pytest.raises(Invalid, match="1 errors") as refused:
        begin(services, MOST_ROWS + 1)
    assert refused.value.form == [f"error-rows-too-many||{MOST_ROWS}"]
    with pytest.raises(Invalid):
        begin(services, 0)
    with services.store.read() as session:
        assert session.query(JobRow).count() == session.query(Job).count() == 0
    assert counts(services, begin(services, MOST_ROWS)) == {"waiting": MOST_ROWS}


def test_jobs_of_a_kind_that_this_worker_does_not_know_are_left_alone(services: Services) -> None:
    job = begin(services, 1)
    assert not run_one(services)
    assert state(services, job) == ("ready", "")


def test_a_worker_that_is_told_to_end_ends_after_the_row_at_hand(services: Services, greet: Greet) -> None:
    job, ended = begin(services, 10), threading.Event()
    work = greet.work

    def last(*given: object) -> object:
        ended.set()
        return work(*given)  # type: ignore[arg-type]

    greet.work = last  # type: ignore[method-assign, assignment]
    assert run_one(services, ended)
    assert counts(services, job) == {"mailing": 1, "waiting": 9}
    greet.work = work  # type: ignore[method-assign]
    assert run_one(services), "the next worker need not wait for a lease"
