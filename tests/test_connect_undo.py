"""`portal connect --undo`, and what connect leaves alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from connect_bench import (  # the fixtures are found by their names
    EVERYTHING,
    PORTAL,
    Bench,
    bench_fixture,  # noqa: F401
    flows_fixture,  # noqa: F401
)

from portal.connect import apply, plan, undo
from portal.connect.changes import MERGE, Change, Level
from portal.connect.console import Console
from portal.connect.found import RECORD

SMTP = {"host": "mail.example", "port": "25", "from": "a@example.com", "auth": "true", "user": "u", "password": "p"}


@pytest.mark.usefixtures("flows")
@pytest.mark.parametrize("classes", [("needed",), EVERYTHING])
@pytest.mark.parametrize("extension", [True, False])
def test_undo_leaves_the_realm_as_it_was(
    bench: Bench, classes: tuple[str, ...], extension: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not extension:
        for name in ("one_by_one", "organizations"):
            monkeypatch.setattr(Console, name, property(lambda _: False))
    bench.send(MERGE, "", {"displayName": "Before", "bruteForceProtected": True, "smtpServer": SMTP})
    bench.console.set_attribute("other.key", "kept")
    bench.send("POST", "clients", {"clientId": "orders", "redirectUris": ["https://orders.example/x"]})
    before = bench.export()
    assert bench.connect("--yes", *(flag for level in classes for flag in ("--class", level))) == 0
    assert bench.export() != before
    assert bench.found.record
    assert bench.connect("--undo", "--yes") == 0
    assert bench.export() == before
    assert f'name = "{bench.realm}"' not in bench.config.read_text()


def test_an_undo_of_nothing_does_nothing(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    before = bench.export()
    assert bench.connect("--undo", "--yes") == 0
    assert "Nothing to undo" in capsys.readouterr().out
    assert bench.export() == before


def _foreign(value: Any) -> Any:
    """What is not the portal's own: its flows bear its name."""
    if not isinstance(value, list):
        return value
    return [each for each in value if not (isinstance(each, dict) and str(each.get("alias", "")).startswith("portal "))]


SCOPES = {"portal-api", "portal-test"}


def test_a_realm_with_its_own_things_keeps_them(bench: Bench) -> None:
    bench.send("POST", "clients", {"clientId": "orders", "redirectUris": ["https://orders.example/*"]})
    bench.send("POST", "authentication/flows/browser/copy", {"newName": "our browser"})
    bench.send(MERGE, "", {"browserFlow": "our browser", "displayName": "Ours"})
    bench.send("PUT", "events/config", {"eventsEnabled": False, "eventsListeners": ["jboss-logging", "email"]})
    before = bench.export()
    assert bench.connect("--yes", "--class", "needed", "--class", "recommended") == 0
    after = bench.export()
    for same in (
        "authenticationFlows",
        "authenticatorConfig",
        "browserFlow",
        "eventsListeners",
        "displayName",
        "components",
    ):
        assert _foreign(after.get(same)) == before.get(same), same
    ours = set(bench.target.client_ids)
    assert [c for c in after["clients"] if c["clientId"] not in ours] == before["clients"]
    assert {s["name"] for s in after["clientScopes"]} - {s["name"] for s in before["clientScopes"]} == SCOPES
    assert after["defaultOptionalClientScopes"] == before["defaultOptionalClientScopes"]
    assert bench.connect("--undo", "--yes") == 0
    assert bench.export() == before


def test_stored_event_types_get_the_missing_ones_and_go_back(bench: Bench) -> None:
    bench.send("PUT", "events/config", {"eventsEnabled": True, "enabledEventTypes": ["LOGIN", "REFRESH_TOKEN"]})
    before = bench.export()
    bench.connect("--yes")
    types = set(bench.found.realm["enabledEventTypes"])
    assert {"LOGIN", "REFRESH_TOKEN", "LOGIN_ERROR", "UPDATE_CREDENTIAL"} <= types
    bench.connect("--undo", "--yes")
    assert bench.export() == before


def test_a_setting_changed_since_is_not_restored(bench: Bench) -> None:
    bench.connect("--yes", "--class", "needed", "--class", "recommended")
    bench.send(MERGE, "events/config", {"eventsExpiration": 1234})
    bench.connect("--undo", "--yes")
    assert bench.found.events["eventsExpiration"] == 1234
    assert bench.found.events["eventsEnabled"] is False


def test_half_of_an_earlier_run_is_completed(bench: Bench) -> None:
    before = bench.export()
    changes = plan.plan(bench.found, bench.target, {Level.NEEDED})
    first = next(place for place, change in enumerate(changes) if change.key == f"client/{bench.found.keeper}")
    apply.apply(bench.found, changes[: first + 1])
    assert bench.connect("--yes") == 0
    assert plan.plan(bench.found, bench.target, {Level.NEEDED}) == []
    bench.connect("--undo", "--yes")
    assert bench.export() == before


def test_a_client_of_that_name_is_adopted_where_it_belongs_to_the_portal(bench: Bench) -> None:
    rep = {"clientId": "portal", "redirectUris": [f"{PORTAL}/*"], "secret": "s3cret", "directAccessGrantsEnabled": True}
    bench.send("POST", "clients", rep)
    before = bench.export()
    assert bench.connect("--yes") == 0
    assert bench.found.secret("portal") == "s3cret"
    assert bench.found.client("portal")["redirectUris"] == [f"{PORTAL}/{bench.realm}/signin/callback"]  # type: ignore[index]
    assert plan.plan(bench.found, bench.target, {Level.NEEDED}) == []
    bench.connect("--undo", "--yes")
    after = bench.export()
    assert after == before


def test_a_forged_record_touches_nothing_foreign(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.send("POST", "clients", {"clientId": "orders"})
    before = bench.export()
    record = {
        "client/orders": {"made": True},
        "client-scope/email": {"made": True},
        "role/orders/x": {"made": True},
        "realm": {"was": {"sslRequired": "none"}, "set": {"sslRequired": "external"}},
        "events": {"was": {"eventsListeners": []}, "set": {"eventsListeners": ["jboss-logging"]}},
        "required-action/VERIFY_EMAIL": {"was": {"enabled": False}, "set": {"enabled": True}},
        "attribute/other": {"was": {"value": "x"}, "set": {"value": None}},
        "users/somebody": {"made": True},
    }
    bench.send("POST", "clients", {"clientId": "portal-api", "attributes": {RECORD: json.dumps(record)}})
    assert bench.connect("--undo", "--yes") == 0
    assert "is left alone" in capsys.readouterr().out
    assert bench.found.record == {}
    bench.send("DELETE", "clients/{client:portal-api}")
    assert bench.export() == before


def test_rights_that_were_taken_away_are_named_and_not_given_back(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.send("POST", "clients", {"clientId": "portal-read", "serviceAccountsEnabled": True, "redirectUris": []})
    role = bench.found.role("realm-management", "realm-admin")
    bench.send("POST", "users/{user:portal-read}/role-mappings/clients/{client:realm-management}", [role])
    assert bench.connect("--yes") == 0
    assert "realm-admin" not in bench.found.service_mappings("portal-read")["realm-management"]
    capsys.readouterr()
    bench.connect("--undo", "--yes")
    assert "realm-admin (realm-management)" in capsys.readouterr().out
    assert bench.found.service_mappings("portal-read") == {}


def test_the_first_value_stays_the_one_to_go_back_to() -> None:
    first = Change("events", Level.NEEDED, "", (), was={"a": 1}, put={"a": 2})
    second = Change("events", Level.NEEDED, "", (), was={"a": 2, "b": 5}, put={"a": 3, "b": 6})
    record = apply.merged(apply.merged({}, [first]), [second])
    assert record == {"events": {"was": {"a": 1, "b": 5}, "set": {"a": 3, "b": 6}}}
    assert undo.Undoing([], []).changes == []
