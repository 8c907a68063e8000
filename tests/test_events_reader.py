"""The reader of Keycloak's log: each event once, and to the organization it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from cast import Client, Person, make_person
from event_lines import Reader, reader
from organization_holdings import Place
from sqlalchemy import update
from stack import SECRETS, Stack
from structlog.testing import capture_logs

from portal.events import batch
from portal.events.figures import exposition
from portal.store import now
from portal.store.models_organizations import EventCursor, EventPerson

IN = "ORGANIZATION_MEMBERSHIP.CREATE"
OUT = "ORGANIZATION_MEMBERSHIP.DELETE"


@pytest.fixture(scope="module")
def realm(make_realm: Callable[..., str]) -> str:
    """One realm for this file; each test has organizations and people of its own."""
    return make_realm()


@pytest.fixture
def log(stack: Stack, realm: str, tmp_path: Path) -> Iterator[Reader]:
    with reader(stack, realm, tmp_path) as found:
        yield found


@pytest.fixture
def place(stack: Stack, realm: str) -> Place:
    return Place(stack, realm=realm)


def sign_in(someone: Person) -> None:
    Client(someone.stack, someone.realm).sign_in(someone)


def service_token(stack: Stack, realm: str, client_id: str) -> dict[str, str]:
    url = f"{stack.internal_url}/realms/{realm}/protocol/openid-connect/token"
    asked = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": SECRETS[client_id]}
    return {"Authorization": f"Bearer {requests.post(url, data=asked, timeout=10).json()['access_token']}"}


@pytest.mark.feature("P2-46")
def test_members_deeds_belong_to_the_organization_only_while_they_are_members(log: Reader, place: Place) -> None:
    someone = make_person(place.stack, place.realm)
    sign_in(someone)
    place.put(someone)
    sign_in(someone)
    place.drop(someone)
    sign_in(someone)
    log.read()
    assert log.kinds(place.id, someone.id) == [IN, "LOGIN", OUT]


def test_reading_again_adds_nothing(log: Reader, place: Place) -> None:
    sign_in(place.join("view-members"))
    assert log.read() > 0
    before = [row.id for row in log.rows(place.id)]
    assert log.read() == log.read() == 0
    assert [row.id for row in log.rows(place.id)] == before
    assert len(set(before)) == len(before)


def test_what_comes_later_is_added_to_what_was_read(log: Reader, place: Place) -> None:
    someone = place.join()
    log.read()
    sign_in(someone)
    assert log.kinds(place.id, someone.id) == [IN]
    log.read()
    assert log.kinds(place.id, someone.id) == [IN, "LOGIN"]


def test_deeds_of_people_in_two_organizations_belong_to_neither(log: Reader, place: Place, stack: Stack) -> None:
    other, someone = Place(stack, realm=place.realm), place.join()
    other.put(someone)
    sign_in(someone)
    other.drop(someone)
    sign_in(someone)
    log.read()
    assert log.kinds(other.id, someone.id) == [IN, OUT]
    assert log.kinds(place.id, someone.id) == [IN, "LOGIN"], "the second sign-in alone"


def test_a_membership_that_nobody_saw_begin_is_found(log: Reader, place: Place, stack: Stack) -> None:
    """As after an import, or when the log of changes was off: such a member counts from the first look on."""
    admin, path = stack.admin(), f"/admin/realms/{place.realm}"
    log.read()
    admin.put(f"{path}/events/config", {**admin.get(f"{path}/events/config"), "adminEventsEnabled": False})
    someone = place.join()
    admin.put(f"{path}/events/config", {**admin.get(f"{path}/events/config"), "adminEventsEnabled": True})
    sign_in(someone)
    log.read()
    assert log.kinds(place.id, someone.id) == ["LOGIN"]
    assert [row.seen for row in log.memberships(someone.id)] == [False]


def test_what_was_missed_is_known_as_a_gap(log: Reader, place: Place, stack: Stack) -> None:
    admin, path = stack.admin(), f"/admin/realms/{place.realm}/events/config"
    log.read()
    admin.put(path, {**admin.get(path), "eventsEnabled": False})
    log.read()
    assert [gap[1] for gap in log.cursors()["events"].gaps] == [None]
    assert log.cursors()["admin-events"].gaps == []
    admin.put(path, {**admin.get(path), "eventsEnabled": True})
    log.read()
    (gap,) = log.cursors()["events"].gaps
    assert gap[0] <= gap[1] <= now().isoformat()


def test_a_reader_away_for_longer_than_the_log_is_kept_leaves_a_gap(log: Reader, place: Place) -> None:
    log.read()
    with log.services.store.write() as session:
        session.execute(update(EventCursor).values(polled=now() - timedelta(days=200)))
    log.read()
    assert {source: len(cursor.gaps) for source, cursor in log.cursors().items()} == {"events": 1, "admin-events": 1}


def test_a_long_log_is_read_in_parts_and_in_order(
    log: Reader, place: Place, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "AT_ONCE", 2)
    monkeypatch.setattr(batch, "PAGE", 3)
    monkeypatch.setattr("portal.clients.admin_events.PAGE", 3)
    monkeypatch.setattr(batch, "OVERLAP", timedelta(seconds=1))
    someone = place.join()
    for _ in range(3):
        sign_in(someone)
        place.drop(someone)
        sign_in(someone)
        place.put(someone)
    while log.read():
        pass
    assert log.kinds(place.id, someone.id) == [IN, *["LOGIN", OUT, IN] * 3]


def test_one_change_of_many_roles_is_one_line(log: Reader, place: Place) -> None:
    someone = place.join()
    place.put(someone, "view-members", "view-roles", "view-organization")
    log.read()
    given = [row for row in log.rows(place.id) if row.kind == "ORGANIZATION_ROLE_MAPPING.CREATE"]
    # Two where the change ran over the turn of a second.
    assert 1 <= len([row for row in given if row.person == someone.id]) <= 2


def test_only_allowed_fields_are_kept(log: Reader, place: Place) -> None:
    someone = place.join(first_name="Kim", last_name="Kept")
    sign_in(someone)
    log.read()
    rows = log.rows(place.id)
    admin_id = place.stack.admin().get("/admin/realms/master/users", username=place.stack.administrator(place.realm))[
        0
    ]["id"]
    text = " ".join(f"{row.actor} {row.actor_name} {row.details}" for row in rows)
    assert "127.0.0.1" not in text
    assert admin_id not in text
    assert {row.actor for row in rows if row.kind == IN} == {"operator"}
    assert [row.person_name for row in rows if row.person == someone.id] == ["Kim Kept"] * 2


def test_a_change_by_a_service_client_without_a_record_alarms(log: Reader, place: Place, stack: Stack) -> None:
    someone = make_person(stack, place.realm)
    log.read()
    url = f"{stack.internal_url}/realms/{place.realm}/orgs/{place.id}/members/{someone.id}"
    assert requests.put(url, headers=service_token(stack, place.realm, "portal-setup"), timeout=10).ok
    with capture_logs() as said:
        log.read()
        log.read()
    alarms = [line for line in said if line["event"] == "unexplained change"]
    assert len(alarms) == 1, "once, however often it is read"
    assert [row.actor for row in log.rows(place.id) if row.person == someone.id] == ["service"]
    assert f'portal_unexplained_changes{{realm="{place.realm}"}} 1.0' in exposition(log.services.store).decode()


def test_an_operators_change_does_not_alarm(log: Reader, place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.join()
    log.read()
    said = capsys.readouterr()
    assert "unexplained change" not in said.out + said.err
    assert f'portal_unexplained_changes{{realm="{place.realm}"}} 0.0' in exposition(log.services.store).decode()


def test_an_organization_that_is_deleted_has_no_members_left(log: Reader, place: Place, stack: Stack) -> None:
    someone = place.join()
    log.read()
    stack.admin().delete(f"/realms/{place.realm}/orgs/{place.id}")
    log.read()
    assert [row.until is None for row in log.memberships(someone.id)] == [False]


def test_names_are_looked_up_again_after_an_hour(log: Reader, place: Place, stack: Stack) -> None:
    someone = place.join(first_name="Old", last_name="Name")
    log.read()
    admin, path = stack.admin(), f"/admin/realms/{place.realm}/users/{someone.id}"
    admin.put(path, {**admin.get(path), "firstName": "New"})
    with log.services.store.write() as session:
        session.execute(update(EventPerson).values(checked=now() - timedelta(hours=2)))
    sign_in(someone)
    log.read()
    names: dict[str, Any] = {row.kind: row.person_name for row in log.rows(place.id) if row.person == someone.id}
    assert names[IN] == "Old Name"
    assert names["LOGIN"] == "New Name"
