"""What a delivery says, and what is looked after while nothing is sent."""

from __future__ import annotations

import os
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask_babel import force_locale
from hook_bench import column, happen, make, row_of
from sqlalchemy import update
from test_gate import app

from portal.events.words import labels
from portal.services import Services
from portal.store import now, webhooks
from portal.store.models_organizations import EventPerson, EventRow, Membership
from portal.store.models_webhooks import Delivery, Webhook
from portal.store.purge import purge
from portal.store.rotation import rotate
from portal.store.vault import Vault, load_keys
from portal.webhooks import bodies, signing, upkeep
from portal.webhooks.news import of_events

ADA, BOB = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"


@pytest.fixture(autouse=True)
def people(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ada belongs to organization `o`, which is called umbrella."""
    monkeypatch.setattr(bodies, "_organization", lambda _services, _row, id_: {"id": id_, "name": "umbrella"})
    with services.store.write() as session:
        session.add(EventPerson(realm="demo", id=ADA, name="Ada", checked=now(), many=False))
        session.add(Membership(realm="demo", organization="o", person=ADA, since=now(), until=None, seen=True))


def told(services: Services, tag: str, **values: Any) -> dict[str, Any]:
    """The data of the message about a record."""
    hook = make(services, "http://localhost:1")
    happen(services, 1, tag, **{"sub": ADA, "after": {}, **values})
    message = bodies.message(services, hook, webhooks.delivery(services.store, hook.id, 1))
    assert message
    return dict(message["data"])


def test_a_member_is_named_and_whoever_runs_the_realm_is_not(services: Services) -> None:
    after = {"name": "Ada", "granted": ["view-members"], "ip": "x"}
    found = told(services, "roles.grant", organization="o", target=ADA, after=after)
    ada = {"type": "person", "id": ADA, "name": "Ada"}
    assert (found["actor"], found["target"], found["organization"]) == (ada, ada, {"id": "o", "name": "umbrella"})
    assert found["details"] == {"name": "Ada", "granted": ["view-members"]} and found["group"] == "roles"
    assert told(services, "roles.grant", organization="o", target=ADA, sub=BOB)["actor"] == {"type": "operator"}
    assert told(services, "settings.save", sub=ADA)["actor"] == {"type": "operator"}


@pytest.mark.parametrize(
    ("kind", "actor"), [("system", "portal"), ("console", "operator"), ("link", "link"), ("key", "key")]
)
def test_what_is_no_person_is_called_what_it_is(services: Services, kind: str, actor: str) -> None:
    principal = {"kind": kind, "sub": BOB}
    found = told(services, "domains.manage", organization="o", target="umbrella.test", sub=BOB, principal=principal)
    assert found["actor"] == {"type": actor}
    assert found["target"] == {"type": "domain", "name": "umbrella.test"}


def test_addresses_and_values_of_people_stay_here(services: Services) -> None:
    found = told(services, "devices.end", before={"ip_address": "192.0.2.7", "browser": "Firefox"}, after={"count": 1})
    assert found["details"] == {"count": 1} and found["actor"]["name"] == "Ada"
    before, after = {"values": {"firstName": ["Ada"]}}, {"values": {"firstName": ["Eva"]}}
    assert told(services, "profile.edit", before=before, after=after)["details"] == {"changed": ["firstName"]}
    found = told(services, "organization.rename", organization="o", before={"name": "a"}, after={"name": "b"})
    assert found["details"] == {"name": "b", "was": {"name": "a"}}


def test_every_field_that_the_page_of_events_shows_is_told() -> None:
    with app().test_request_context(), force_locale("en"):
        assert set(labels()) <= bodies.SHOWN


def test_an_event_of_keycloak_says_what_the_page_shows(services: Services) -> None:
    hook = make(services, "http://localhost:1")
    values = {"realm": "demo", "organization": "o", "at": now(), "record": "", "person": ADA, "person_name": "Ada"}
    details = {"error": "invalid_user_credentials", "credential_user_label": "My phone"}
    rows = [
        EventRow(id="1", kind="LOGIN_ERROR", actor="", failed=True, details=details, **values),
        EventRow(id="2", kind="USER.UPDATE", actor="operator", failed=False, details={"enabled": False}, **values),
        EventRow(id="3", kind="USER.UPDATE", actor=BOB, actor_name="Bob", failed=False, details={}, **values),
    ]
    with services.store.write() as session:
        session.add_all(rows)
        webhooks.put(session, "demo", of_events(session, rows))
    found = [
        bodies.message(services, hook, webhooks.delivery(services.store, hook.id, number))["data"]  # type: ignore[index]
        for number in (1, 2, 3)
    ]
    assert found[0]["result"] == "failed" and found[0]["details"] == {"reason": "invalid_user_credentials"}
    assert [each["actor"]["type"] for each in found] == ["person", "operator", "person"]
    assert found[1]["details"] == {"enabled": False} and found[2]["actor"]["name"] == "Bob"


def test_a_deed_that_was_cut_off_is_told_as_not_certain(services: Services) -> None:
    hook = make(services, "http://localhost:1")
    begun = {"state": "begun", "finished": None}
    with services.store.write() as session:
        session.execute(update(Webhook).values(checked=now()))
    cut_off = happen(services, 1, at=now() - timedelta(hours=2), **begun)
    with services.store.write() as session:
        session.query(Delivery).delete()
    assert upkeep.tell_cut_off(services) == 1 and upkeep.tell_cut_off(services) == 0
    assert column(services, hook, "about") == cut_off
    message = bodies.message(services, hook, webhooks.delivery(services.store, hook.id, 2))
    assert message and message["data"]["result"] == "unknown"


def test_secrets_follow_new_keys_and_end_with_their_overlap(services: Services, tmp_path: Path) -> None:
    hook = make(services, "http://localhost:1", key=(secret := signing.new_secret()))
    last = signing.sealed(services, "demo", hook.id, "whsec_bGFzdA==", "previous")
    webhooks.change(services.store, hook, previous=last, previous_until=now() - timedelta(seconds=1))
    newer = Vault([os.urandom(32), *load_keys(str(tmp_path / "keys"))])
    assert rotate(services.store, newer).sealed == 1
    row = row_of(services, hook)
    assert newer.is_newest(row.secret)
    assert newer.open(row.secret, "demo", "webhook", "secret", hook.id) == secret
    upkeep.forget_secrets(services)
    assert row_of(services, hook).previous is None


def test_deliveries_are_kept_for_thirty_days(services: Services) -> None:
    hook = make(services, "http://localhost:1")
    happen(services, 2)
    with services.store.write() as session:
        old = update(Delivery).where(Delivery.number == 1)
        session.execute(old.values(queued=now() - timedelta(days=31)))
    assert purge(services.store, services.settings)["deliveries of webhooks"] == 1
    assert column(services, hook, "number") == [2]


def test_an_id_is_the_same_for_the_same_thing_alone() -> None:
    one, other = uuid.uuid4().hex, uuid.uuid4().hex
    news = [webhooks.News("record", each, "k", "g", now()) for each in (one, one, other)]
    assert news[0].id == news[1].id != news[2].id
