"""Single sign-on that is demanded: only once somebody has shown that he gets in without it."""

from __future__ import annotations

from datetime import timedelta

import connection_steps
import pytest
from cast import Client, age, make_person
from organization_holdings import Place
from stack import Stack

from portal.demo.organizations import ALL_ROLES
from portal.store import domains, now
from portal.store.models_organizations import Domain


@pytest.fixture
def place(stack: Stack) -> Place:
    return Place(stack)


def demand(place: Place, on: str = "yes") -> int:
    """Press the button; the status."""
    return place.browser.post(f"o/{place.name}/sso/policy/enforce", {"on": on}).status_code


def known(place: Place, name: str) -> str:
    """The portal has a row of this verified domain too, as when it was proved here."""
    store, present = place.stack.store(), now()
    row = Domain(
        realm=place.realm, organization=place.id, name=name, state=domains.VERIFIED, added=present, added_by="",
        added_by_name="", verified=present, failing_since=None, checked=present, due=present + timedelta(days=1),
        finding={},
    )  # fmt: skip
    domains.insert(store, row)
    store.engine.dispose()
    return name


def test_it_is_demanded_only_after_a_way_in_without_it_was_named_and_rehearsed(place: Place) -> None:
    address = f"o/{place.name}/sso/policy"
    assert demand(place) == 409, "no connection is active"
    connection_steps.active(place)
    assert demand(place) == 409, "nobody is named"
    assert place.browser.post(f"{address}/rescue", {"person": place.someone.id}).status_code == 303
    assert demand(place) == 409, "not rehearsed"
    age(place.stack, place.someone, auth_time=1)
    old = place.browser.post(f"{address}/rehearse", {})
    assert old.status_code == 403 and "/signin/confirm?" in old.text, "a sign-in long ago proves nothing"
    place.browser = Client(place.stack, place.realm).sign_in(place.someone)
    assert place.browser.post(f"{address}/rehearse", {}).status_code == 303
    assert demand(place) == 303
    assert place.browser.get(f"o/{place.name}/members").status_code == 200, "the one who is named gets in"


def check_through(place: Place, insider: Client, active: str) -> None:
    """The way to the provider is there for those who belong here, and leads nobody else away."""
    draft = place["connection"]
    led = insider.get(f"signin/through?provider={active}", follow=False)
    assert led.status_code == 302
    assert f"kc_idp_hint={active}" in led.headers["Location"]
    stranger = Place(place.stack).browser
    for someone, alias in ((stranger, active), (insider, draft), (insider, "no-such-alias"), (insider, "")):
        assert someone.get(f"signin/through?provider={alias}", follow=False).status_code == 404


def test_whoever_is_named_needs_a_way_in_of_his_own(place: Place) -> None:
    connection_steps.active(place)
    stranger = place.join("view-members")
    answer = place.browser.post(f"o/{place.name}/sso/policy/rescue", {"person": stranger.id})
    assert answer.status_code == 422
    assert "Choose an administrator" in answer.text


def test_others_with_such_addresses_are_led_to_the_provider_and_those_without_are_not(place: Place) -> None:
    active = connection_steps.active(place).alias
    domain = known(place, connection_steps.verified(place)[0])
    inside, outside = make_person(place.stack, "demo", email=f"in@{domain}"), place.join(*ALL_ROLES)
    place.put(inside, *ALL_ROLES)
    place.browser.post(f"o/{place.name}/sso/policy/rescue", {"person": place.someone.id})
    place.browser.post(f"o/{place.name}/sso/policy/rehearse", {})
    assert demand(place) == 303
    held = Client(place.stack, place.realm).sign_in(inside).get(f"o/{place.name}/members")
    assert held.status_code == 403
    assert "Sign in with your organization" in held.text
    assert "signin/through" in held.text
    check_through(place, Client(place.stack, place.realm).sign_in(inside), active)
    assert Client(place.stack, place.realm).sign_in(outside).get(f"o/{place.name}/members").status_code == 200
    assert demand(place, "no") == 303
    assert Client(place.stack, place.realm).sign_in(inside).get(f"o/{place.name}/members").status_code == 200
