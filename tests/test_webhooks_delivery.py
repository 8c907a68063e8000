"""Events leave the outbox in their order, each at least once, whatever the receiver or the worker does."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
import standardwebhooks
from hook_bench import column, happen, make, row_of, until_idle
from hook_double import Got, Receiver, receivers  # noqa: F401
from sqlalchemy import select, update

from portal.services import Services
from portal.store import now, webhooks
from portal.store.models import AuditRow
from portal.store.models_organizations import Mail
from portal.store.models_webhooks import Delivery, Webhook
from portal.store.webhooks import News
from portal.webhooks import signing
from portal.webhooks.turns import deliver, wait_after

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


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


@pytest.mark.case("E9")
@pytest.mark.case("F7")
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
