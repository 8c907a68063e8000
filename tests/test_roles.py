"""Roles in an organization: what may be given and taken, by whom, and what of it can be undone."""

from __future__ import annotations

from typing import Any

import pytest
from organization_holdings import Place
from playwright.sync_api import Locator, Page, expect
from stack import Stack

from portal.demo.organizations import ALL_ROLES, VIEW_ROLES
from portal.roles.actions import MOST

GRANTER = ("view-organization", "view-members", "view-roles", "manage-roles")


def notices(page: Page) -> Locator:
    """What just happened, as it is shown."""
    return page.get_by_role("region", name="Notices")


def set_roles(place: Place, user_id: str, wanted: set[str], shown: set[str], browser: Any = None) -> Any:
    """What the form sends."""
    form = [("roles", role) for role in sorted(wanted)] + [("shown", role) for role in sorted(shown)]
    return (browser or place.browser).post(f"o/{place.name}/members/{user_id}/roles", form)


@pytest.mark.feature("P2-37")
@pytest.mark.feature("SV-72")
@pytest.mark.feature("UM-14")
def test_roles_are_ticked_and_unticked_and_a_change_can_be_undone(stack: Stack, open_page: Any) -> None:
    place = Place(stack)
    other = place.join("view-organization", first_name="Rolf", last_name="Roller")
    page = open_page(f"/demo/o/{place.name}/members/{other.id}", place.someone)
    page.get_by_role("link", name="Change roles").click()
    expect(page.get_by_label("See the details of the organization")).to_be_checked()
    page.get_by_label("See the details of the organization").uncheck()
    page.get_by_label("See who belongs to it").check()
    page.get_by_role("button", name="Save roles").click()
    expect(notices(page).get_by_text("Roles of Rolf Roller changed.")).to_be_visible()
    assert place.roles_of(other) == {"view-members"}
    page.get_by_role("button", name="Undo").click()
    expect(notices(page).get_by_text("The roles of Rolf Roller are as they were")).to_be_visible()
    assert place.roles_of(other) == {"view-organization"}


@pytest.mark.case("R1")
@pytest.mark.case("R2")
def test_nobody_hands_out_what_he_does_not_hold_not_even_to_himself(stack: Stack, recorder: Any) -> None:
    place = Place(stack, roles=GRANTER)
    friend = place.join()
    for target, shown in ((place.someone.id, set(GRANTER)), (friend.id, set())):
        for role in ("delete-organization", "manage-identity-providers", "manage-members", "view-invitations"):
            answer = set_roles(place, target, shown | {role}, shown)
            assert answer.status_code == 403, role
            assert [call for call in recorder.of(answer) if call.writes] == []
    assert set_roles(place, friend.id, {"view-members"}, set()).status_code == 303
    assert place.roles_of(friend) == {"view-members"}


@pytest.mark.case("R4")
@pytest.mark.parametrize("name", ["realm-admin", "realm-management/realm-admin", "admin", "no-such-role", "../users"])
def test_only_roles_of_the_organization_can_be_given(stack: Stack, recorder: Any, name: str) -> None:
    place = Place(stack)
    answer = set_roles(place, place.join().id, {name}, set())
    assert answer.status_code == 422 and "has no role" in answer.text
    assert [call for call in recorder.of(answer) if call.writes] == []


@pytest.mark.case("R10")
def test_the_last_administrator_keeps_his_roles(stack: Stack) -> None:
    place = Place(stack)
    mine = set(ALL_ROLES)
    answer = set_roles(place, place.someone.id, mine - {"manage-roles"}, mine)
    assert answer.status_code == 409 and "last administrator" in answer.text
    second = place.join(*ALL_ROLES)
    assert set_roles(place, place.someone.id, mine - {"manage-roles"}, mine).status_code == 303
    assert place.roles_of(second) == mine


def test_administrators_of_equal_rank_leave_each_other_alone(stack: Stack) -> None:
    place = Place(stack)
    equal = place.join(*ALL_ROLES)
    assert set_roles(place, equal.id, set(), set(ALL_ROLES)).status_code == 403
    assert place.browser.get(f"o/{place.name}/members/{equal.id}/roles").status_code == 403
    assert "administrators and people of your own rank" in place.browser.get(f"o/{place.name}/members/{equal.id}").text


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(stack: Stack) -> None:
    place = Place(stack)
    other = place.join("view-organization")
    place.put(other, "view-members")
    answer = set_roles(place, other.id, {"view-roles"}, {"view-organization"})
    assert answer.status_code == 409 and "changed by somebody else" in answer.text
    assert place.roles_of(other) == {"view-organization", "view-members"}


def test_undoing_gives_back_no_more_than_one_may_give_now(stack: Stack) -> None:
    place = Place(stack)
    second = place.join(*ALL_ROLES)
    other = place.join("manage-members", "view-members")
    assert set_roles(place, other.id, set(), {"manage-members", "view-members"}).status_code == 303
    record = place.record("roles.grant")
    assert second.id
    place.take(place.someone, "manage-members")
    answer = place.browser.post(f"o/{place.name}/members/roles/undo/{record}", {})
    assert answer.status_code == 303
    assert place.roles_of(other) == {"view-members"}
    assert place.browser.post(f"o/{place.name}/members/roles/undo/{record}", {}).status_code == 404


@pytest.mark.feature("SV-110")
def test_an_organization_has_roles_of_its_own(stack: Stack, open_page: Any) -> None:
    place = Place(stack)
    page = open_page(f"/demo/o/{place.name}/roles", place.someone)
    page.get_by_role("link", name="Make a role").click()
    page.get_by_label("Name", exact=True).fill("bad name!")
    page.get_by_role("button", name="Make role").click()
    expect(page.get_by_text("Use letters, digits")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("billing")
    page.get_by_label("Description").fill("Sees bills")
    page.get_by_role("button", name="Make role").click()
    expect(notices(page).get_by_text("Role billing is there.")).to_be_visible()
    other = place.join()
    assert set_roles(place, other.id, {"billing"}, set()).status_code == 303
    assert place.roles_of(other) == {"billing"}
    assert place.browser.post(f"o/{place.name}/roles/new", {"name": "billing"}).status_code == 422
    assert place.browser.get(f"o/{place.name}/roles/view-members/delete").status_code == 404
    assert place.browser.post(f"o/{place.name}/roles/billing/delete", {"confirm": "yes"}).status_code == 303
    assert place.roles_of(other) == set()


@pytest.mark.case("Z6")
def test_an_organization_has_only_so_many_roles_of_its_own(stack: Stack) -> None:
    place, admin = Place(stack), stack.admin()
    for number in range(MOST - 1):
        admin.post(f"/realms/demo/orgs/{place.id}/roles", {"name": f"own{number}", "description": ""})
    admin.close()
    assert place.browser.post(f"o/{place.name}/roles/new", {"name": "last"}).status_code == 303
    answer = place.browser.post(f"o/{place.name}/roles/new", {"name": "beyond"})
    assert (answer.status_code, f"at most {MOST}" in answer.text or f"{MOST} roles" in answer.text) == (422, True)


@pytest.mark.feature("SV-111")
@pytest.mark.feature("UM-04")
def test_the_page_of_ones_membership_says_what_one_may_do_and_what_is_lacking(stack: Stack) -> None:
    place = Place(stack, roles=("view-organization", "view-members"))
    page = place.browser.get(f"o/{place.name}/membership").text
    assert "Lacking: manage-members" in page and "See who belongs to it" in page
    assert "Lacking" not in Place(stack, roles=(*VIEW_ROLES,)).browser.get("permissions").text
