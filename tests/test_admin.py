"""The service accounts' calls and the grants that allow them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from connect_bench import Bench, bench_fixture  # noqa: F401 - the fixture is found by its name

from portal.access_grant import Grant, issue, own_standing, system
from portal.clients.admin import Admin
from portal.clients.http import Http
from portal.clients.orgs_service import ServiceOrgs
from portal.demo.organizations import ensure_organization
from portal.demo.people import Person, ensure_person
from portal.errors import Denied, NotFound, Upstream
from portal.settings import Realm, from_mapping


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
        if re.search(r"from portal\.access_grant import [^\n]*\bissue\b", path.read_text())
    ]
    assert set(users) <= {"access.py"}


def test_the_roles_of_an_operator_are_the_first_thing_asked(bench: Bench) -> None:
    bench.connect("--yes")
    realm = from_mapping(tomllib.loads(bench.config.read_text())).realms[bench.realm]
    admin = bench.stack.admin()
    rita = ensure_person(
        admin, realm.name, Person("rita", "rita@acme.test", client_roles={"realm-management": ("manage-users",)})
    )
    found = Admin({realm.name: realm}).realm_roles(own_standing(realm.name, rita), rita)
    assert "manage-users" in found
    assert Admin({realm.name: realm}).shows_roles(system(realm.name))


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


def test_what_connect_gives_is_enough_for_organizations(bench: Bench) -> None:
    realm, organization, user = _organization(bench)
    orgs = ServiceOrgs({realm.name: realm}, Http())
    both = issue("invitations.accept", "test", realm.name, organization, user)
    orgs.add_member(both, organization, user)
    assert [each.done for each in orgs.grant_roles(both, organization, user, ["view-members"])] == [True]
    assert orgs.roles_of(both, organization, user) == {"view-members"}
    orgs.set_domains(both, organization, ["acme.test"])
    assert orgs.organization(both, organization).domains == ("acme.test",)
    assert orgs.verify_domain(both, organization, "acme.test") is False
    invited = orgs.invite(both, organization, "new@acme.test", user)
    orgs.revoke_invitation(both, organization, invited)
    with pytest.raises(Denied):
        orgs.organization(system(realm.name), organization)


def test_without_the_secret_for_organizations_they_can_still_be_read(bench: Bench) -> None:
    realm, organization, user = _organization(bench)
    orgs = ServiceOrgs({realm.name: Realm(**{**vars(realm), "setup_client_secret": ""})}, Http())
    both = issue("invitations.accept", "test", realm.name, organization, user)
    assert orgs.organization(both, organization).name == "acme"
    with pytest.raises(NotFound):
        orgs.roles_of(both, organization, user)
    with pytest.raises(Upstream, match="portal-setup is not configured"):
        orgs.add_member(both, organization, user)


def _organization(bench: Bench) -> tuple[Realm, str, str]:
    """A realm as connect leaves it, an organization and somebody who is not its member."""
    bench.connect("--yes")
    realm = from_mapping(tomllib.loads(bench.config.read_text())).realms[bench.realm]
    admin = bench.stack.admin()
    organization = ensure_organization(admin, realm.name, "acme", "Acme")
    return realm, organization, ensure_person(admin, realm.name, Person("una", "una@acme.test"))
