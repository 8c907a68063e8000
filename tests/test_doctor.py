"""`portal doctor` against a real Keycloak: a healthy realm, and one trouble at a time."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace

import pytest
from connect_bench import (  # the fixtures are found by their names
    Bench,
    bench_fixture,  # noqa: F401
    connected_fixture,  # noqa: F401
    probe_of,
    problems,
)

from portal.connect.changes import MERGE
from portal.doctor import administrator, command, data, demo, reach, realm, service
from portal.doctor.finding import State, exit_code

ACTIONS = "authentication/required-actions"


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args(list(arguments)))


def test_a_healthy_realm_has_no_problem(connected: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    code = run()
    text = capsys.readouterr().out
    assert code == 0, text
    assert "version shows to administrators alone" in text
    assert run("--username", connected.stack.administrator(connected.realm)) == 0
    text = capsys.readouterr().out
    assert "Keycloak 26" in text and "exactly as they should be" in text


def test_json_carries_the_same_and_no_secret(connected: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    connected.send(MERGE, "events/config", {"eventsEnabled": False})
    assert run("--json") == 1
    text = capsys.readouterr().out
    document = json.loads(text)
    assert document["exit_code"] == 1
    (trouble,) = [finding for finding in document["findings"] if finding["state"] == "problem"]
    assert trouble["check"] == "events" and trouble["realm"] == connected.realm
    assert trouble["mend"] == f"kcadm.sh update events/config -r {connected.realm} -s eventsEnabled=true"
    assert not [name for name in ("portal", "portal-read", "portal-setup") if connected.found.secret(name) in text]


@pytest.mark.case("S8")
def test_the_client_that_makes_accounts_is_watched_and_its_worth_is_told(connected: Bench) -> None:
    assert not [each for each in service.check(probe_of(connected)) if "take over any account" in each.text]
    assert connected.connect("--yes", "--accounts") == 0
    secret = connected.found.secret("portal-accounts")
    (told,) = [each for each in service.check(probe_of(connected)) if "take over any account" in each.text]
    assert told.state is State.ADVICE and "accounts_client_secret" in told.mend
    surplus = [connected.found.role("realm-management", "manage-clients")]
    user = connected.found.service_user("portal-accounts")
    assert user is not None
    for path in (f"users/{user['id']}/role-mappings", "clients/{client:portal-accounts}/scope-mappings"):
        connected.send("POST", f"{path}/clients/{{client:realm-management}}", surplus)
    (trouble,) = problems(service.check(probe_of(connected)))
    assert "portal-accounts holds more than it needs: realm-management/manage-clients" in trouble.text
    assert secret not in trouble.text + told.text


@pytest.mark.case("S8")
@pytest.mark.parametrize("client", ["portal-read", "portal-setup"])
def test_a_surplus_right_is_named(connected: Bench, client: str) -> None:
    found = connected.found
    surplus = [found.role("realm-management", "manage-users")]
    user = found.service_user(client)
    assert user is not None
    connected.send("POST", f"users/{user['id']}/role-mappings/clients/{{client:realm-management}}", surplus)
    # Held, but not within the client's scope: the token does not show it, an administrator sees it.
    assert not problems(service.check(probe_of(connected)))
    (seen,) = problems(administrator.check(probe_of(connected, administrator=True)))
    assert "-manage-users (realm-management)" in seen.text and "remove-roles" in seen.mend
    connected.send("POST", f"clients/{{client:{client}}}/scope-mappings/clients/{{client:realm-management}}", surplus)
    (trouble,) = problems(service.check(probe_of(connected)))
    assert f"{client} holds more than it needs: realm-management/manage-users" in trouble.text
    assert f"service-account-{client} --cclientid realm-management --rolename manage-users" in trouble.mend


@pytest.mark.parametrize(
    ("client", "name"),
    [("portal-read", "view-events"), ("portal-read", "view-organizations"), ("portal-setup", "manage-organizations")],
)
def test_a_missing_right_is_named(connected: Bench, client: str, name: str) -> None:
    user = connected.found.service_user(client)
    role = connected.found.role("realm-management", name)
    assert user is not None
    connected.send("DELETE", f"users/{user['id']}/role-mappings/clients/{{client:realm-management}}", [role])
    (trouble,) = problems(service.check(probe_of(connected)))
    assert f"{client} lacks realm-management/{name}" in trouble.text and "portal connect" in trouble.mend


def test_wrong_secrets_are_named(connected: Bench) -> None:
    wrong = {"client_secret": "x", "read_client_secret": "y", "setup_client_secret": "z"}
    found = problems(service.check(probe_of(connected, **wrong)))
    assert [finding.check for finding in found] == ["client", "service account", "service account"]
    assert "portal-read" in found[1].text and "portal-setup" in found[2].text


def test_a_client_without_pkce_or_with_another_address_is_named(connected: Bench) -> None:
    connected.send("PUT", "clients/{client:portal}", {"attributes": {"pkce.code.challenge.method": ""}})
    (trouble,) = problems(service.check(probe_of(connected)))
    assert trouble.check == "pkce"
    connected.send("PUT", "clients/{client:portal}", {"redirectUris": ["https://other.example/x"]})
    found = problems(service.check(probe_of(connected)))
    assert [finding.check for finding in found] == ["redirect"]


def test_settings_only_administrators_see(connected: Bench) -> None:
    attributes = {
        "client.use.lightweight.access.token.enabled": "false",
        "backchannel.logout.session.required": "false",
    }
    connected.send("PUT", "clients/{client:portal}", {"attributes": attributes, "fullScopeAllowed": True})
    (trouble,) = problems(administrator.check(probe_of(connected, administrator=True)))
    for setting in ("lightweight", "session.required", "fullScopeAllowed"):
        assert setting in trouble.text
    assert not problems(administrator.check(probe_of(connected)))


def test_a_backchannel_by_another_host_is_right(connected: Bench) -> None:
    url = f"http://portal.internal:8000/{connected.realm}/signin/backchannel-logout"
    connected.send("PUT", "clients/{client:portal}", {"attributes": {"backchannel.logout.url": url}, "webOrigins": []})
    connected.send(
        "PUT", "clients/{client:portal-operator}", {"attributes": {"backchannel.logout.url": url}, "webOrigins": []}
    )
    assert problems(administrator.check(probe_of(connected, administrator=True))) == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("_providerConfig.portal.profile.enabled", "yes", "counts as off"),
        ("_providerConfig.assets.portal.primaryColor600", "red;}", "not a colour"),
        ("portal.accentColor", "#12", "not a colour"),
        ("_providerConfig.assets.logo.url", "javascript:alert(1)", "not an address"),
        ("portal.returnOrigins", "https://*.example.com Orders", "is not an exact origin"),
        ("portal.returnOrigins", "https://orders.example/path Orders", "is not an exact origin"),
    ],
)
def test_a_wrong_attribute_is_named(connected: Bench, name: str, value: str, said: str) -> None:
    connected.console.set_attribute(name, value)
    (trouble,) = problems(realm.check(probe_of(connected)))
    assert name in trouble.text and said in trouble.text and name in trouble.mend


def test_right_attributes_are_not_complained_about(connected: Bench) -> None:
    connected.console.set_attribute("_providerConfig.portal.org.enabled", "false")
    connected.console.set_attribute("portal.accentColor", "#1a5fb4")
    connected.console.set_attribute(
        "portal.returnOrigins", "https://orders.example Orders\nhttp://localhost:8001 Local"
    )
    assert not problems(realm.check(probe_of(connected)))


def test_missing_mail_actions_and_languages(connected: Bench) -> None:
    connected.send(MERGE, "", {"smtpServer": {}, "internationalizationEnabled": False})
    connected.send(MERGE, f"{ACTIONS}/idp_link", {"enabled": False})
    found = list(realm.check(probe_of(connected)))
    assert [finding.check for finding in problems(found)] == ["required actions", "mail"]
    assert [finding.check for finding in found if finding.state is State.ADVICE] == ["languages"]


def test_a_disabled_realm(connected: Bench) -> None:
    probe = probe_of(connected)
    assert probe.service_token
    facts = replace(probe.facts, enabled=False)
    probe.facts = facts
    assert "nobody can sign in" in problems(realm.check(probe))[0].text


def test_people_and_clients_of_the_demo_are_named(connected: Bench) -> None:
    connected.send("POST", "users", {"username": "olivia", "email": "olivia@umbrella.test", "enabled": True})
    connected.send("POST", "clients", {"clientId": "sample-app"})
    (person,) = problems(demo.check(probe_of(connected)))
    assert "olivia" in person.text and person.mend.startswith("kcadm.sh delete users/")
    assert len(problems(demo.check(probe_of(connected, administrator=True)))) == 2
    probe = probe_of(connected)
    probe.settings = replace(probe.settings, demo=True)
    assert list(demo.check(probe)) == []


def test_an_address_that_does_not_answer(connected: Bench) -> None:
    probe = probe_of(connected, internal_url="http://127.0.0.1:9")
    found = command.examine(probe)
    (trouble,) = problems(found)
    assert "http://127.0.0.1:9 does not answer" in trouble.text and exit_code(found) == 1


def test_a_realm_that_is_not_there(connected: Bench) -> None:
    (trouble,) = problems(command.examine(probe_of(connected, name="no-such-realm")))
    assert "has no realm no-such-realm" in trouble.text


def test_another_issuer_is_named(connected: Bench) -> None:
    url = connected.stack.keycloak_url
    other = url.replace("localhost", "127.0.0.1") if "localhost" in url else url.replace("127.0.0.1", "localhost")
    found = problems(reach.check(probe_of(connected, keycloak_url=other, internal_url=url)))
    assert found[0].check == "issuer" and f'keycloak_url = "{url}"' in found[0].mend


def test_a_listener_that_is_not_installed_and_kinds_of_events_that_are_not_stored(connected: Bench) -> None:
    connected.send(MERGE, "", {"eventsListeners": ["jboss-logging", "gone"], "enabledEventTypes": ["LOGIN"]})
    found = {each.check: each for each in realm.check(probe_of(connected)) if each.state is not State.OK}
    assert "does not have: gone" in found["event listeners"].text and "LOGIN_ERROR" in found["events"].text
    for each in found.values():
        for call in each.calls:
            connected.console.send(call)
    assert not {"event listeners", "events"} & {
        each.check for each in realm.check(probe_of(connected)) if each.state is not State.OK
    }


def test_retention_is_printed(connected: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--data") == 0
    text = capsys.readouterr().out
    assert "400 days" in text and "30 minutes unused, at most 12 hours" in text
    assert data.duration(90) == "90 seconds"
