"""Jobs of one organization keep no other's waiting."""

from __future__ import annotations

import pytest
from mail_double import ScriptedMail
from worker_bench import Greet, begin, counts, rest

from portal.jobs import run
from portal.jobs.run import ROWS, run_one
from portal.mail.delivery import deliver
from portal.services import Services


@pytest.mark.case("Z7")
def test_a_long_job_keeps_no_other_waiting(services: Services, greet: Greet) -> None:
    long = begin(services, 500, "long")
    run_one(services)
    short = begin(services, 5, "short", "o2")
    run_one(services)
    assert counts(services, short, "o2") == {"mailing": 5}
    run_one(services)
    assert counts(services, long) == {"mailing": 2 * ROWS, "waiting": 500 - 2 * ROWS}


@pytest.mark.case("Z7")
def test_many_jobs_of_one_organization_wait_as_one(services: Services, greet: Greet) -> None:
    for number in range(8):
        begin(services, 100, f"noisy{number}-")
    short = begin(services, 2 * ROWS, "short", "o2")
    turns = 0
    while counts(services, short, "o2").get("waiting"):
        assert run_one(services)
        turns += 1
    assert turns <= 4, "every second turn is the other's"


@pytest.mark.case("Z7")
def test_mails_of_one_organization_do_not_pile_up_before_anothers(
    services: Services, smtp: ScriptedMail, greet: Greet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "MAILS_AT_MOST", 10)
    greet.organization = "o1"
    long = begin(services, 500, "long")
    for _ in range(5):
        run_one(services)
        rest(services)
    assert counts(services, long) == {"mailing": ROWS, "waiting": 500 - ROWS}
    while counts(services, long)["mailing"] >= 10:
        deliver(services)
    rest(services)
    run_one(services)
    assert counts(services, long)["waiting"] == 500 - 2 * ROWS
