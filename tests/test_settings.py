"""An operator confirms who he is and switches sections; everybody's next page follows, and nobody's save is lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from cast import Client, age, rows
from realm_holdings import Realm
from recorder import Recorder
from stack import Stack

KEY = "_providerConfig.portal.{}.enabled"


@pytest.fixture(scope="session")
def realm(stack: Stack, make_realm: Callable[..., str]) -> Realm:
    """One for this file; each test begins with everything on."""
    return Realm(stack, make_realm)


@pytest.mark.feature("P2-04")
@pytest.mark.feature("P2-05")
def test_a_section_switched_off_is_gone_from_the_next_page(realm: Realm, recorder: Recorder) -> None:
    someone = Client(realm.stack, realm.name).sign_in(realm.join())
    assert someone.get("devices").status_code == 200
    answer = realm.browser.post("settings/sections", realm.sections("profile.activity"))
    assert answer.status_code == 303, answer.text
    assert someone.get("devices").status_code == 404
    assert "/devices" not in someone.get("security").text
    (written,) = [call for call in recorder.of(answer) if call.writes]
    assert written.client == "portal-operator" and written.path.endswith(
        "/attributes/" + KEY.format("profile.activity")
    )
    assert realm.attributes()[KEY.format("profile.activity")] == "false"
    assert realm.browser.post("settings/sections", realm.sections()).status_code == 303
    assert someone.get("devices").status_code == 200


@pytest.mark.case("S6")
@pytest.mark.case("S7")
def test_only_those_who_manage_the_realm_save(realm: Realm) -> None:
    viewer, ordinary = realm.enter(realm.join("view-realm")), realm.enter(realm.join())
    before = realm.attributes()
    seen = viewer.get("settings/sections")
    assert seen.status_code == 200 and "Save sections" not in seen.text and "manage-realm" in seen.text
    assert "/settings/sections" in viewer.get("profile").text
    assert ordinary.get("settings/sections").status_code == 403
    assert "/settings/sections" not in ordinary.get("profile").text
    for browser in (viewer, ordinary):
        assert browser.post("settings/sections", realm.sections("org")).status_code == 403
        assert browser.get("settings/confirm").status_code == 403
    assert realm.attributes() == before


@pytest.mark.case("S9")
def test_a_save_touches_nothing_but_what_was_switched(realm: Realm) -> None:
    realm.write(foreign="kept as it is\nwith two lines")
    before = realm.attributes()
    assert realm.browser.post("settings/sections", realm.sections("org.domains")).status_code == 303
    assert realm.attributes() == {**before, KEY.format("org.domains"): "false"}
    realm.write(**{KEY.format("org.domains"): "true"})


def test_the_operator_confirms_silently_while_his_sign_in_is_fresh(realm: Realm, recorder: Recorder) -> None:
    someone = realm.join("view-realm", "manage-realm")
    browser = Client(realm.stack, realm.name).sign_in(someone)
    cookie = browser.cookie()
    answer = browser.get("settings/sections")
    assert answer.url.endswith("/settings/sections") and "Save sections" in answer.text
    assert browser.cookie() != cookie, "what holds more power has a new cookie"
    (row,) = rows(realm.stack, someone)
    assert row.operator_tokens and row.operator_until <= row.auth_time + 900
    own = [call for call in recorder.of(browser.get("profile")) if call.client == "portal-operator"]
    assert own == [], "the operator's token is for settings alone"


def test_a_sign_in_that_is_too_old_leads_to_keycloak_and_nothing_is_saved(realm: Realm) -> None:
    someone = realm.join("view-realm", "manage-realm")
    browser = realm.enter(someone)
    before = realm.attributes()
    age(realm.stack, someone, operator_until=0.0)
    answer = browser.post("settings/sections", realm.sections("org.sso"))
    assert answer.status_code == 403 and "/settings/confirm?" in answer.text
    answer = browser.get("settings/sections", follow=False)
    assert answer.status_code == 302 and "/settings/confirm?" in answer.headers["Location"]
    away = browser.get(answer.headers["Location"], follow=False).headers["Location"]
    assert "client_id=portal-operator" in away and "max_age=900" in away and "code_challenge_method=S256" in away
    assert realm.attributes() == before


def test_another_person_cannot_confirm_for_the_operator(realm: Realm) -> None:
    victim, other = realm.join("view-realm", "manage-realm"), realm.join("view-realm", "manage-realm")
    browser = Client(realm.stack, realm.name).sign_in(victim)
    elsewhere = Client(realm.stack, realm.name).sign_in(other)
    # Keycloak's cookies of the other person, the portal's of the victim.
    for cookie in list(browser.http.cookies):
        if not cookie.name.startswith("portal-"):
            browser.http.cookies.clear(cookie.domain, cookie.path, cookie.name)
    for cookie in elsewhere.http.cookies:
        if not cookie.name.startswith("portal-"):
            browser.http.cookies.set_cookie(cookie)
    answer = browser.get("settings/sections")
    assert answer.status_code == 400 and "not confirmed" in answer.text
    assert [row.operator_tokens for row in rows(realm.stack, victim)] == [None]


def test_the_way_back_is_good_once_and_at_its_own_address(realm: Realm) -> None:
    browser = Client(realm.stack, realm.name).sign_in(realm.join("view-realm", "manage-realm"))
    away = browser.get("settings/confirm", follow=False).headers["Location"]
    back = browser.http.get(away, allow_redirects=False, timeout=30).headers["Location"]
    assert "/settings/callback?" in back
    wrong = browser.get(back.replace("/settings/callback", "/signin/callback"), follow=False)
    assert wrong.status_code == 400
    assert browser.get(back, follow=False).status_code == 400, "the state is used up"


def test_two_operators_who_save_at_once_lose_nothing(realm: Realm) -> None:
    other = realm.enter(realm.join("view-realm", "manage-realm"))
    forms = {realm.browser: realm.sections("profile.linked"), other: realm.sections("org.members")}
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda each: each[0].post("settings/sections", each[1]), forms.items()))
    assert [answer.status_code for answer in answers] == [303, 303]
    found = realm.attributes()
    assert found[KEY.format("profile.linked")] == found[KEY.format("org.members")] == "false"
    assert realm.browser.post("settings/sections", realm.sections()).status_code == 303


def test_who_changes_what_somebody_else_changed_meanwhile_is_asked(realm: Realm) -> None:
    realm.write(**{KEY.format("org.events"): "false"})
    shown = {"shown": f'{{"{KEY.format("org.events")}": "TRUE"}}'}
    answer = realm.browser.post("settings/sections", {**realm.sections(), **shown})
    assert answer.status_code == 409
    assert "Somebody else changed this in the meantime" in answer.text and "Events" in answer.text
    assert realm.attributes()[KEY.format("org.events")] == "false"
    now = {"shown": f'{{"{KEY.format("org.events")}": "false"}}'}
    assert realm.browser.post("settings/sections", {**realm.sections(), **now}).status_code == 303
    assert realm.attributes()[KEY.format("org.events")] == "true"


@pytest.mark.feature("P2-04")
def test_what_the_vendors_console_writes_is_shown(realm: Realm, eventually: Callable[..., object]) -> None:
    realm.write(**{KEY.format("org.invitations"): "false"})
    off = 'value="org.invitations" aria'
    assert eventually(lambda: off in realm.browser.get("settings/sections").text)
    realm.write(**{KEY.format("org.invitations"): "true"})


def test_without_the_extension_the_realm_is_written_only_when_agreed(realm: Realm, recorder: Recorder) -> None:
    realm.write(foreign="kept")
    before = realm.attributes()
    form = realm.sections("org.sso")
    with recorder.rule("404", method="GET", path=rf"^/realms/{realm.name}/attributes$"):
        asked = realm.browser.post("settings/sections", form)
        assert asked.status_code == 409 and "Write the whole realm" in asked.text
        assert realm.attributes() == before
        assert realm.browser.post("settings/sections", {**form, "accept": "whole"}).status_code == 303
    assert realm.attributes() == {**before, KEY.format("org.sso"): "false"}
    realm.write(**{KEY.format("org.sso"): "true"})
