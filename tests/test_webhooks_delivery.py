"""Events leave the outbox in their order, each at least once, whatever the receiver or the worker does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import standardwebhooks
from hook_bench import column, happen, make, measure, row_of
from hook_double import Got, Receiver, receivers  # noqa: F401
from sqlalchemy import select, update
from waiting import eventually

from portal.services import Services
from portal.store import now, webhooks
from portal.store.models import AuditRow
from portal.store.models_organizations import EventRow, Mail
from portal.store.models_webhooks import Delivery, Webhook
from portal.store.webhooks import News
from portal.webhooks import signing, turns
from portal.webhooks.news import of_events
from portal.webhooks.turns import deliver, wait_after

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def until_idle(services: Services, receiver: Receiver, turns: int = 50) -> None:
    """Let workers come until nothing waits, however long they would rest in between."""
    for _ in range(turns):
        with services.store.write() as session:
            session.execute(update(Webhook).values(due=now(), lease_until=0.0))
        if not deliver(services, receiver.policy):
            return


def verified(got: Got, secret: str) -> dict[str, object]:
    """The message, checked by the library of Standard Webhooks. Raises if it is not signed with this secret."""
    found = standardwebhooks.Webhook(secret).verify(got.body, got.headers)
    assert isinstance(found, dict)
    return found


def test_the_signature_is_the_one_the_specification_gives_as_an_example() -> None:
    event, body = "msg_p5jXN8AQM9LWM0D4loKWxJek", '{"test": 2432232314}'
    wanted = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signing.signature(SECRET, event, 1614265330, body) == wanted


def test_events_arrive_signed_and_in_their_order(services: Services, receiving: Callable[..., Receiver]) -> None:
    receiver = receiving()
    hook = make(services, receiver.url, key=SECRET)
    happen(services, 5)
    until_idle(services, receiver)
    found = [verified(each, SECRET) for each in receiver.got]
    assert [each["data"]["sequence"] for each in found] == [1, 2, 3, 4, 5]
    assert [each.id for each in receiver.got] == column(services, hook, "event")
    assert found[0]["type"] == "settings.save" and found[0]["timestamp"].endswith("Z")
    assert found[0]["data"]["actor"] == {"type": "operator"} and "rita" not in receiver.got[0].body
    assert set(column(services, hook, "state")) == {"delivered"} and set(column(services, hook, "status")) == {204}
    forged = Got("", receiver.got[0].headers, receiver.got[0].body.replace("done", "fine"), 200)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        verified(forged, SECRET)


def test_nothing_of_the_portal_travels_along(services: Services, receiving: Callable[..., Receiver]) -> None:
    receiver = receiving()
    make(services, receiver.url)
    happen(services, 1)
    until_idle(services, receiver)
    names = {"webhook-id", "webhook-timestamp", "webhook-signature", "content-type", "content-length", "host"}
    assert set(receiver.got[0].headers) == names | {"user-agent", "connection", "accept-encoding"}


def test_what_fails_keeps_the_rest_waiting_and_is_sent_again_with_the_same_bytes(
    services: Services, receiving: Callable[..., Receiver]
) -> None:
    receiver = receiving(script=[500, 302, 429], headers={"Location": "http://localhost/", "Retry-After": "3600"})
    hook = make(services, receiver.url)
    happen(services, 3)
    assert deliver(services, receiver.policy) and not deliver(services, receiver.policy), "it rests now"
    assert len(receiver.got) == 1
    for _ in range(2):
        with services.store.write() as session:
            session.execute(update(Webhook).values(due=now()))
        assert deliver(services, receiver.policy)
    assert len(receiver.got) == 3 and len({(each.id, each.body) for each in receiver.got}) == 1
    rested = row_of(services, hook).due - now()
    assert timedelta(minutes=59) < rested <= timedelta(hours=1), "the receiver asked for an hour"
    until_idle(services, receiver)
    assert [each.id for each in receiver.taken] == column(services, hook, "event")
    assert column(services, hook, "attempts") == [4, 1, 1]
    assert row_of(services, hook).attempts == 0


def test_waits_grow_and_end(services: Services, receiving: Callable[..., Receiver], smtp: object) -> None:
    waits = [wait_after(number) for number in range(1, 13)]
    assert all(a <= b <= a * 1.25 for a, b in zip([0.5, 2, 8, 32, 128], waits, strict=False))
    assert waits[-1] <= 1.25 * 6 * 3600
    receiver = receiving(status=500, answer=b"no: token=abc mail to ada@umbrella.test 0123456789abcdef0123")
    hook = make(services, receiver.url, failing_since=now() - timedelta(hours=25), attempts=11)
    happen(services, 2)
    assert deliver(services, receiver.policy)
    row = row_of(services, hook)
    assert (row.state, row.reason) == ("stopped", "failing")
    assert column(services, hook, "said")[0] == "no: token=••• mail to ••• •••"
    with services.store.read() as session:
        [mail] = session.scalars(select(Mail))
        assert mail.recipient == "ops@tests.test"
        [record] = session.scalars(select(AuditRow).where(AuditRow.tag == "webhooks.manage"))
    assert record.principal["kind"] == "system" and record.after["deed"] == "failing"
    assert not deliver(services, receiver.policy), "nothing more is tried"
    assert column(services, hook, "state").count("waiting") == 3, "what waits is not lost, nor is what happens now"


def test_an_address_that_is_gone_is_left_alone_at_once(services: Services, receiving: Callable[..., Receiver]) -> None:
    receiver = receiving(status=410)
    hook = make(services, receiver.url)
    happen(services, 1)
    assert deliver(services, receiver.policy)
    assert (row_of(services, hook).state, row_of(services, hook).reason) == ("stopped", "gone")


def test_another_secret_and_the_last_one_sign_side_by_side(
    services: Services, receiving: Callable[..., Receiver]
) -> None:
    receiver = receiving()
    hook, new = make(services, receiver.url, key=SECRET), signing.new_secret()
    made = signing.sealed(services, "demo", hook.id, new)
    last = signing.sealed(services, "demo", hook.id, SECRET, "previous")
    webhooks.rotate(services.store, hook, made, last, now() + timedelta(hours=24))
    happen(services, 1)
    until_idle(services, receiver)
    verified(receiver.got[0], SECRET)
    verified(receiver.got[0], new)
    webhooks.change(services.store, hook, previous_until=now())
    happen(services, 1)
    until_idle(services, receiver)
    verified(receiver.got[1], new)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        verified(receiver.got[1], SECRET)


def test_what_was_sent_is_sent_again_under_its_own_id(services: Services, receiving: Callable[..., Receiver]) -> None:
    receiver = receiving()
    hook = make(services, receiver.url)
    happen(services, 4)
    until_idle(services, receiver)
    assert webhooks.again(services.store, hook, Delivery.number >= 3) == 2
    until_idle(services, receiver)
    ids = [each.id for each in receiver.got]
    assert ids[4:] == ids[2:4] and receiver.got[2].body == receiver.got[4].body
    happen(services, 2)
    assert webhooks.skip(services.store, hook) == 2
    until_idle(services, receiver)
    assert len(receiver.got) == 6


def test_filters_let_through_what_was_asked_for(services: Services, receiving: Callable[..., Receiver]) -> None:
    receiver = receiving()
    ours = make(services, receiver.url, organizations={"o1": "umbrella"})
    roles = make(services, receiver.url, groups=["roles"])
    late = make(services, receiver.url, created=now() + timedelta(hours=1))
    happen(services, 1)
    happen(services, 1, "roles.grant", organization="o1")
    happen(services, 1, "roles.grant", organization="o2")
    assert column(services, ours, "organization") == ["o1"]
    assert column(services, roles, "organization") == ["o1", "o2"]
    assert column(services, late, "kind") == [], "what happened before it was made is not for it"


def test_one_deed_is_told_once_to_whoever_hears_of_the_realm(services: Services) -> None:
    """Keycloak tells of a changed profile too, seconds after the portal's own record."""
    all_, ours = make(services, "http://localhost:1"), make(services, "http://localhost:1", organizations={"o": "o"})
    happen(services, 1, "profile.edit", sub="ada")
    values = {"realm": "demo", "organization": "o", "kind": "UPDATE_PROFILE", "details": {}, "actor": "", "record": ""}
    ada, bob = (EventRow(id=name, at=now(), person=name, **values) for name in ("ada", "bob"))
    with services.store.write() as session:
        webhooks.put(session, "demo", of_events(session, [ada, bob]))
        webhooks.put(session, "demo", of_events(session, [ada, bob]))
    assert column(services, all_, "kind") == ["profile.edit", "UPDATE_PROFILE"]
    assert column(services, all_, "about")[1] == "bob"
    assert column(services, ours, "about") == ["ada", "bob"]


def test_numbers_are_given_once_by_however_many_at_once(services: Services) -> None:
    hook = make(services, "http://localhost:1")
    threads = [threading.Thread(target=happen, args=(services, 10)) for _ in range(5)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert column(services, hook, "number") == list(range(1, 51))


def test_two_workers_never_send_the_same_at_the_same_time(
    services: Services, receiving: Callable[..., Receiver]
) -> None:
    receiver = receiving(held={1})
    make(services, receiver.url)
    happen(services, 2)
    other = threading.Thread(target=deliver, args=(services, receiver.policy))
    other.start()
    assert receiver.arrived.wait(10)
    assert not deliver(services, receiver.policy), "the webhook is held"
    receiver.go_on.set()
    other.join()
    assert len(receiver.got) == 2


@pytest.fixture
def config(services: Services, tmp_path: Path) -> Path:
    return tmp_path / "portal.toml"


def worker(config: Path, receiver: Receiver) -> subprocess.Popen[bytes]:
    """A real `portal worker` that may call the receiver."""
    text = config.read_text(encoding="utf-8")
    if "outbound_allow" not in text:
        config.write_text(f'outbound_allow = ["localhost:{receiver.port} in 127.0.0.0/8"]\n{text}', encoding="utf-8")
    command = [sys.executable, "-m", "portal.cli", "worker"]
    return subprocess.Popen(command, env={**os.environ, "PORTAL_CONFIG": str(config)}, stdout=subprocess.DEVNULL)


@pytest.fixture
def workers() -> Iterator[list[subprocess.Popen[bytes]]]:
    running: list[subprocess.Popen[bytes]] = []
    yield running
    for each in running:
        each.kill()
        each.wait(20)


def test_a_killed_worker_loses_nothing(
    services: Services, receiving: Callable[..., Receiver], config: Path, workers: list[subprocess.Popen[bytes]]
) -> None:
    receiver = receiving(held={3})
    hook = make(services, receiver.url)
    happen(services, 6)
    workers.append(worker(config, receiver))
    assert receiver.arrived.wait(60)
    workers[0].kill()
    workers[0].wait(20)
    receiver.go_on.set()
    assert column(services, hook, "state") == ["delivered"] * 2 + ["waiting"] * 4
    workers.append(worker(config, receiver))
    with services.store.write() as session:
        session.execute(update(Webhook).values(lease_until=time.time()))
    eventually(lambda: len(receiver.taken) == 7, 60, "the rest did not come")
    sent = column(services, hook, "event")
    assert [each.id for each in receiver.got] == [*sent[:3], *sent[2:]], "the one at hand came twice, under one id"


def test_many_events_over_a_receiver_that_fails_at_random(
    services: Services, receiving: Callable[..., Receiver], monkeypatch: pytest.MonkeyPatch
) -> None:
    """tests/tools/webhooks.py does the same with 10,000."""
    monkeypatch.setattr(turns, "FIRST_WAIT", 0.01)
    found = measure(services, receiving(failing=0.1), events=200, hooks=5, couriers=2)
    assert (found.events, found.lost, found.doubled, found.misplaced) == (200, 0, 0, 0)
    assert found.requests > 200


def test_an_event_that_is_kept_no_longer_is_left_out(services: Services, receiving: Callable[..., Receiver]) -> None:
    receiver = receiving()
    hook = make(services, receiver.url)
    with services.store.write() as session:
        webhooks.put(session, "demo", [News("record", "gone", "settings.save", "realm", now())])
    happen(services, 1)
    until_idle(services, receiver)
    assert column(services, hook, "state") == ["skipped", "delivered"]
    assert json.loads(receiver.got[0].body)["data"]["sequence"] == 2


def test_a_maker_who_cannot_be_asked_for_keeps_events_waiting(
    services: Services, receiving: Callable[..., Receiver]
) -> None:
    """The Keycloak of these services does not answer."""
    receiver = receiving()
    hook = make(services, receiver.url, checked=now() - timedelta(minutes=2))
    happen(services, 1)
    assert deliver(services, receiver.policy)
    assert receiver.got == [] and row_of(services, hook).state == "active" and row_of(services, hook).due > now()
