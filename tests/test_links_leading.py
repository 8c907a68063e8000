"""Where guests are led: back while they work, on when they have finished, each realm and each intent to its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from inside import background
from link_steps import Guest, change, make_link
from organization_holdings import Place
from stack import Stack

from portal.errors import Invalid
from portal.return_addresses import ORIGINS, RETURN_DEFAULT, success_key
from portal.store import connections, domains, now
from portal.store.models_organizations import Domain
from portal.store.models_sso import Connection

SHOP, TILL = "http://localhost:7001", "http://localhost:7002"


@pytest.fixture(scope="module")
def shop(stack: Stack, make_realm: Callable[..., str]) -> Place:
    """An organization of a realm with two applications and success addresses for three intents."""
    success = {"sso": f"{SHOP}/connected", "audit_logs": f"{SHOP}/seen", "certificate_renewal": f"{TILL}/renewed"}
    addresses = {ORIGINS: f"{SHOP} Shop\n{TILL} Till", RETURN_DEFAULT: f"{SHOP}/"}
    place = Place(stack, realm=make_realm(**addresses, **{success_key(each): url for each, url in success.items()}))
    set_up(place)
    return place


def set_up(place: Place) -> None:
    """A live connection and a verified domain, as the portal keeps them."""
    store, present = background(place.stack).store, now()
    shared: dict[str, Any] = {"realm": place.realm, "organization": place.id}
    alias, name = f"t-{place.name}", f"{place.name}.test"
    connections.insert(store, Connection(
        alias=alias, guide="generic-oidc", protocol="oidc", state=connections.ACTIVE, domains=[], reading={},
        attention={}, created=present, set_up_by="", **shared,
    ))  # fmt: skip
    domains.insert(store, Domain(
        name=name, state=domains.VERIFIED, added=present, added_by="", added_by_name="", verified=present,
        failing_since=None, checked=None, due=present + timedelta(days=1), finding={}, **shared,
    ))  # fmt: skip


@pytest.mark.feature("WO-25", "WO-41", "WO-42")
@pytest.mark.parametrize(
    ("intent", "given", "leads", "name"),
    [
        ("sso", {}, f"{SHOP}/connected", "Shop"),
        ("audit_logs", {}, f"{SHOP}/seen", "Shop"),
        ("certificate_renewal", {}, f"{TILL}/renewed", "Till"),
        ("domain_verification", {}, f"{SHOP}/", "Shop"),
        ("sso", {"return_url": f"{TILL}/back"}, f"{TILL}/back", "Till"),
        ("sso", {"return_url": f"{TILL}/back", "success_url": f"{SHOP}/won"}, f"{SHOP}/won", "Shop"),
        ("certificate_renewal", {"success_url": f"{SHOP}/won"}, f"{SHOP}/won", "Shop"),
    ],
)
def test_who_has_finished_is_led_on(shop: Place, intent: str, given: dict[str, str], leads: str, name: str) -> None:
    guest = Guest(shop.stack, shop).enter(make_link(shop, intent, kind="api", **given)[1])
    back = given.get("return_url", f"{SHOP}/")
    assert f'href="{back}"' in guest.get("").text
    assert guest.post(f"finish/{intent}", {"confirm": "yes"}).status_code == 303
    shown = guest.get("")
    assert "This set-up is finished" in shown.text and f'href="{leads}"' in shown.text
    assert f"Continue to {name}" in shown.text, "the button is named after where it leads"


@pytest.mark.feature("WO-24", "WO-22", "WO-28")
def test_return_addresses_of_two_realms_do_not_mix(stack: Stack, shop: Place, make_realm: Callable[..., str]) -> None:
    other = "http://localhost:7003"
    rehearsal = Place(stack, realm=make_realm(**{ORIGINS: f"{other} Rehearsal", RETURN_DEFAULT: f"{other}/home"}))
    for place, own, foreign in ((shop, f"{SHOP}/", other), (rehearsal, f"{other}/home", SHOP)):
        link, token = make_link(place, "audit_logs", kind="api")
        guest = Guest(stack, place)
        for shown in (guest.open(token), guest.enter(token).get("")):
            assert f'href="{own}"' in shown.text and foreign not in shown.text
        with pytest.raises(Invalid) as refused:
            make_link(place, "audit_logs", kind="api", return_url=f"{foreign}/")
        assert "not on the list" in refused.value.errors["return_url"]
        # What was written into the row by another way is checked again when it is used.
        change(place, link, return_url=f"{foreign}/", success_url=f"{foreign}/")
        assert foreign not in guest.get("").text
        guest.post("finish/audit_logs", {"confirm": "yes"})
        shown = guest.get("")
        assert "This set-up is finished" in shown.text and foreign not in shown.text
