"""Who is counted: addresses as the nearest trusted proxy names them, networks of IPv6, and people wherever they are."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from werkzeug.exceptions import TooManyRequests

from portal import create_app
from portal.access import BY_NAME
from portal.errors import Invalid
from portal.links.opening import GUESSES
from portal.services import Services
from portal.settings import from_mapping
from portal.sso import drift
from portal.store import Store, now
from portal.store.counters import source
from portal.store.models_sso import Connection
from portal.web import limits

Make = Callable[..., Flask]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """The portal without a server, with a database of its own."""

    def made(**settings: Any) -> Flask:
        database = f"sqlite:///{tmp_path}/portal.db"
        Store(database).upgrade()
        realm = {"name": "demo", "keycloak_url": "http://localhost:1"}
        base = {"public_url": "http://localhost:1", "demo": True, "realms": [realm], "database_url": database}
        return create_app(from_mapping({**base, **settings}))

    return made


def status(app: Flask, path: str, address: str, forwarded: str = "") -> int:
    """What a caller at this address gets, who claims to be forwarded for others."""
    head = {"X-Forwarded-For": forwarded, "X-Real-IP": forwarded, "Forwarded": f"for={forwarded}"} if forwarded else {}
    return app.test_client().get(path, headers=head, environ_overrides={"REMOTE_ADDR": address}).status_code


@pytest.mark.case("E6")
def test_figures_are_not_there_from_outside(make: Make) -> None:
    app = make()
    assert status(app, "/metrics", "127.0.0.1") == 200
    for forwarded in ("", "127.0.0.1", "::1"):
        assert status(app, "/metrics", "192.0.2.1", forwarded) == 404
    behind = make(trusted_proxies=1)
    assert status(behind, "/metrics", "127.0.0.1", "127.0.0.1, 192.0.2.1") == 404
    assert status(behind, "/metrics", "127.0.0.1", "192.0.2.1, 127.0.0.1") == 200


@pytest.mark.case("Z6")
@pytest.mark.parametrize(
    ("addresses", "other"),
    [(["192.0.2.1"], "192.0.2.2"), ([f"2001:db8::{each:x}" for each in range(1, 99)], "2001:db8:0:1::1")],
)
def test_no_claim_and_no_fresh_address_evades_a_limit(make: Make, addresses: list[str], other: str) -> None:
    app, path = make(), "/portal/launch?token=guess"
    found = [
        status(app, path, addresses[each % len(addresses)], f"198.51.100.{each + 1}") for each in range(GUESSES + 2)
    ]
    assert found == [404] * GUESSES + [429] * 2
    assert status(app, path, other) == 404, "somebody else is counted apart"


@pytest.mark.case("Z6")
def test_a_person_is_counted_wherever_he_comes_from(make: Make) -> None:
    app = make(flood_limit="3/minute")
    for each in range(3):
        with app.test_request_context(environ_overrides={"REMOTE_ADDR": f"192.0.2.{each}"}):
            limits.check(BY_NAME["profile.view"], "olivia")
    with app.test_request_context(environ_overrides={"REMOTE_ADDR": "198.51.100.1"}):
        with pytest.raises(TooManyRequests):
            limits.check(BY_NAME["devices.view"], "olivia")
        limits.check(BY_NAME["devices.view"], "vera")


@pytest.mark.case("Z3")
def test_a_zero_byte_goes_no_further_than_the_door(make: Make) -> None:
    app = make()
    with app.test_request_context(query_string="q=a%00b&a%00b=q"):
        assert "\0" not in str(request.args.to_dict()) and len(request.args) == 2, "names nothing, and breaks nothing"
    with app.test_request_context(data={"q": "a\0b"}, method="POST"), pytest.raises(Invalid):
        len(request.values)
    upload = {"q": "a\0b", "f": (BytesIO(b"x"), "f")}
    with app.test_request_context(data=upload, method="POST"), pytest.raises(Invalid):
        len(request.files)
    assert status(app, "/demo/invitation/%00", "127.0.0.1") == status(app, "/setup/demo/o/x%00", "127.0.0.1") == 404


@pytest.mark.parametrize(
    "path", ["/demo/profile", "/setup/demo/o/umbrella", "/demo/api/v1/organizations", "/portal/launch?token=x"]
)
def test_whoever_floods_is_told_so_on_every_face(make: Make, path: str) -> None:
    app = make(flood_limit="1/minute")
    status(app, path, "192.0.2.1")
    assert status(app, path, "192.0.2.1") == 429


@pytest.mark.parametrize(
    ("address", "counted"),
    [("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
     ("", ""), ("unix", "unix")],
)  # fmt: skip
def test_what_of_an_address_is_counted(address: str, counted: str) -> None:
    assert source(address) == counted


@pytest.mark.case("Z7")
def test_slow_addresses_of_connections_do_not_hold_up_the_worker(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    services = make().extensions["portal"]
    looked: list[str] = []
    began = time.monotonic()

    def slow(_services: Services, row: Connection) -> None:
        looked.append(row.alias)
        monkeypatch.setattr(time, "monotonic", lambda: began + 4 * len(looked))

    monkeypatch.setattr(drift, "look", slow)
    with services.store.write() as session:
        for number in range(20):
            checked = now() - timedelta(days=2, minutes=number) if number else None
            session.add(connection(f"c{number}", checked=checked))
    assert drift.watch(services) == 3
    assert looked == ["c19", "c18", "c17"], "first those that waited longest"
    assert drift.watch(services) == 3
    assert len(set(looked)) == 6


def connection(alias: str, **about: Any) -> Connection:
    """One that is in use."""
    return Connection(
        realm="demo", alias=alias, organization="o1", guide="generic-saml", protocol="saml", state="active",
        created=now(), set_up_by="x", **about,
    )  # fmt: skip
