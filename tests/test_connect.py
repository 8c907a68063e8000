"""`portal connect` against a real Keycloak: planned, done, done again."""

from __future__ import annotations

import io
import json
import stat
import tomllib
from pathlib import Path

import pytest
from connect_bench import (  # the fixtures are found by their names
    EVERYTHING,
    PORTAL,
    Bench,
    bench_fixture,  # noqa: F401
    flows_fixture,  # noqa: F401
)

from portal.access_grant import system
from portal.clients.admin import Admin
from portal.connect import plan, wanted
from portal.connect.changes import Level
from portal.settings import from_mapping


def test_a_plan_changes_nothing(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    before = bench.export()
    assert bench.connect("--plan") == 0
    text = capsys.readouterr().out
    assert bench.export() == before
    assert not bench.config.exists()
    assert "Needed:" in text and "Recommended:" in text and "Changes existing sign-ins:" in text
    assert f"kcadm.sh create clients -r {bench.realm}" in text
    assert '"ifResourceExists":"SKIP"' in text


@pytest.mark.feature("P2-03")
@pytest.mark.usefixtures("flows")
def test_one_run_gives_everything_and_a_second_changes_nothing(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.connect("--yes") == 0
    after, config = bench.export(), bench.config.read_text()
    capsys.readouterr()
    assert bench.connect("--yes", "--json") == 0
    second = json.loads(capsys.readouterr().out)
    assert second["applied"] == [] and second["config"] == ""
    assert not [change for change in second["changes"] if change["class"] == "needed"]
    assert bench.export() == after
    assert bench.config.read_text() == config


@pytest.mark.feature("P2-03")
def test_all_classes_leave_nothing_to_do(bench: Bench) -> None:
    bench.send(
        "POST", "clients", {"clientId": "orders", "name": "Orders", "redirectUris": ["https://orders.example/x"]}
    )
    assert bench.connect("--yes", *(flag for level in EVERYTHING for flag in ("--class", level))) == 0
    assert plan.plan(bench.found, bench.target) == []
    found = bench.found
    assert found.attributes["portal.returnOrigins"] == "https://orders.example Orders"
    assert found.events["adminEventsDetailsEnabled"] and found.events["eventsExpiration"] == 90 * 86400
    assert found.required_actions["UPDATE_EMAIL"]["enabled"]
    assert found.realm["revokeRefreshToken"] is True
    assert found.realm["webAuthnPolicyPasswordlessPasskeysEnabled"] is True


def test_the_configuration_is_complete_and_private(bench: Bench) -> None:
    bench.connect("--yes")
    assert stat.S_IMODE(bench.config.stat().st_mode) == 0o600
    settings = from_mapping(tomllib.loads(bench.config.read_text()))
    realm = settings.realms[bench.realm]
    assert settings.default_realm == bench.realm and Path(settings.key_file).exists()
    assert realm.client_secret == bench.found.secret("portal") != ""
    assert realm.read_client_secret == bench.found.secret("portal-read") != ""
    assert realm.setup_client_secret == bench.found.secret("portal-setup") != ""
    facts = Admin(settings.realms).realm_facts(system(bench.realm))
    assert facts.events_enabled and facts.required_actions["idp_link"]


def test_the_sign_in_client_is_exactly_as_settled(bench: Bench) -> None:
    bench.connect("--yes")
    client = bench.found.client("portal")
    assert client is not None
    assert client["redirectUris"] == [f"{PORTAL}/{bench.realm}/signin/callback"]
    assert client["webOrigins"] == []
    assert sorted(client["defaultClientScopes"]) == ["acr", "basic", "email", "profile", "roles"]
    assert client["optionalClientScopes"] == []
    assert (client["standardFlowEnabled"], client["directAccessGrantsEnabled"]) == (True, False)
    assert (client["implicitFlowEnabled"], client["serviceAccountsEnabled"]) == (False, False)
    assert (client["fullScopeAllowed"], client["publicClient"]) == (False, False)
    attributes = client["attributes"]
    assert attributes["pkce.code.challenge.method"] == "S256"
    assert attributes["client.use.lightweight.access.token.enabled"] == "true"
    assert attributes["backchannel.logout.url"] == f"{PORTAL}/{bench.realm}/signin/backchannel-logout"
    assert attributes["post.logout.redirect.uris"] == f"{PORTAL}/{bench.realm}/signed-out"
    assert {mapper["name"] for mapper in client["protocolMappers"]} == {"identity_provider", "audience"}
    assert bench.found.client_roles("portal") == {"support"}


def test_somebody_elses_client_of_that_name_is_asked_about(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.send("POST", "clients", {"clientId": "portal", "redirectUris": ["https://intranet.example/*"]})
    assert bench.connect("--yes") == 2
    shown = capsys.readouterr()
    assert "affects sign-ins that return to https://intranet.example/*" in shown.out
    assert "--class sign-ins" in shown.err
    assert bench.found.client("portal")["redirectUris"] == ["https://intranet.example/*"]  # type: ignore[index]
    assert bench.connect("--yes", "--prefix", "selfcare") == 0
    assert 'client_id = "selfcare"' in bench.config.read_text()


def test_the_partial_import_of_a_plan_can_be_imported(bench: Bench) -> None:
    for change in plan.plan(bench.found, bench.target, {Level.NEEDED}):
        if change.partial_import:
            bench.send("POST", "partialImport", change.partial_import)
    assert all(bench.found.client(client.id) for client in wanted.clients(bench.target))
    left = plan.plan(bench.found, bench.target, {Level.NEEDED})
    # The scope that opens drafts cannot be imported, so its client gets it with the commands.
    assert [change.put.keys() for change in left if change.key.startswith("client/")] == [{"defaultClientScopes"}]
    assert bench.connect("--yes") == 0


def test_json_never_holds_a_secret(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.connect("--yes", "--json")
    bench.connect("--undo", "--plan", "--json")
    text = capsys.readouterr().out
    assert not [name for name in ("portal", "portal-read", "portal-setup") if bench.found.secret(name) in text]


def test_a_wrong_password_and_a_missing_realm_are_one_sentence(
    bench: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.realm = "no-such-realm"
    assert bench.connect("--plan") == 2
    assert "there is no realm no-such-realm" in capsys.readouterr().err
    monkeypatch.setenv("PORTAL_CONNECT_PASSWORD", "wrong")
    assert bench.connect("--plan") == 2
    assert "Invalid user credentials" in capsys.readouterr().err


def test_a_declined_plan_changes_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    before = bench.export()
    monkeypatch.setattr("builtins.input", lambda _: "n")
    assert bench.connect() == 1
    assert bench.export() == before


def test_recommended_changes_are_asked_one_by_one(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "builtins.input", lambda question: "y" if "needed" in question or "UPDATE_EMAIL" in question else "n"
    )
    assert bench.connect() == 0
    actions = bench.found.required_actions
    assert actions["UPDATE_EMAIL"]["enabled"] and not actions["delete_account"]["enabled"]


def test_web_origins_stay_away_when_a_client_is_adjusted(bench: Bench) -> None:
    bench.connect("--yes")
    body = {"webOrigins": [], "attributes": {"use.refresh.tokens": "false"}}
    bench.send("PUT", "clients/{client:portal}", body)
    assert bench.connect("--yes") == 0
    client = bench.found.client("portal")
    assert client is not None
    assert (client["webOrigins"], client["attributes"]["use.refresh.tokens"]) == ([], "true")


def test_recommended_changes_alone_wait_for_the_needed_ones(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    before = bench.export()
    assert bench.connect("--yes", "--class", "recommended") == 2
    assert "--class needed" in capsys.readouterr().err
    assert bench.export() == before


def test_a_token_from_standard_input_will_do(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.console.get("")
    token = bench.console._connection.token["access_token"]  # type: ignore[index]
    monkeypatch.setattr("sys.stdin", io.StringIO(token + "\n"))
    assert bench.connect("--yes", "--token") == 0
    assert plan.plan(bench.found, bench.target, {Level.NEEDED}) == []


def test_a_token_that_is_no_good_is_one_sentence(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("stale\n"))
    assert bench.connect("--yes", "--token") == 2
    assert "this credential cannot sign in" in capsys.readouterr().err
