"""Whose a deed is, without a server: every case of joining and leaving, seen or not."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from portal.clients.admin_events import LoggedChange, LoggedEvent
from portal.events.belonging import Found, People
from portal.events.matching import Records
from portal.events.projecting import of_change, of_event
from portal.store.models import AuditRow

START = datetime(2026, 11, 1)  # noqa: DTZ001 stored as naive UTC
ORG, OTHER, ADA = (f"{number}" * 8 + "-1111-1111-1111-111111111111" for number in (1, 2, 3))


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


@pytest.fixture
def people() -> People:
    return People("demo", begun=at(0))


def compared(people: People, minutes: float, *organizations: str, many: bool = False) -> None:
    found = Found("Ada", None if many else frozenset(organizations))
    people.compare(ADA, found, at(minutes), abreast=True)
    people.told.clear()


def test_between_joining_and_leaving(people: People) -> None:
    people.joined(ORG, ADA, at(10))
    people.left(ORG, ADA, at(20))
    compared(people, 30)
    assert [people.owner(ADA, at(minutes)) for minutes in (9, 10, 15, 20, 21)] == ["", ORG, ORG, ORG, ""]


def test_reading_the_overlap_again_changes_nothing(people: People) -> None:
    for _ in range(3):
        people.joined(ORG, ADA, at(10))
        people.left(ORG, ADA, at(20))
        people.joined(ORG, ADA, at(30))
        compared(people, 40, ORG)
    assert [(row.since, row.until) for row in people.memberships[ADA]] == [(at(10), at(20)), (at(30), None)]


def test_a_member_since_nobody_knows_when_is_one_from_the_first_look_on(people: People) -> None:
    compared(people, 5, ORG)
    assert people.owner(ADA, at(1)) == ORG
    assert people.owner(ADA, at(-1)) == "", "before, nobody knows"


def test_a_membership_without_a_known_beginning_may_always_have_been(people: People) -> None:
    people.joined(ORG, ADA, at(-60))
    compared(people, 5, ORG, OTHER)
    assert people.owner(ADA, at(-30)) == "", "perhaps a member of the other one then"


def test_who_left_unseen_is_no_member_from_then_on(people: People) -> None:
    compared(people, 5, ORG)
    compared(people, 70)
    assert people.owner(ADA, at(60)) == ORG
    assert people.owner(ADA, at(71)) == ""


def test_leaving_is_known_of_whom_joining_is_not(people: People) -> None:
    people.left(ORG, ADA, at(10))
    compared(people, 20)
    assert people.owner(ADA, at(5)) == ORG
    assert people.owner(ADA, at(11)) == ""


def test_what_the_log_told_is_not_undone_by_an_earlier_comparison(people: People) -> None:
    people.joined(ORG, ADA, at(1))
    people.left(ORG, ADA, at(6))
    people.compare(ADA, Found("Ada", frozenset({ORG})), at(5), abreast=True)
    assert people.owner(ADA, at(7)) == ""


def test_nothing_belongs_to_one_organization_of_very_many(people: People) -> None:
    people.joined(ORG, ADA, at(1))
    compared(people, 5, many=True)
    assert people.owner(ADA, at(6)) == ""


def test_who_was_never_looked_up_belongs_nowhere(people: People) -> None:
    people.joined(ORG, ADA, at(1))
    assert people.owner(ADA, at(2)) == ""


def test_a_deleted_account_ends_all_memberships(people: People) -> None:
    people.joined(ORG, ADA, at(1))
    people.joined(OTHER, ADA, at(1))
    people.gone(ADA, at(2))
    assert all(row.until == at(2) for row in people.memberships[ADA])


def test_a_sign_in_through_an_organizations_provider_is_that_organizations(people: People) -> None:
    for organization in (ORG, OTHER):
        people.joined(organization, ADA, at(1))
    owners = {OTHER: frozenset({"acme-saml"}), ORG: frozenset()}
    services: Any = SimpleNamespace(
        orgs=SimpleNamespace(identity_providers=lambda _grant, organization: owners[organization])
    )
    assert people.through(services, ADA, "acme-saml", at(2)) == OTHER
    assert people.through(services, ADA, "somebody-elses", at(2)) == ""
    assert people.through(services, ADA, "acme-saml", at(0)) == "", "not before he joined"


# From Keycloak's records


def change(path: str, resource: str, operation: str = "UPDATE", **more: Any) -> LoggedChange:
    raw = {
        "id": "e1", "time": 1795249790691, "operationType": operation, "resourceType": resource, "resourcePath": path,
        "authDetails": {"userId": "actor", "ipAddress": "192.0.2.1"}, **more,
    }  # fmt: skip
    return LoggedChange.parse(raw)


@pytest.mark.parametrize(
    ("path", "resource", "operation", "kind", "person", "details"),
    [
        (f"orgs/{ORG}/{ORG}", "ORGANIZATION", "UPDATE", "ORGANIZATION.UPDATE", "", {}),
        (f"orgs/{ORG}/members/{ADA}", "ORGANIZATION_MEMBERSHIP", "CREATE", "ORGANIZATION_MEMBERSHIP.CREATE", ADA, {}),
        (f"orgs/{ORG}/roles/own/own", "ORGANIZATION_ROLE", "DELETE", "ORGANIZATION_ROLE.DELETE", "", {"role": "own"}),
        (
            f"orgs/{ORG}/roles/view-members/users/{ADA}", "ORGANIZATION_ROLE_MAPPING", "DELETE",
            "ORGANIZATION_ROLE_MAPPING.DELETE", ADA, {"role": "view-members"},
        ),
        (
            f"users/{ADA}/orgs/{ORG}/roles", "ORGANIZATION_ROLE_MAPPING", "CREATE",
            "ORGANIZATION_ROLE_MAPPING.CREATE", ADA, {},
        ),
        (f"orgs/{ORG}/domains/a.test/verify", "DOMAIN", "UPDATE", "DOMAIN.UPDATE", "", {"domain": "a.test"}),
    ],
)  # fmt: skip
def test_paths_say_what_and_whom(
    path: str, resource: str, operation: str, kind: str, person: str, details: dict[str, Any]
) -> None:
    draft = of_change(change(path, resource, operation))
    assert (draft.organization, draft.kind, draft.person, draft.details) == (ORG, kind, person, details)


@pytest.mark.parametrize("path", ["", "orgs", "orgs/..", f"orgs/{ORG}x/members/{ADA}", "users", "clients/x/y"])
def test_odd_paths_name_no_organization(path: str) -> None:
    draft = of_change(change(path, "ORGANIZATION"))
    assert draft.organization == ""


@pytest.mark.parametrize(
    "representation", ["", "not json", '"an-id"', "[]", "{}", "null", '{"clientSecret": "s3cret"}']
)
def test_representations_bring_allowed_fields_alone(representation: str) -> None:
    draft = of_change(change(f"orgs/{ORG}", "ORGANIZATION", "CREATE", representation=representation))
    assert draft.details == {}


def event(kind: str, **details: str) -> LoggedEvent:
    raw = {"id": "e", "time": 1, "type": kind, "userId": ADA, "ipAddress": "192.0.2.1", "details": details}
    return LoggedEvent.parse(raw)


def test_a_change_of_the_active_organization_is_no_change_of_a_profile() -> None:
    assert of_event(event("UPDATE_PROFILE", removed_active_organization_id=ORG)) is None
    assert of_event(event("UPDATE_PROFILE", updated_first_name="A")) is not None


def test_details_that_may_hold_secrets_are_dropped() -> None:
    draft = of_event(event("LOGIN", code_id="c", redirect_uri="https://a", username="ada", identity_provider="idp"))
    assert draft is not None
    assert draft.details == {"identity_provider": "idp"}


def test_organizations_are_named_by_details() -> None:
    draft = of_event(event("IDENTITY_PROVIDER_POST_LOGIN", joined_organization=ORG))
    assert draft is not None
    assert (draft.organization, draft.hint) == (ORG, True)
    assert of_event(event("CUSTOM_REQUIRED_ACTION", org_id=ORG)) is None, "choosing one is nobody's news"


# Which of the portal's records tells of it


def record(**more: Any) -> AuditRow:
    values = {
        "id": "r", "realm": "demo", "tag": "members.remove", "sub": "actor", "organization": ORG, "target": ADA,
        "at": datetime(2026, 11, 21, 8, 29, 50), "finished": datetime(2026, 11, 21, 8, 29, 51),  # noqa: DTZ001
    }  # fmt: skip
    return AuditRow(**{**values, **more})


REMOVED = of_change(change(f"orgs/{ORG}/members/{ADA}", "ORGANIZATION_MEMBERSHIP", "DELETE"))


@pytest.mark.parametrize(
    "more",
    [
        {"sub": "another"},
        {"organization": OTHER},
        {"target": OTHER},
        {"tag": "domains.manage"},
        {"tag": "profile.edit"},
        {"at": START, "finished": START},
        {"at": START, "finished": None},
    ],
)
def test_another_record_does_not_tell_of_it(more: dict[str, Any]) -> None:
    assert Records([record()]).of(REMOVED, ()) == "r"
    assert Records([record(**more)]).of(REMOVED, ()) == ""


def test_a_service_client_acts_for_whoever_asked() -> None:
    assert Records([record(sub="another")]).of(REMOVED, {"actor"}) == "r"
    assert Records([record(sub="another", target=OTHER)]).of(REMOVED, {"actor"}) == ""
