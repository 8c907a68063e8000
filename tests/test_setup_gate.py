"""The gate below `/setup`, route by route: nobody but the guest of a link, for its intents, at its organization."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Callable, Mapping

import pytest
import requests
from link_steps import ALL, Guest, change, make_link
from organization_holdings import Place
from recorder import Recorder
from stack import Stack
from test_gate import app, right_of
from twins_setup import intents_of, twin_of

from portal.access import Facts, Scope, Verdict, decide
from portal.access_links import INTENT_RIGHTS, INTENT_ROLES, LINK_RIGHTS, rights_of
from portal.errors import Invalid

ROUTES = sorted(name for name in app().view_functions if name.startswith("setup."))


class House:
    """An organization with a guest for each intent, one for all, and one of another organization."""

    def __init__(self, stack: Stack) -> None:
        self.place, self.other = Place(stack), Place(stack)
        self.guests = {intent: self.guest(self.place, intent) for intent in ALL}
        self.all = self.guest(self.place, *ALL)
        self.foreign = self.guest(self.other, *ALL)

    def guest(self, place: Place, *intents: str) -> Guest:
        _link, token = make_link(place, *intents, kind="api")
        return Guest(place.stack, place).enter(token)


@pytest.fixture(scope="module")
def house(stack: Stack) -> House:
    return House(stack)


def path_of(endpoint: str, place: Place) -> str:
    """The address with names that nothing has: refusals do not depend on them."""
    names = re.findall(r"\{(\w+)\}", twin_of(endpoint).path)
    known: Mapping[str, str] = {**dict.fromkeys(names, "nothing"), "org": place.name}
    return f"/setup/demo/{twin_of(endpoint).path.format_map(known)}"


def send(client: Guest, endpoint: str, place: Place, *, token: str | None = None) -> requests.Response:
    """The twin's request with this guest's cookie."""
    method, data = twin_of(endpoint).method, dict(twin_of(endpoint).form)
    if method == "POST":
        data["csrf_token"] = client.token() if token is None else token
    head = {"Origin": client.stack.portal_url, "Sec-Fetch-Site": "same-origin"}
    url = f"{client.stack.portal_url}{path_of(endpoint, place)}"
    return client.http.request(method, url, data=data or None, headers=head, allow_redirects=False, timeout=30)


def test_every_room_is_there_once_more_and_nothing_else() -> None:
    assert {name.removeprefix("setup.").partition(".")[0] for name in ROUTES} == {
        "home", "handing", "sso", "wizard", "attributes", "sso_tests", "renewals", "domains", "events"
    }  # fmt: skip
    for rule in app().url_map.iter_rules():
        if rule.endpoint in ROUTES:
            assert rule.methods - {"HEAD", "OPTIONS"} == {twin_of(rule.endpoint).method}, rule


@pytest.mark.feature("WO-06", "WO-18")
@pytest.mark.case("L3")
@pytest.mark.case("C1")
@pytest.mark.parametrize("endpoint", ROUTES)
def test_a_route_is_for_the_guest_whose_link_says_so(endpoint: str, house: House, recorder: Recorder) -> None:
    place, nobody = house.place, Guest(house.place.stack, house.place)
    assert send(nobody, endpoint, place, token="x").status_code == 401
    # A session of the portal is not read here.
    nobody.http.cookies.update(house.place.browser.http.cookies)
    assert send(nobody, endpoint, place, token="x").status_code == 401
    refused = [send(house.foreign, endpoint, place, token="x"), send(house.all, endpoint, house.other, token="x")]
    refused += [send(house.guests[intent], endpoint, place) for intent in ALL if intent not in intents_of(endpoint)]
    for answer in refused:
        assert answer.status_code == 404, answer.text
        assert [call for call in recorder.of(answer) if call.writes] == []
    if twin_of(endpoint).method == "POST" and intents_of(endpoint):
        answer = send(house.all, endpoint, place, token="x")
        assert answer.status_code == 403 and "csrf" in place.stack.refusal(answer.headers["X-Request-ID"])


@pytest.mark.parametrize("endpoint", [name for name in ROUTES if twin_of(name).method == "GET" and intents_of(name)])
def test_a_page_opens_for_each_intent_that_it_belongs_to(endpoint: str, house: House) -> None:
    twin, place = twin_of(endpoint), house.place
    path = f"/setup/demo/{twin.path.format_map(place)}"
    for intent in sorted(intents_of(endpoint)):
        answer = house.guests[intent].get(path, follow=False)
        wanted = 404 if endpoint == "setup.home.ending" and intent != "audit_logs" else twin.status
        assert answer.status_code == wanted, (intent, answer.text)


def _names(endpoint: str) -> set[str]:
    """What an address names beside the organization."""
    return set(re.findall(r"\{(\w+)\}", twin_of(endpoint).path)) - {"org", "free"}


@pytest.mark.feature("WO-18")
@pytest.mark.case("L3")
@pytest.mark.parametrize("endpoint", [name for name in ROUTES if _names(name) and intents_of(name)])
def test_what_another_organization_has_is_not_there(endpoint: str, house: House, recorder: Recorder) -> None:
    twin = twin_of(endpoint)
    path = f"/setup/demo/{twin.path.format_map(ChainMap({'org': house.place.name}, house.other))}"
    form = {name: value.format_map(house.other) for name, value in twin.form.items()}
    answer = house.all.post(path, form) if twin.method == "POST" else house.all.get(path, follow=False)
    assert answer.status_code == 404, answer.text
    assert [call for call in recorder.of(answer) if call.writes] == []


@pytest.mark.case("L4")
@pytest.mark.parametrize(
    "path",
    ["profile", "security", "o/{org}", "o/{org}/sso", "o/{org}/members", "settings", "organizations", "permissions"],
)
def test_a_guest_is_nobody_on_the_pages_of_people(path: str, house: House) -> None:
    answer = house.all.get(f"/demo/{path.format_map(house.place)}", follow=False)
    assert answer.status_code == 302 and "/signin" in answer.headers["Location"]
    assert house.all.get("/demo/api/v1/profile").status_code == 401


@pytest.mark.case("L3")
def test_what_a_link_is_not_for_is_not_there(house: House) -> None:
    for room in ("members", "invitations", "roles", "details", "membership", "sso/policy", "sso/nothing/roles"):
        assert house.all.get(room).status_code == 404, room
    for other in (house.other.id, "umbrella", "nothing", "..%2f..", "%00"):
        assert house.all.get(f"/setup/demo/o/{other}/sso").status_code == 404, other
    assert house.all.get(f"/setup/other/o/{house.place.name}/sso").status_code == 401
    assert house.all.get(f"/setup/demo/o/{house.place.id}/sso").status_code == 200


def test_rights_of_links_are_for_guests_alone() -> None:
    guests = [right for right in LINK_RIGHTS if right.scope is Scope.LINK]
    person = Facts(True, member=True, organization_roles=INTENT_ROLES["sso"], realm_roles=frozenset({"manage-realm"}))
    assert {decide(right, person) for right in guests} == {Verdict.HIDDEN}
    assert {decide(right, Facts(True, only=rights_of(["sso"]))) for right in guests} == {Verdict.OK}
    assert {decide(right, Facts(only=rights_of(["sso"]))) for right in guests} == {Verdict.SIGN_IN}


def test_no_intent_hands_out_roles_or_policies() -> None:
    every = frozenset().union(*INTENT_RIGHTS.values())
    assert not every & {"sso.map", "sso.policy", "sso.override", "members.view", "roles.grant", "organization.edit"}
    for intent, rights in INTENT_RIGHTS.items():
        facts = Facts(True, organization_roles=INTENT_ROLES[intent], only=rights_of([intent]))
        for name in rights:
            assert decide(next(r for r in map(right_of, ROUTES) if r.name == name), facts) is Verdict.OK


def test_a_link_of_a_realm_that_is_gone_opens_nothing(house: House) -> None:
    link, token = make_link(house.other, "sso", kind="api")
    change(house.other, link, realm="nowhere")
    assert Guest(house.place.stack, house.other).open(token).status_code == 404


def test_what_a_realm_has_switched_off_is_not_offered_and_not_there(
    stack: Stack, make_realm: Callable[..., str]
) -> None:
    place = Place(stack, realm=make_realm(**{"_providerConfig.portal.org.domains.enabled": "false"}))
    shown = place.browser.get(f"o/{place.name}/setup-link/new").text
    assert 'value="sso"' in shown and 'value="domain_verification"' not in shown
    with pytest.raises(Invalid) as refused:
        make_link(place, "domain_verification", kind="api")
    assert "is switched off" in refused.value.errors["intents"]
    link, token = make_link(place, "audit_logs", kind="api")
    change(place, link, intents=["audit_logs", "domain_verification"])
    guest = Guest(stack, place).enter(token)
    home = guest.get("").text
    assert "have switched this off" in home and "/events" in home and f"/o/{place.name}/domains" not in home
    assert guest.get("domains").status_code == 404 and guest.get("events").status_code == 200
