"""How long certificates of identity providers last, where people of the organization look every day."""

from __future__ import annotations

from datetime import timedelta

import connection_steps
import pytest
from cast import Client
from identity_documents import body, key, make_certificate
from inside import background
from organization_holdings import Place
from recorder import Recorder
from stack import Stack

from portal.sso import drift
from portal.store import connections, now

PAGES = ("members", "details", "membership")


@pytest.fixture
def place(stack: Stack) -> Place:
    return Place(stack)


@pytest.mark.feature("WO-35")
def test_the_days_left_stand_on_the_organizations_pages_for_who_may_see_them(place: Place) -> None:
    row, services = connection_steps.saml_draft(place), background(place.stack)
    connections.change(services.store, row, state=connections.ACTIVE)
    other = Client(place.stack, place.realm).sign_in(place.join("view-organization", "view-members"))
    path = f"/admin/realms/demo/identity-provider/instances/{row.alias}"
    found = place.stack.admin().get(path)
    for days, said in {61: "", 40: "ends in 39 days", -2: "has ended"}.items():
        certificate = body(make_certificate(key("ending"), days=days))
        place.stack.admin().put(path, {**found, "config": {**found["config"], "signingCertificate": certificate}})
        connections.change(services.store, row, checked=now() - timedelta(days=2))
        drift.look(services, row)
        for page in PAGES:
            shown = place.browser.get(f"o/{place.name}/{page}").text
            assert ("The certificate of" in shown) is bool(said), page
            assert said in shown and (f"sso/{row.alias}/metadata" in shown) is bool(said)
            assert "The certificate of" not in other.get(f"o/{place.name}/{page}").text


def test_the_notice_is_known_from_the_save_on_and_costs_no_call(place: Place, recorder: Recorder) -> None:
    row = connection_steps.saml_draft(place)
    soon = body(make_certificate(key("ending"), days=20))
    connection_steps.saving.change(connection_steps.actor_of(place), row.alias, config={"signingCertificate": soon})
    store, page = place.stack.store(), f"o/{place.name}/membership"
    calls = {}
    for state in (connections.DRAFT, connections.ACTIVE):
        connections.change(store, row, state=state)
        place.browser.get(page)
        answer = place.browser.get(page)
        calls[state] = [f"{each.method} {each.path}" for each in recorder.of(answer)]
        assert ("ends in 19 days" in answer.text) is (state == connections.ACTIVE)
    assert calls[connections.DRAFT] == calls[connections.ACTIVE]
    store.engine.dispose()
