"""The operator's overview: what is wrong with the set-up, mending it there, and how far organizations are."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from conftest import violations
from organization_holdings import Place
from playwright.sync_api import Page
from realm_holdings import MANAGE, Realm
from recorder import Recorder
from sqlalchemy import delete, select, update
from stack import Stack

from portal.store import now
from portal.store.models import AuditRow
from portal.store.models_health import HealthReport
from portal.store.models_sso import Connection

ORGANIZATIONS = ("view-organizations", "manage-organizations")
OFF = "sign-in events are not stored"


@pytest.fixture(scope="session")
def realm(stack: Stack, make_realm: Callable[..., str]) -> Realm:
    """One for this file, with an operator for everything."""
    return Realm(stack, make_realm, (*MANAGE, *ORGANIZATIONS))


def set_realm(realm: Realm, **fields: object) -> None:
    """Behind the portal's back, as Keycloak's own console does."""
    admin = realm.stack.admin()
    admin.put(f"/admin/realms/{realm.name}", fields)
    admin.close()


def get_realm(realm: Realm) -> dict[str, object]:
    admin = realm.stack.admin()
    try:
        return dict(admin.get(f"/admin/realms/{realm.name}"))
    finally:
        admin.close()


def forget(realm: Realm) -> None:
    store = realm.stack.store()
    with store.write() as transaction:
        transaction.execute(delete(HealthReport).where(HealthReport.realm == realm.name))
    store.engine.dispose()


def records(realm: Realm) -> list[tuple[str, str]]:
    """What the audit says was mended."""
    store = realm.stack.store()
    with store.read() as transaction:
        mine = select(AuditRow).where(AuditRow.realm == realm.name, AuditRow.tag == "overview.mend")
        found = [(row.state, row.after["check"]) for row in transaction.scalars(mine)]
    store.engine.dispose()
    return found


@pytest.mark.feature("WO-46")
def test_the_server_and_the_extension_are_named_with_what_is_known_of_them(realm: Realm) -> None:
    less = realm.enter(realm.join("view-realm")).get("overview/health?again=yes").text
    assert "shows to administrators alone" in less and "has known flaws" not in less
    text = realm.browser.get("overview/health?again=yes").text
    assert "Keycloak 26.5.7 has known flaws" in text and "CVE-2026-18963" in text and "run Keycloak 26.7.4" in text
    assert "organizations extension 0.144 is there" in text
    assert "portal doctor --username ADMIN" in text, "what only administrators see is not claimed to be fine"


def test_what_is_wrong_is_mended_with_the_operators_own_token_and_recorded(realm: Realm, recorder: Recorder) -> None:
    set_realm(realm, eventsEnabled=False)
    text = realm.browser.get("overview/health?again=yes").text
    forget(realm)
    text = realm.browser.get("overview/health").text
    assert OFF in text and f"kcadm.sh update events/config -r {realm.name} -s eventsEnabled=true" in text
    (finding,) = re.findall(rf"{OFF}.*?overview/mend/(\w+)", text, re.S)[:1]
    asked = realm.browser.get(f"overview/mend/{finding}")
    assert OFF in asked.text.lower() and "kcadm.sh update" in asked.text
    assert get_realm(realm)["eventsEnabled"] is False, "a question mends nothing"
    answer = realm.browser.post(f"overview/mend/{finding}", {"confirm": "yes"})
    assert answer.status_code == 303, answer.text
    (written,) = [call for call in recorder.of(answer) if call.writes]
    assert written.client == "portal-operator" and written.path == f"/admin/realms/{realm.name}"
    assert get_realm(realm)["eventsEnabled"] is True
    after = realm.browser.get("overview/health").text
    assert OFF not in after
    assert records(realm) == [("done", "events")]
    assert realm.browser.post(f"overview/mend/{finding}", {"confirm": "yes"}).status_code == 404, "it is mended already"


def test_the_page_waits_for_no_examination_and_shows_a_young_one(realm: Realm, recorder: Recorder) -> None:
    forget(realm)
    cold = realm.browser.get("overview")
    assert 'hx-trigger="load"' in cold.text and "Look now" in cold.text
    assert len([call for call in recorder.of(cold) if "/orgs" in call.path]) <= 2, "and that for the organizations"
    realm.browser.get("overview/health")
    warm = realm.browser.get("overview")
    assert "Checked at" in warm.text and 'hx-trigger="load"' not in warm.text
    again = realm.browser.get("overview/health")
    assert [call for call in recorder.of(again) if "authentication/flows" in call.path] == [], "less than a minute old"
    store = realm.stack.store()
    with store.write() as transaction:
        mine = update(HealthReport).where(HealthReport.realm == realm.name)
        transaction.execute(mine.values(checked=now() - timedelta(seconds=61)))
    store.engine.dispose()
    assert 'hx-trigger="load"' in realm.browser.get("overview").text


def test_a_mend_takes_the_right_to_change_the_realm(realm: Realm) -> None:
    looker = realm.enter(realm.join("view-realm"))
    text = looker.get("overview/health").text
    assert "overview/mend/" not in text and "How to mend it" in text, "the command is shown to him all the same"
    assert "/organizations/new" not in text and "Every state" not in text
    assert realm.enter(realm.join()).get("overview", follow=False).status_code == 403


@pytest.mark.feature("WO-03")
@pytest.mark.feature("WO-47")
def test_the_table_says_how_far_each_organization_is(realm: Realm, recorder: Recorder) -> None:
    fresh = Realm(realm.stack, lambda: realm.name, (*MANAGE, *ORGANIZATIONS))
    place = Place(realm.stack, realm=realm.name)
    row = rf"(?s)<tr[^>]*>(?:(?!</tr>).)*{re.escape(place.name)}.*?</tr>"
    (before,) = re.findall(row, fresh.browser.get(f"overview?q={place.name}").text)
    assert "Nothing yet" in before
    store = realm.stack.store()
    with store.write() as transaction:
        transaction.add(
            Connection(
                realm=realm.name, alias=f"{place.name}-x", organization=place.id, guide="x", protocol="saml",
                state="active", attention={"kind": "drift"}, created=now(), set_up_by="x", checked=None, tested=None,
                activated=None, last_sign_in=None,
            )
        )  # fmt: skip
    store.engine.dispose()
    answer = fresh.browser.get(f"overview?q={place.name}")
    (after,) = re.findall(row, answer.text)
    assert "Needs attention" in after and "Active" in after
    assert len([call for call in recorder.of(answer) if "/orgs" in call.path]) == 1, "one call for a page of them"
    only = fresh.browser.get("overview?state=attention")
    assert place.name in only.text and len([c for c in recorder.of(only) if "/orgs" in c.path]) <= 10
    assert place.name not in fresh.browser.get("overview?state=ready").text
    nothing = fresh.browser.get("overview?q=there-is-no-such")
    assert "Nothing found" in nothing.text


@pytest.mark.feature("WO-47")
def test_with_no_organization_the_page_advises_to_make_one(stack: Stack, make_realm: Callable[..., str]) -> None:
    empty = Realm(stack, make_realm, (*MANAGE, *ORGANIZATIONS))
    for path in ("overview", "organizations"):
        text = empty.browser.get(path).text
        assert "portal org create" in text and "API" in text and "/organizations/new" in text, path


@pytest.mark.parametrize("look", [{"color_scheme": "dark"}, {"viewport": {"width": 320, "height": 700}}])
def test_with_scripts_the_health_arrives_by_itself(
    realm: Realm, open_page: Callable[..., Page], look: dict[str, Any]
) -> None:
    forget(realm)
    page = open_page(f"/{realm.name}/overview", realm.someone, bypass_csp=True, **look)
    page.get_by_text("Checked at").wait_for()
    assert page.url.endswith("/overview"), "the address stays"
    page.get_by_text("How to mend it").first.click()
    for path in ("overview", "help/members"):
        page.goto(f"/{realm.name}/{path}")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_without_scripts_the_health_is_one_link_away(realm: Realm, open_page: Callable[..., Page]) -> None:
    forget(realm)
    page = open_page(f"/{realm.name}/overview", realm.someone, java_script_enabled=False)
    page.get_by_role("link", name="Look now").click()
    page.get_by_text("Checked at").wait_for()
    page.get_by_role("link", name="Mend").first.click()
    page.get_by_role("heading", name="Mend this?").wait_for()
