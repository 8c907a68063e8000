"""`portal connect` against a real Keycloak: planned, done, done again, undone."""

from __future__ import annotations

import argparse
import json
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest

from portal.access_grant import Grant, issue, system
from portal.clients.admin import Admin, service_roles
from portal.connect import apply, command, config_file, origins, plan, undo, wanted
from portal.connect.changes import ATTRIBUTE, MERGE, Call, Change, Level, kcadm_line
from portal.connect.console import Console
from portal.connect.credential import Credential
from portal.connect.found import RECORD, Found
from portal.errors import Denied, NotFound, Upstream
from portal.settings import Realm, SettingsError, from_mapping

PORTAL = "http://localhost:8999"
EVERYTHING = ("needed", "recommended", "sign-ins")


class Bench:
    """One realm, an administrator in it, and the command."""

    def __init__(self, stack: Any, realm: str, folder: Path) -> None:
        self.stack, self.realm, self.config = stack, realm, folder / "portal.toml"
        self.console = Console(
            stack.keycloak_url, realm, Credential(username=stack.admin_user, password=stack.admin_password)
        )
        self.target = wanted.Target(realm, PORTAL, PORTAL)

    @property
    def found(self) -> Found:
        return Found(self.console, self.target.client_ids[3])

    def connect(self, *more: str) -> int:
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        where = ["--keycloak-url", self.stack.keycloak_url, "--realm", self.realm, "--portal-url", PORTAL]
        who = ["--username", self.stack.admin_user, "--config", str(self.config)]
        return command.run(parser.parse_args([*where, *who, *more]))

    def export(self) -> Any:
        """The whole realm, clients, groups and roles included, with lists in one order."""
        query = {"exportClients": "true", "exportGroupsAndRoles": "true"}
        connection = self.console._connection
        found = connection.raw_post(f"admin/realms/{self.realm}/partial-export", data="", **query).json()
        # Keycloak writes out a few switched-off settings whenever a realm is saved as a whole, by whomever.
        found.setdefault("webAuthnPolicyPasswordlessPasskeysEnabled", False)
        found["attributes"] = {key: value for key, value in found["attributes"].items() if value not in {"0", "false"}}
        return ordered(found)

    def send(self, method: str, path: str, body: Any = None) -> None:
        self.console.send(Call(method, path, body))


def ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: ordered(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted((ordered(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


@pytest.fixture
def bench(stack: Any, fresh_realm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("PORTAL_CONNECT_PASSWORD", stack.admin_password)
    bench = Bench(stack, fresh_realm, tmp_path)
    yield bench
    bench.console.close()


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
    assert [mapper["name"] for mapper in client["protocolMappers"]] == ["identity_provider"]
    assert bench.found.client_roles("portal") == {"support"}


@pytest.mark.case("S8")
def test_rights_are_exact(bench: Bench) -> None:
    bench.connect("--yes")
    found = bench.found
    assert found.scope_mappings("portal") == {"account": set(wanted.ACCOUNT_ROLES)}
    assert found.scope_mappings("portal-operator") == {"realm-management": {"view-realm", "manage-realm"}}
    read = {"realm-management": {"view-realm", "view-users", "view-events"}}
    assert service_roles() == read["realm-management"]
    assert found.scope_mappings("portal-read") == read
    assert found.service_mappings("portal-read") == read
    assert found.service_groups("portal-read") == []
    assert found.scope_mappings("portal-api") == {}
    assert found.client("portal-api")["bearerOnly"] is True  # type: ignore[index]


@pytest.mark.case("S8")
def test_a_surplus_right_is_found_and_taken_away(bench: Bench) -> None:
    bench.connect("--yes")
    user = bench.found.service_user("portal-read")
    role = bench.found.role("realm-management", "manage-users")
    assert user is not None
    bench.send("POST", f"users/{user['id']}/role-mappings/clients/{{client:realm-management}}", [role])
    (change,) = plan.plan(bench.found, bench.target, {Level.NEEDED})
    assert change.key == "service-roles/portal-read" and "-manage-users" in change.title
    assert "remove-roles" in change.kcadm(bench.realm)[0]
    assert bench.connect("--yes") == 0
    assert "manage-users" not in bench.found.service_mappings("portal-read")["realm-management"]


def test_default_groups_do_not_reach_the_service_account(bench: Bench) -> None:
    bench.send("POST", "groups", {"name": "everybody"})
    (group,) = bench.console.get("groups")
    bench.send("PUT", f"default-groups/{group['id']}")
    bench.connect("--yes")
    assert bench.found.service_groups("portal-read") == []


@pytest.mark.parametrize("classes", [("needed",), EVERYTHING])
@pytest.mark.parametrize("extension", [True, False])
def test_undo_leaves_the_realm_as_it_was(
    bench: Bench, classes: tuple[str, ...], extension: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not extension:
        monkeypatch.setattr(Console, "one_by_one", property(lambda _: False))
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


SMTP = {"host": "mail.example", "port": "25", "from": "a@example.com", "auth": "true", "user": "u", "password": "p"}


def test_an_undo_of_nothing_does_nothing(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    before = bench.export()
    assert bench.connect("--undo", "--yes") == 0
    assert "Nothing to undo" in capsys.readouterr().out
    assert bench.export() == before


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
        assert after.get(same) == before.get(same), same
    ours = set(bench.target.client_ids)
    assert [c for c in after["clients"] if c["clientId"] not in ours] == before["clients"]
    assert {s["name"] for s in after["clientScopes"]} - {s["name"] for s in before["clientScopes"]} == {"portal-api"}
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
    apply.apply(bench.found, changes[:2])
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


def test_somebody_elses_client_of_that_name_is_asked_about(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.send("POST", "clients", {"clientId": "portal", "redirectUris": ["https://intranet.example/*"]})
    assert bench.connect("--yes") == 2
    shown = capsys.readouterr()
    assert "affects sign-ins that return to https://intranet.example/*" in shown.out
    assert "--class sign-ins" in shown.err
    assert bench.found.client("portal")["redirectUris"] == ["https://intranet.example/*"]  # type: ignore[index]
    assert bench.connect("--yes", "--prefix", "selfcare") == 0
    assert 'client_id = "selfcare"' in bench.config.read_text()


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


def test_the_partial_import_of_a_plan_can_be_imported(bench: Bench) -> None:
    for change in plan.plan(bench.found, bench.target, {Level.NEEDED}):
        if change.partial_import:
            bench.send("POST", "partialImport", change.partial_import)
    assert all(bench.found.client(name) for name in bench.target.client_ids)
    left = plan.plan(bench.found, bench.target, {Level.NEEDED})
    assert not [change for change in left if change.key.startswith("client/")]
    assert bench.connect("--yes") == 0


def test_json_never_holds_a_secret(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.connect("--yes", "--json")
    bench.connect("--undo", "--plan", "--json")
    text = capsys.readouterr().out
    assert bench.found.secret("portal") not in text and bench.found.secret("portal-read") not in text


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


@pytest.mark.parametrize(
    ("address", "loopback", "origin"),
    [
        ("https://orders.example/app/*", False, "https://orders.example"),
        ("https://orders.example:8443/*", False, "https://orders.example:8443"),
        ("https://orders.example:443/", False, "https://orders.example"),
        ("https://*.example/x", False, ""),
        ("http://orders.example/", True, ""),
        ("http://localhost:8001/*", True, "http://localhost:8001"),
        ("http://localhost:8001/*", False, ""),
        ("https://user@orders.example/", False, ""),
        ("https://orders.example:port/", False, ""),
        ("/relative/*", False, ""),
        ("com.example.app://callback", False, ""),
    ],
)
def test_only_exact_origins_are_proposed(address: str, loopback: bool, origin: str) -> None:
    assert origins.exact_origin(address, loopback) == origin


def test_plain_http_is_for_this_machine_only(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    where = ["--keycloak-url", "http://id.example.com", "--portal-url", "https://p.example.com"]
    args = parser.parse_args([*where, "--realm", "x", "--username", "u", "--plan"])
    args.username, args.token = None, False
    assert command.run(args) == 2
    with pytest.raises(SettingsError):
        command._address("http://id.example.com")


def test_a_configuration_keeps_what_others_wrote(tmp_path: Path) -> None:
    path = tmp_path / "portal.toml"
    path.write_text('# ours\npublic_url = "https://p.example"\n\n[[realms]]\nname = "a"\nclient_secret = "x"\n')
    assert config_file.put_realm(path, "https://p.example", {"name": "b", "client_secret": 'q"\\'})
    assert config_file.put_realm(path, "https://p.example", {"name": "a", "client_secret": "y"})
    assert not config_file.put_realm(path, "https://p.example", {"name": "a", "client_secret": "y"})
    parsed = tomllib.loads(path.read_text())
    assert [(r["name"], r["client_secret"]) for r in parsed["realms"]] == [("a", "y"), ("b", 'q"\\')]
    assert path.read_text().startswith("# ours\n")
    assert config_file.drop_realm(path, "a") and not config_file.drop_realm(path, "a")
    assert [r["name"] for r in tomllib.loads(path.read_text())["realms"]] == ["b"]


def test_commands_can_be_pasted_into_a_shell() -> None:
    assert kcadm_line(Call("PUT", "clients/{client:portal}", {"name": "It's"}), "r") == (
        'kcadm.sh update "clients/$(kcadm.sh get clients -r r -q clientId=portal --fields id --format csv --noquotes)"'
        """ -r r -b '{"name":"It'\\''s"}'"""
    )
    assert kcadm_line(Call(MERGE, "", {"a": True}), "r") == "kcadm.sh update realms/r -s 'a=true'"
    assert (
        kcadm_line(Call(ATTRIBUTE, "portal.x", "y"), "r")
        == """kcadm.sh update realms/r -s 'attributes."portal.x"="y"'"""
    )


def test_the_first_value_stays_the_one_to_go_back_to() -> None:
    first = Change("events", Level.NEEDED, "", (), was={"a": 1}, put={"a": 2})
    second = Change("events", Level.NEEDED, "", (), was={"a": 2, "b": 5}, put={"a": 3, "b": 6})
    record = apply.merged(apply.merged({}, [first]), [second])
    assert record == {"events": {"was": {"a": 1, "b": 5}, "set": {"a": 3, "b": 6}}}
    assert undo.Undoing([], []).changes == []


def test_a_grant_cannot_be_built_by_hand() -> None:
    with pytest.raises(TypeError):
        Grant("members.view", "me", "demo", frozenset({"x"}))
    assert issue("r", "p", "demo", "x").covering("x") == "x"
    with pytest.raises(Denied):
        system("demo").covering("x")


def test_only_the_deciding_module_issues_grants() -> None:
    root = Path(__file__).parent.parent / "portal"
    users = [
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if "issue" in path.read_text() and "access_grant" in path.read_text() and "import issue" in path.read_text()
    ]
    assert set(users) <= {"access.py"}


def test_service_calls_refuse_foreign_ids_and_explain_refusals(bench: Bench) -> None:
    bench.connect("--yes")
    realm = from_mapping(tomllib.loads(bench.config.read_text())).realms[bench.realm]
    admin = Admin({realm.name: realm})
    for bad in ("../clients", "x", "00000000-0000-0000-0000-00000000000g"):
        with pytest.raises(NotFound):
            admin.user_exists(issue("profile.view", "test", realm.name, bad), bad)
    unknown = "00000000-0000-0000-0000-000000000000"
    assert admin.user_exists(issue("profile.view", "test", realm.name, unknown), unknown) is False
    assert admin.user_events(issue("profile.view", "test", realm.name, unknown), unknown) == []
    with pytest.raises(Denied):
        admin.user_events(system(realm.name), unknown)
    wrong = Admin({realm.name: Realm(**{**vars(realm), "read_client_secret": "wrong"})})
    with pytest.raises(Upstream, match="cannot sign in"):
        wrong.realm_facts(system(realm.name))


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
