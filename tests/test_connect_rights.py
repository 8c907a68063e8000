"""`portal connect` gives exactly the rights that are needed: what it lacks is added, what is too much is taken away."""

from __future__ import annotations

import pytest
from connect_bench import Bench, bench_fixture  # noqa: F401 - the fixture is found by its name

from portal.clients.orgs_service import service_roles
from portal.connect import plan, wanted
from portal.connect.changes import Level
from portal.connect.console import Console


@pytest.mark.case("S8")
def test_rights_are_exact(bench: Bench) -> None:
    bench.connect("--yes")
    found = bench.found
    assert found.scope_mappings("portal") == {"account": set(wanted.ACCOUNT_ROLES)}
    assert found.scope_mappings("portal-operator") == {"realm-management": {"view-realm", "manage-realm"}}
    accounts = {
        "portal-read": {"view-realm", "view-users", "view-events", "view-organizations"},
        "portal-setup": {"view-organizations", "manage-organizations", "manage-identity-providers"},
    }
    for client, roles in accounts.items():
        assert service_roles(client.removeprefix("portal-")) == roles
        assert found.scope_mappings(client) == {"realm-management": roles}
        assert found.service_mappings(client) == {"realm-management": roles}
        assert found.service_groups(client) == []
    assert found.scope_mappings("portal-api") == {}
    assert found.client("portal-api")["bearerOnly"] is True  # type: ignore[index]


@pytest.mark.case("S8")
@pytest.mark.parametrize("client", ["portal-read", "portal-setup"])
def test_a_surplus_right_is_found_and_taken_away(bench: Bench, client: str) -> None:
    bench.connect("--yes")
    user = bench.found.service_user(client)
    role = bench.found.role("realm-management", "manage-users")
    assert user is not None
    bench.send("POST", f"users/{user['id']}/role-mappings/clients/{{client:realm-management}}", [role])
    (change,) = plan.plan(bench.found, bench.target, {Level.NEEDED})
    assert change.key == f"service-roles/{client}" and "-manage-users" in change.title
    assert "remove-roles" in change.kcadm(bench.realm)[0]
    assert bench.connect("--yes") == 0
    assert "manage-users" not in bench.found.service_mappings(client)["realm-management"]


@pytest.mark.case("S8")
def test_without_the_extension_nothing_of_organizations_is_made(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Console, "organizations", property(lambda _: False))
    assert bench.connect("--yes") == 0
    assert "organizations" not in capsys.readouterr().out
    assert bench.found.client("portal-setup") is None
    assert bench.found.service_mappings("portal-read") == {
        "realm-management": {"view-realm", "view-users", "view-events"}
    }
    assert "setup" not in bench.config.read_text()
    monkeypatch.undo()
    monkeypatch.setenv("PORTAL_CONNECT_PASSWORD", bench.stack.admin_password)
    assert bench.connect("--yes") == 0
    assert "manage-organizations" in bench.found.service_mappings("portal-setup")["realm-management"]
    assert "view-organizations" in bench.found.service_mappings("portal-read")["realm-management"]
    assert bench.found.secret("portal-setup") in bench.config.read_text()


@pytest.mark.case("S8")
def test_organizations_switched_off_leave_no_right_to_them(bench: Bench) -> None:
    bench.connect("--yes")
    bench.console.set_attribute("_providerConfig.portal.org.enabled", "false")
    changes = {change.key: change for change in plan.plan(bench.found, bench.target, {Level.NEEDED})}
    assert set(changes) == {
        f"{kind}/portal-{name}" for kind in ("scope-mappings", "service-roles") for name in ("read", "setup")
    }
    assert bench.connect("--yes") == 0
    assert bench.found.service_mappings("portal-setup") == bench.found.scope_mappings("portal-setup") == {}
    assert plan.plan(bench.found, bench.target, {Level.NEEDED}) == []


@pytest.mark.case("S8")
def test_the_client_that_makes_accounts_is_there_when_asked_for(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.connect("--yes")
    assert bench.found.client("portal-accounts") is None and "accounts" not in bench.config.read_text()
    assert bench.connect("--yes", "--accounts") == 0
    assert "service account with manage-users" in capsys.readouterr().out
    assert service_roles("accounts") == {"manage-users"}
    for held in (bench.found.service_mappings, bench.found.scope_mappings):
        assert held("portal-accounts") == {"realm-management": {"manage-users"}}
    assert bench.found.secret("portal-accounts") in bench.config.read_text()
    # A later run without the word keeps it, and keeps it exact.
    user = bench.found.service_user("portal-accounts")
    role = bench.found.role("realm-management", "manage-clients")
    assert user is not None
    bench.send("POST", f"users/{user['id']}/role-mappings/clients/{{client:realm-management}}", [role])
    assert bench.connect("--yes") == 0
    assert bench.found.service_mappings("portal-accounts") == {"realm-management": {"manage-users"}}
    assert bench.found.secret("portal-accounts") in bench.config.read_text()
    bench.console.set_attribute("_providerConfig.portal.org.enabled", "false")
    assert bench.connect("--yes") == 0
    assert bench.found.service_mappings("portal-accounts") == {}
    assert bench.connect("--yes", "--undo") == 0
    assert bench.found.client("portal-accounts") is None


def test_default_groups_do_not_reach_the_service_account(bench: Bench) -> None:
    bench.send("POST", "groups", {"name": "everybody"})
    (group,) = bench.console.get("groups")
    bench.send("PUT", f"default-groups/{group['id']}")
    bench.connect("--yes")
    assert bench.found.service_groups("portal-read") == []
