"""`portal doctor` on what organizations need of a realm and of the portal's configuration."""

from __future__ import annotations

from connect_bench import (  # the fixtures are found by their names
    Bench,
    bench_fixture,  # noqa: F401
    connected_fixture,  # noqa: F401
    probe_of,
    problems,
)

from portal.doctor import organizations, realm, service
from portal.doctor.finding import State


def test_a_portal_without_the_secret_for_organizations_is_told_what_fails(connected: Bench) -> None:
    (trouble,) = problems(service.check(probe_of(connected, setup_client_secret="")))
    assert "portal-setup" in trouble.text and "accepting an invitation" in trouble.text
    assert trouble.mend.startswith("portal connect ")


def test_organizations_switched_off_need_no_right(connected: Bench) -> None:
    connected.console.set_attribute(f"{realm.SWITCHES}org.enabled", "false")
    assert [each.check for each in problems(service.check(probe_of(connected)))] == ["service rights"] * 2
    assert connected.connect("--yes") == 0
    assert not problems(service.check(probe_of(connected)))
    assert not problems(service.check(probe_of(connected, setup_client_secret="")))
    assert list(organizations.check(probe_of(connected))) == []


def test_settings_of_organizations_that_get_in_the_way_are_named(connected: Bench) -> None:
    found = list(organizations.check(probe_of(connected)))
    assert not problems(found)
    (advised,) = [finding for finding in found if finding.state is State.ADVICE]
    assert "org-admin-" in advised.text
    assert f"kcadm.sh update realms/{connected.realm} -s" in advised.mend and organizations.SYNTHETIC in advised.mend
    connected.console.set_attribute(organizations.SYNTHETIC, "false")
    action = {"providerId": organizations.OWN_ACCEPTANCE, "name": "Invitation"}
    connected.send("POST", "authentication/register-required-action", action)
    (flow,) = [each for each in connected.console.get("authentication/flows") if each["alias"] == organizations.JOINING]
    connected.send("PUT", f"authentication/flows/{flow['id']}", {"alias": "elsewhere", "providerId": "basic-flow"})
    on, missing = problems(organizations.check(probe_of(connected)))
    assert "deletes every invitation" in on.text and on.mend.endswith("-s enabled=false")
    assert "no flow 'post org broker login'" in missing.text and "ext-auth-org-add-user" in missing.mend


def test_an_extension_that_does_not_answer_is_named(connected: Bench) -> None:
    probe = probe_of(connected)
    probe.service_token = "none"
    (trouble,) = problems([next(iter(organizations.check(probe)))])
    assert "does not answer" in trouble.text
