"""Each save stands in the history with what was before, and can be taken back once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from realm_holdings import Realm
from recorder import Recorder
from sqlalchemy import select
from stack import Stack

from portal.store.models import AuditRow

KEY = "_providerConfig.portal.org.events.enabled"


@pytest.fixture
def realm(stack: Stack, make_realm: Callable[..., str]) -> Realm:
    """One for each test: the history is what is looked at."""
    return Realm(stack, make_realm)


def test_a_save_is_told_and_taken_back_once(realm: Realm) -> None:
    before = realm.attributes()
    change = realm["change"]
    told = realm.browser.get("settings/changes").text
    assert realm.someone.email.split("@")[0] in told or "Take back" in told
    assert "Events" in told and ">Off" in told
    asked = realm.browser.get(f"settings/changes/{change}/undo")
    assert "Take this change back?" in asked.text
    assert realm.browser.post(f"settings/changes/{change}/undo").status_code == 422
    assert realm.browser.post(f"settings/changes/{change}/undo", {"confirm": "yes"}).status_code == 303
    assert realm.attributes() == before
    assert realm.browser.post(f"settings/changes/{change}/undo", {"confirm": "yes"}).status_code == 404
    assert "Taken back" in realm.browser.get("settings/changes").text


def test_what_was_changed_again_is_not_taken_back(realm: Realm) -> None:
    change = realm["change"]
    realm.write(**{KEY: "something else"})
    answer = realm.browser.post(f"settings/changes/{change}/undo", {"confirm": "yes"})
    assert answer.status_code == 409
    assert realm.attributes()[KEY] == "something else"
    assert not realm.changes()[-1].undone


def test_a_write_of_somebody_else_in_the_gap_is_found_and_told(realm: Realm, recorder: Recorder) -> None:
    """The recorder keeps the portal's write from Keycloak, as if somebody had overwritten it at once."""
    with recorder.rule("204", method="PUT", path=rf"/realms/{realm.name}/attributes/"):
        answer = realm.browser.post("settings/sections", realm.sections("org.events"))
    assert answer.status_code == 303
    assert "something else changed this at the same moment: Events" in realm.browser.get("settings/sections").text
    (change,) = realm.changes()
    assert change.after == {KEY: "false"} and list(change.found) == [KEY]
    assert "somebody else wrote" in realm.browser.get("settings/changes").text


def test_a_save_that_breaks_off_is_in_history_and_audit(realm: Realm, recorder: Recorder) -> None:
    with recorder.rule("lose", method="PUT", path=rf"/realms/{realm.name}/attributes/"):
        answer = realm.browser.post("settings/sections", realm.sections("org.events", "org.sso"))
    assert answer.status_code == 503
    (change,) = realm.changes()
    assert len(change.after) == 1, "only what was sent"
    store = realm.stack.store()
    with store.read() as transaction:
        mine = select(AuditRow).where(AuditRow.realm == realm.name, AuditRow.tag == "settings.save")
        (row,) = transaction.scalars(mine)
    store.engine.dispose()
    assert (row.state, row.after["area"], row.sub) == ("unknown", "sections", realm.someone.id)
