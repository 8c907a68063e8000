"""Each mail has one outcome and arrives at most once, whatever the mail server does."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from mail_double import ScriptedMail
from mails import ANNA, age, bodies, put, state
from sqlalchemy import func, select

from portal.errors import NotFound
from portal.mail import outbox
from portal.mail.delivery import WAITS, deliver, transport
from portal.mail.outbox import latest, outcome, stop
from portal.services import Services
from portal.store.models_organizations import Mail


@pytest.mark.parametrize(
    ("at", "answer", "reason"),
    [("RCPT", "550 no such person", "recipient"), ("DATA", "554 looks like spam", "content")],
)
def test_what_is_refused_for_good_has_failed(
    services: Services, smtp: ScriptedMail, at: str, answer: str, reason: str
) -> None:
    smtp.answers[at, ANNA] = answer
    mail_id = put(services)
    assert deliver(services) == "failed"
    assert state(services, mail_id) == ("failed", reason)
    assert bodies(services) == [None]
    assert deliver(services) == ""


@pytest.mark.parametrize("at", ["RCPT", "DATA"])
def test_what_is_refused_for_now_is_tried_again_later(services: Services, smtp: ScriptedMail, at: str) -> None:
    smtp.answers[at, ANNA] = "451 later"
    mail_id = put(services)
    assert deliver(services) == "queued"
    assert deliver(services) == "", "not at once"
    found = outcome(services, mail_id)
    assert (found.state, found.reason, found.attempt) == ("queued", "busy", 1)
    assert timedelta(seconds=50) < found.due - outbox.now() <= timedelta(minutes=1)
    smtp.answers.clear()
    age(services, due=outbox.now())
    assert deliver(services) == "sent"
    assert len(smtp.messages(ANNA)) == 1


def test_the_fifth_attempt_is_the_last(services: Services, smtp: ScriptedMail) -> None:
    smtp.stop()
    mail_id = put(services)
    found = []
    for _ in range(6):
        found.append(deliver(services))
        age(services, due=outbox.now())
    assert found == ["queued"] * len(WAITS) + ["failed", ""]
    assert state(services, mail_id) == ("failed", "unreachable")


def test_one_bad_address_does_not_keep_the_others_waiting(services: Services, smtp: ScriptedMail) -> None:
    smtp.answers["RCPT", ANNA] = "550 no"
    put(services)
    others = [f"person{number}@umbrella.test" for number in range(4)]
    for to in others:
        put(services, to)
    with transport(services) as over:  # type: ignore[union-attr]
        assert [deliver(services, over) for _ in range(6)] == ["failed", "sent", "sent", "sent", "sent", ""]
    assert all(len(smtp.messages(to)) == 1 for to in others)
    assert smtp.connections == 2, "one connection serves many mails"


def test_a_connection_that_went_away_in_between_is_opened_again(services: Services, smtp: ScriptedMail) -> None:
    put(services)
    with transport(services) as over:  # type: ignore[union-attr]
        assert deliver(services, over) == "sent"
        smtp.stop()
        smtp.start()
        put(services, "bea@umbrella.test")
        assert deliver(services, over) == "sent"


def test_a_lost_answer_is_unknown_and_nothing_is_sent_again(services: Services, smtp: ScriptedMail) -> None:
    smtp.answers["DATA", ANNA] = ""
    mail_id = put(services)
    assert deliver(services) == "unknown"
    assert state(services, mail_id) == ("unknown", "interrupted")
    age(services, due=outbox.now())
    assert deliver(services) == ""
    assert len(smtp.messages(ANNA)) == 1


def test_a_mail_whose_worker_died_is_unknown_when_its_lease_is_over(services: Services, smtp: ScriptedMail) -> None:
    mail_id = put(services)
    age(services, state="sending", lease="dead", lease_until=outbox.now().timestamp() + 1e6)
    assert deliver(services) == ""
    assert state(services, mail_id)[0] == "sending", "somebody may still be at it"
    age(services, lease_until=1.0)
    assert deliver(services) == ""
    assert state(services, mail_id) == ("unknown", "interrupted")
    assert smtp.messages(ANNA) == []


def test_without_a_mail_server_a_mail_has_failed_and_says_so(services: Services) -> None:
    bare = replace(services, settings=replace(services.settings, mail=None))
    mail_id = put(bare)
    assert state(bare, mail_id) == ("failed", "unconfigured")
    assert bodies(services) == [None]


def test_a_mail_taken_back_does_not_leave(services: Services, smtp: ScriptedMail) -> None:
    mine, other = put(services), put(services, about="i2")
    assert stop(services, "other", "i1") == 0
    assert stop(services, "demo", "i1") == 1
    assert state(services, mine) == ("stopped", "")
    assert deliver(services) == "sent"
    assert deliver(services) == ""
    assert state(services, other) == ("sent", "")
    assert stop(services, "demo", "i2") == 0, "what is gone is gone"


def test_the_newest_mail_about_each_thing(services: Services) -> None:
    put(services)
    deliver(services)
    age(services, created=outbox.now() - timedelta(hours=1), due=outbox.now() + timedelta(hours=1))
    again = put(services)
    other = put(services, about="i2")
    found = latest(services, "demo", ["i1", "i2", "i3"])
    assert {about: each.id for about, each in found.items()} == {"i1": again, "i2": other}
    assert latest(services, "other", ["i1"]) == {}
    with pytest.raises(NotFound):
        outcome(services, "nothing")


def test_two_workers_at_once_deliver_each_mail_once(services: Services, smtp: ScriptedMail) -> None:
    people = [f"person{number}@umbrella.test" for number in range(40)]
    for to in people:
        put(services, to)
    start = threading.Barrier(4)

    def work(_: int) -> int:
        start.wait()
        with transport(services) as over:  # type: ignore[union-attr]
            return len(list(iter(lambda: deliver(services, over), "")))

    with ThreadPoolExecutor(4) as pool:
        shares = list(pool.map(work, range(4)))
    assert sum(shares) == 40
    assert sorted(to for mail in smtp.messages() for to in mail.to) == sorted(people)
    with services.store.read() as session:
        assert session.scalar(select(func.count()).where(Mail.state == "sent")) == 40
