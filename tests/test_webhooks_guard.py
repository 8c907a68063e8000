"""Webhooks go through the guard of outgoing requests at each attempt, not only when they are made."""

from __future__ import annotations

import dataclasses
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from hook_bench import column, happen, make, row_of
from hook_double import Receiver, receivers  # noqa: F401
from outbound_doubles import Listener, dns_server, listen, loopback, name_server, plainly  # noqa: F401

from portal.clients.outbound import Policy, nameserver_resolver
from portal.services import Services
from portal.webhooks.turns import deliver

TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"


@pytest.fixture(params=["sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Any) -> Any:
    """One database is enough here."""
    from portal.store import Store

    found = Store(f"sqlite:///{tmp_path / 'portal.db'}")
    found.upgrade()
    yield found
    found.engine.dispose()


@pytest.mark.case("F3")
def test_a_name_that_moves_inside_is_not_followed(services: Services, dns_server: Any, listen: Any) -> None:  # noqa: F811
    good = listen(TAKEN, host="127.0.0.2")
    bad = listen(TAKEN, host="127.0.0.3", port=good.port)
    resolver = nameserver_resolver(dns_server.server)
    policy = loopback(f"rebind.test:{good.port} in 127.0.0.2/32", resolver=resolver)
    dns_server.script.names["rebind.test"] = [["127.0.0.2"], ["127.0.0.3"]]
    hook = make(services, f"http://rebind.test:{good.port}/")
    happen(services, 2)
    assert deliver(services, policy)
    assert (good.connections, bad.connections) == (1, 0)
    assert (
        column(services, hook, "state") == ["delivered", "waiting"] and column(services, hook, "said")[1] == "refused"
    )
    assert plainly(f"http://127.0.0.3:{good.port}/").status_code == 204 and bad.connections == 1, "it does listen"


@pytest.mark.case("F1")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]", "0.0.0.0"])
def test_an_address_on_the_inside_is_not_called(services: Services, listen: Any, host: str) -> None:  # noqa: F811
    inside = listen(TAKEN)
    for scheme in ("http", "https"):
        make(services, f"{scheme}://{host}:{inside.port}/")
    happen(services, 1)
    assert deliver(services, Policy()) and deliver(services, Policy())
    assert inside.connections == 0


@pytest.mark.case("F2")
def test_a_redirect_is_a_failure_and_not_followed(
    services: Services,
    receiving: Callable[..., Receiver],
    listen: Any,  # noqa: F811
) -> None:
    inside: Listener = listen(TAKEN)
    for status in (301, 302, 303, 307, 308):
        receiver = receiving(status=status, headers={"Location": f"http://127.0.0.1:{inside.port}/"})
        hook = make(services, receiver.url, groups=["realm"])
        happen(services, 1)
        assert deliver(services, receiver.policy)
        assert column(services, hook, "status") == [status] and row_of(services, hook).attempts == 1
        with services.store.write() as session:
            session.delete(row_of(services, hook))
    assert inside.connections == 0


@pytest.mark.case("F5")
def test_an_endless_answer_costs_its_deadline_and_no_memory(services: Services, listen: Any) -> None:  # noqa: F811
    over = threading.Event()

    def endless(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n" + b"x" * 100)
        while not over.wait(0.05):
            peer.sendall(b"x")

    drip = listen(endless)
    policy = dataclasses.replace(loopback(f"localhost:{drip.port} in 127.0.0.0/8"), seconds=1.0)
    hook = make(services, f"http://localhost:{drip.port}/")
    happen(services, 1)
    began = time.monotonic()
    assert deliver(services, policy)
    over.set()
    assert time.monotonic() - began < 4
    assert column(services, hook, "state") == ["delivered"], "the status came in time"


def test_silence_is_a_failure_within_the_deadline(services: Services, receiving: Callable[..., Receiver]) -> None:
    receiver = receiving(held={1})
    hook = make(services, receiver.url)
    happen(services, 1)
    assert deliver(services, dataclasses.replace(receiver.policy, seconds=0.5))
    assert column(services, hook, "said") == ["late"] and column(services, hook, "status") == [0]
