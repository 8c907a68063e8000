"""The list of invitations, the form for one, sending again and taking back, on the running portal."""

from __future__ import annotations

import re
from typing import Any

import pytest
from cast import Client
from conftest import violations
from invited import INVITER, address, age, at_keycloak, expire, form, invite, line, link, listed, mail, row, rows
from organization_holdings import Place
from playwright.sync_api import expect
from recorder import Recorder
from stack import Stack


@pytest.fixture(scope="module")
def place(stack: Stack) -> Place:
    """An organization whose administrator invites."""
    return Place(stack)


@pytest.mark.feature("UM-10")
def test_errors_stand_beside_their_fields(place: Place, stack: Stack) -> None:
    wrong = {"email": "nora@", "first_name": "", "last_name": "", "days": "31", "message": "x" * 1001}
    answer = place.browser.post(f"o/{place.name}/invitations/new", {**wrong, "locale": "en"})
    assert answer.status_code == 422
    for name in ("email", "first_name", "last_name", "days", "message", "roles"):
        assert f'id="f-{name}-error"' in answer.text, name
    assert 'value="nora@"' in answer.text
    assert at_keycloak(place, "nora@") == []


@pytest.mark.feature("SV-105")
@pytest.mark.case("I4")
def test_taking_back_kills_the_link_and_keycloak_forgets(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email)
    path = link(stack, email)
    invitation = f"o/{place.name}/invitations/{row(stack, email).id}"
    assert f"Take back the invitation of {email}?" in place.browser.get(f"{invitation}/delete").text
    assert place.browser.post(f"{invitation}/delete").status_code == 422
    assert len(at_keycloak(place, email)) == 1
    assert place.browser.post(f"{invitation}/delete", {"confirm": "yes"}).status_code == 303
    assert at_keycloak(place, email) == []
    page = Client(stack).get(path)
    assert page.status_code == 410
    assert "taken back" in page.text
    assert "Taken back" in line(listed(place.browser, place), email)
    assert place.browser.post(f"{invitation}/resend", {"confirm": "yes"}).status_code == 409
    assert place.browser.post(f"{invitation}/delete", {"confirm": "yes"}).status_code == 409


def test_who_is_invited_already_is_told_with_the_way_to_it(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email)
    answer = invite(place, email.upper())
    assert answer.status_code == 422
    assert "This address is invited already." in answer.text
    assert f"/invitations/{row(stack, email).id}" in answer.text
    assert len(rows(stack, email=email)) == 1


@pytest.mark.feature("SV-103")
def test_an_expired_one_is_shown_and_makes_room(place: Place, stack: Stack) -> None:
    email = address()
    invite(place, email, "view-members")
    expire(stack, email)
    page = listed(place.browser, place, "&state=expired")
    assert "Expired" in line(page, email)
    again = place.browser.get(f"o/{place.name}/invitations/new?like={row(stack, email).id}").text
    assert f'value="{email}"' in again
    assert re.search(r'value="view-members" checked', again)
    assert invite(place, email).status_code == 303
    assert [each.state for each in rows(stack, email=email)] == ["expired", "pending"]
    assert len(at_keycloak(place, email)) == 1


@pytest.mark.case("E7")
@pytest.mark.case("I9")
def test_a_member_is_told_only_to_those_who_see_members(place: Place, stack: Stack) -> None:
    someone, inviter = place.join(), Client(stack).sign_in(place.join(*INVITER))
    told = invite(place, someone.email)
    assert told.status_code == 422
    assert "This person is a member already." in told.text
    stranger = address()
    hidden, usual = (invite(place, email, browser=inviter) for email in (someone.email, stranger))
    assert (hidden.status_code, hidden.headers["Location"]) == (usual.status_code, usual.headers["Location"])
    mail(stack, stranger)
    assert stack.mails(someone.email) == []
    page = listed(inviter, place)
    assert line(page, someone.email).replace(someone.email, "") == line(page, stranger).replace(stranger, "")
    assert "No invitation" in Client(stack).sign_in(someone).get("invitations").text


@pytest.mark.feature("P2-65")
def test_the_form_says_which_role_is_missing(place: Place, stack: Stack) -> None:
    for lacking in ("view-roles", "manage-invitations"):
        browser = Client(stack).sign_in(place.join(*(set(INVITER) - {lacking})))
        answer = browser.get(f"o/{place.name}/invitations/new")
        assert answer.status_code == 403
        assert f"Lacking: {lacking}." in answer.text
        assert "/invitations/new" not in browser.get(f"o/{place.name}/invitations").text
        assert invite(place, address(), browser=browser).status_code == 403


@pytest.mark.case("R3")
def test_nobody_hands_out_what_he_does_not_hold(place: Place, stack: Stack) -> None:
    browser = Client(stack).sign_in(place.join(*INVITER, "view-members"))
    page = browser.get(f"o/{place.name}/invitations/new").text
    offered = set(re.findall(r'name="roles" value="([^"]+)"', page))
    assert offered == {"none", *INVITER, "view-members"}
    email = address()
    answer = invite(place, email, "manage-roles", browser=browser)
    assert answer.status_code == 403
    assert stack.refusal(answer.headers["X-Request-ID"]) == "ceiling"
    assert at_keycloak(place, email) == []
    assert "There is no role “no-such-role”." in invite(place, email, "no-such-role", browser=browser).text


def test_one_made_elsewhere_is_shown_for_what_it_is(place: Place, stack: Stack) -> None:
    email, admin = address(), stack.admin()
    body = {"email": email, "send": False, "roles": ["view-members"]}
    admin.post(f"/realms/demo/orgs/{place.id}/invitations", body)
    admin.close()
    assert "Made elsewhere" in line(listed(place.browser, place), email)
    page = listed(place.browser, place, "&state=elsewhere")
    invitation = re.search(r"/invitations/([0-9a-f-]{36})", page.partition(email)[0].rpartition("<tr")[2] + page)
    assert invitation
    path = f"o/{place.name}/invitations/{invitation[1]}"
    assert "It has no end" in place.browser.get(path).text
    assert "is invited already" in invite(place, email).text
    assert place.browser.post(f"{path}/delete", {"confirm": "yes"}).status_code == 303
    assert at_keycloak(place, email) == []


@pytest.mark.feature("SV-99")
@pytest.mark.feature("SV-100")
@pytest.mark.feature("SV-106")
def test_filters_alone_and_together_and_pages(stack: Stack) -> None:
    place, other = Place(stack), Place(stack)
    emails = sorted(f"{word}-{place.name}@tests.test" for word in ("anna", "berta", "carla"))
    for email in emails:
        assert invite(place, email).status_code == 303
    foreign = address()
    invite(other, foreign)
    expire(stack, emails[1])
    age(stack, emails[2], state="declined")

    def found(query: str) -> list[str]:
        page = place.browser.get(f"o/{place.name}/invitations?{query}").text
        return [email for email in emails if email in page.partition("<table")[2]]

    assert foreign not in listed(place.browser, place)
    assert found("size=10") == emails
    assert found("q=BERTA") == [emails[1]]
    assert found("state=expired") == [emails[1]]
    assert found("state=declined") == [emails[2]]
    assert found(f"q={place.name}&state=pending") == [emails[0]]
    assert found("q=anna&state=expired") == []
    assert "1 to 3 of 3" in place.browser.get(f"o/{place.name}/invitations?size=10").text


@pytest.mark.feature("SV-20")
def test_the_entry_is_for_those_who_see_invitations(stack: Stack, place: Place) -> None:
    path = f"/demo/o/{place.name}/invitations"
    for roles, there in ((INVITER, True), (("view-organization", "view-members"), False)):
        page = Client(stack).sign_in(place.join(*roles)).get(f"o/{place.name}/membership").text
        assert (f'href="{path}"' in page) is there


@pytest.mark.feature("SV-102")
@pytest.mark.case("I11")
def test_the_application_that_was_chosen_is_shown_and_led_to(place: Place, stack: Stack) -> None:
    page = place.browser.get(f"o/{place.name}/invitations/new").text
    options = re.search(r'<select id="f-client".*?</select>', page, re.DOTALL)
    assert options
    [origin] = [each for each in re.findall(r'value="([^"]+)"', options[0]) if each]
    email = address()
    assert invite(place, email, client=origin).status_code == 303
    name = re.search(rf'value="{origin}">([^<]+)<', options[0])
    assert name
    assert name[1] in mail(stack, email)["text"]
    assert name[1] in line(listed(place.browser, place), email)
    assert invite(place, address(), client="https://evil.test").status_code == 422


def test_a_write_is_made_with_the_persons_own_token(place: Place, stack: Stack, recorder: Recorder) -> None:
    answer = invite(place, address())
    writes = [call for call in recorder.of(answer) if call.writes]
    assert [(call.method, call.client) for call in writes] == [("POST", "portal")]


@pytest.mark.feature("SV-98")
def test_by_keyboard_alone_and_for_every_reader(place: Place, stack: Stack, open_page: Any) -> None:
    email = address()
    path = f"/demo/o/{place.name}/invitations/new"
    # At rest: while a notice fades in, its colours are not yet what they will be.
    page = open_page(path, place.someone, bypass_csp=True, reduced_motion="reduce")
    assert violations(page) == []
    page.fill("#f-email", email)
    page.fill("#f-first_name", "Nora")
    page.fill("#f-last_name", "New")
    page.get_by_label("No role", exact=False).first.check()
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("is on its way")
    assert violations(page) == []
    mail(stack, email)
    page.locator("main").evaluate("main => { main.dataset.old = '' }")
    page.get_by_role("link", name="Refresh the list").click()
    expect(page.locator("main[data-old]")).to_have_count(0)
    menu = page.get_by_label(f"Actions for {email}")
    menu.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Take back").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text(f"Take back the invitation of {email}?")
    page.get_by_role("dialog").get_by_role("button", name="Take back").press("Enter")
    expect(page.locator(".toast")).to_contain_text("is taken back")
    assert at_keycloak(place, email) == []


def test_the_form_of_an_attacker_is_no_form(place: Place) -> None:
    answer = place.browser.post(f"o/{place.name}/invitations/new", form(address()), token=False)
    assert answer.status_code == 403
