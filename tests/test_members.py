"""Members of an organization on the running portal: who is listed, who may be removed, and how that is taken back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from cast import Client
from organization_holdings import Place
from playwright.sync_api import Locator, Page, expect
from stack import Stack

from portal.demo.organizations import ALL_ROLES, VIEW_ROLES
from portal.demo.people import give_client_roles

MANAGER = ("view-organization", "view-members", "manage-members")


def notices(page: Page) -> Locator:
    """What just happened, as it is shown."""
    return page.get_by_role("region", name="Notices")


def names(page: str) -> list[str]:
    """Who is listed, by address, in order."""
    return re.findall(r"<small>([^<@]+@[^<]+)</small>", page.partition("<tbody")[2].partition("</tbody")[0])


@pytest.mark.feature("P2-35")
@pytest.mark.feature("SV-25")
@pytest.mark.feature("UM-13")
def test_the_list_is_what_keycloak_has_without_the_synthetic_administrator(stack: Stack) -> None:
    place = Place(stack)
    others = [place.join(first_name=f"Per{number}") for number in range(3)]
    admin = stack.admin()
    kept = admin.get(f"/realms/demo/orgs/{place.id}/members", max=100)
    admin.close()
    page = place.browser.get(f"o/{place.name}/members").text
    assert sorted(names(page)) == sorted(each.email for each in (place.someone, *others))
    assert any(member["username"].startswith("org-admin-") for member in kept)
    assert "org-admin-" not in page and "4 people belong to" in page


@pytest.mark.feature("P2-63")
def test_without_the_right_to_see_roles_there_is_no_column(stack: Stack) -> None:
    place = Place(stack, roles=("view-organization", "view-members"))
    page = place.browser.get(f"o/{place.name}/members").text
    assert "Administrator" not in page and ">Roles</th>" not in page
    full = Place(stack, roles=(*VIEW_ROLES,))
    assert ">Roles</th>" in full.browser.get(f"o/{full.name}/members").text


@pytest.mark.feature("SV-34")
@pytest.mark.feature("SV-36")
@pytest.mark.feature("SV-107")
@pytest.mark.feature("SV-108")
@pytest.mark.feature("SV-109")
def test_pages_filters_and_sizes_stand_in_the_address_and_are_remembered(stack: Stack, client: Any) -> None:
    place = Place(stack)
    for number in range(11):
        place.join(first_name="Zoe" if number < 2 else "Ann")
    path = f"o/{place.name}/members"
    first = place.browser.get(f"{path}?size=10")
    assert len(names(first.text)) == 10 and "1 to 10 of 12" in first.text
    second = place.browser.get(f"{path}?size=10&page=2")
    assert len(names(second.text)) == 2 and not set(names(first.text)) & set(names(second.text))
    assert "page=1" in second.text and "page=3" not in second.text
    found = place.browser.get(f"{path}?q=Zoe")
    assert len(names(found.text)) == 2 and "Clear filters" in found.text
    again = place.browser.get(path)
    assert again.url.endswith("?q=Zoe") and len(names(again.text)) == 2
    other = Client(stack).sign_in(place.join(*VIEW_ROLES))
    assert names(other.get(again.url).text) == names(again.text)
    cleared = place.browser.get(f"{path}?clear=yes")
    assert cleared.url.endswith("/members") and "Clear filters" not in cleared.text
    assert len(names(cleared.text)) == 10, "the size stays chosen"


@pytest.mark.feature("SV-28")
def test_refreshing_shows_what_changed_in_keycloak_and_keeps_the_filter(stack: Stack, open_page: Any) -> None:
    place = Place(stack)
    page = open_page(f"/demo/o/{place.name}/members?q=Zoe", place.someone)
    expect(page.get_by_text("Nobody found")).to_be_visible()
    new = place.join(first_name="Zoe")
    page.get_by_role("link", name="Refresh the list").click()
    expect(page.get_by_text(new.email)).to_be_visible()
    assert "q=Zoe" in page.url


@pytest.mark.feature("P2-36")
@pytest.mark.feature("P2-62")
@pytest.mark.feature("AS-26")
@pytest.mark.feature("AS-28")
@pytest.mark.feature("SV-38")
def test_removing_somebody_asks_first_keeps_the_account_and_can_be_undone(stack: Stack, open_page: Any) -> None:
    place = Place(stack)
    other = place.join("view-organization", first_name="Paula", last_name="Parting")
    page = open_page(f"/demo/o/{place.name}/members", place.someone)
    row = page.get_by_role("row").filter(has_text=other.email)
    row.get_by_label("Actions for Paula Parting").press("Enter")
    row.get_by_text("Remove from").click()
    expect(page.get_by_role("heading", name="Remove Paula Parting?")).to_be_visible()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(notices(page).get_by_text("Paula Parting does not belong to")).to_be_visible()
    assert place.roles_of(other) == set() and other.read()["enabled"]
    assert place.record("members.remove")
    page.get_by_role("button", name="Undo").click()
    expect(notices(page).get_by_text("Paula Parting belongs to")).to_be_visible()
    assert place.roles_of(other) == {"view-organization"}


def test_who_may_only_remove_people_brings_them_back_without_their_roles(stack: Stack) -> None:
    place = Place(stack, roles=MANAGER)
    other = place.join("view-organization", "view-members")
    assert place.browser.post(f"o/{place.name}/members/{other.id}/remove", {"confirm": "yes"}).status_code == 303
    answer = place.browser.post(f"o/{place.name}/members/restore/{place.record('members.remove')}", {})
    assert answer.status_code == 303, answer.text
    assert other.email in place.browser.get(f"o/{place.name}/members").text
    assert place.roles_of(other) == set()


@pytest.mark.case("R14")
def test_whoever_comes_back_by_hand_has_none_of_the_old_roles(stack: Stack) -> None:
    place = Place(stack)
    other = place.join("view-organization", "view-members", "manage-members")
    assert place.browser.post(f"o/{place.name}/members/{other.id}/remove", {"confirm": "yes"}).status_code == 303
    place.put(other, "view-organization")
    assert place.roles_of(other) == {"view-organization"}


@pytest.mark.case("R6")
@pytest.mark.case("R8")
def test_nobody_removes_whom_he_does_not_outrank(stack: Stack, recorder: Any) -> None:
    place = Place(stack, roles=MANAGER)
    administrator, equal, lower = place.join(*ALL_ROLES), place.join(*MANAGER), place.join("view-organization")
    for other in (administrator, equal):
        answer = place.browser.post(f"o/{place.name}/members/{other.id}/remove", {"confirm": "yes"})
        assert answer.status_code == 403
        assert [call for call in recorder.of(answer) if call.writes] == []
    assert place.browser.post(f"o/{place.name}/members/{lower.id}/remove", {"confirm": "yes"}).status_code == 303
    admin = stack.admin()
    synthetic = next(
        member["id"]
        for member in admin.get(f"/realms/demo/orgs/{place.id}/members", max=100)
        if member["username"].startswith("org-admin-")
    )
    admin.close()
    assert place.browser.get(f"o/{place.name}/members/{synthetic}").status_code == 404
    assert place.browser.post(f"o/{place.name}/members/{synthetic}/remove", {"confirm": "yes"}).status_code == 404


@pytest.mark.case("R12")
@pytest.mark.case("R13")
def test_a_right_taken_in_keycloak_ends_at_once_for_writes_and_soon_for_reads(stack: Stack, eventually: Any) -> None:
    place = Place(stack, roles=MANAGER)
    first, second = place.join(), place.join()
    path = f"o/{place.name}/members"
    assert place.browser.post(f"{path}/{first.id}/remove", {"confirm": "yes"}).status_code == 303
    place.take(place.someone, "manage-members")
    assert place.browser.post(f"{path}/{second.id}/remove", {"confirm": "yes"}).status_code == 403
    place.drop(place.someone)
    assert place.browser.post(f"{path}/{second.id}/remove", {"confirm": "yes"}).status_code == 404
    eventually(lambda: place.browser.get(path).status_code == 404)
    place.put(place.someone, *MANAGER)
    assert place.browser.post(f"{path}/{second.id}/remove", {"confirm": "yes"}).status_code == 303


@pytest.mark.case("R11")
def test_there_is_no_way_to_add_an_account_by_its_id(stack: Stack, person: Any) -> None:
    place, stranger = Place(stack), person()
    assert place.browser.post(f"o/{place.name}/members", {"member": stranger.id}).status_code == 405
    assert place.browser.post(f"o/{place.name}/members/{stranger.id}", {}).status_code == 405


@pytest.mark.feature("P2-59")
def test_an_operator_manages_members_of_an_organization_he_does_not_belong_to(
    stack: Stack, client: Any, person: Any
) -> None:
    place, operator = Place(stack), person()
    admin = stack.admin()
    give_client_roles(admin, "demo", operator.id, "realm-management", "view-organizations", "manage-organizations")
    admin.close()
    other, browser = place.join(), client(operator)
    assert "Change roles" in browser.get(f"o/{place.name}/members").text
    form = [("roles", "view-members"), ("roles", "view-organization")]
    assert browser.post(f"o/{place.name}/members/{other.id}/roles", form).status_code == 303
    assert place.roles_of(other) == {"view-members", "view-organization"}
