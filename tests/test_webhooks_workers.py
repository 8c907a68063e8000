"""Several workers deliver side by side, and one that is killed loses nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hook_bench import column, happen, make, measure
from hook_double import Got, Receiver, receivers  # noqa: F401
from sqlalchemy import update
from waiting import eventually

from portal.services import Services
from portal.store.models_webhooks import Webhook
from portal.webhooks import turns
from portal.webhooks.turns import deliver


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
