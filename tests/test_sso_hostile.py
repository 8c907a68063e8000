"""Documents and addresses made to harm, put into the wizard of the running portal."""

from __future__ import annotations

import json
import re
from typing import Any

import outbound_doubles
import pytest
import requests
from identity_documents import descriptor, document, endpoint, make_certificate, metadata
from organization_holdings import Place
from outbound_doubles import Listener
from recorder import Recorder
from stack import Stack
from test_sso_metadata import HOSTILE

listen = outbound_doubles.listen
ATTRIBUTES = {"email": "email", "firstName": "firstName", "lastName": "lastName"}
STEPS = {"generic-saml": "metadata", "generic-oidc": "discovery"}
SOUND = {"generic-saml": metadata(), "generic-oidc": document()}
# Spelled in ways that reach this machine or its neighbours; `%d` is a port on which somebody listens.
INSIDE = [
    "http://127.0.0.1:%d/m", "https://127.0.0.1:%d/m", "https://[::1]:%d/m", "https://0.0.0.0:%d/m",
    "https://[::]:%d/m", "https://2130706433:%d/m", "https://0x7f.1:%d/m", "https://017700000001:%d/m",
    "https://localhost.:%d/m", "https://localhost:%d/m", "http://localhost:%d/m", "https://[::ffff:127.0.0.1]:%d/m",
    "https://127.0.0.1.nip.test:%d/m", "https://169.254.169.254/latest/meta-data", "https://[fd00::1]/m",
    "https://[fe80::1]/m", "https://[64:ff9b::7f00:1]/m", "https://user@localhost:%d/m", "file:///etc/passwd",
    "gopher://localhost:%d/m", "//localhost:%d/m", "localhost:%d",
]  # fmt: skip


@pytest.fixture(scope="module")
def place(stack: Stack) -> Place:
    """An organization with somebody who may do everything in it."""
    return Place(stack)


@pytest.fixture(scope="module")
def begun(place: Place) -> dict[str, str]:
    """Wizards that were begun: addresses of the step where documents are handed over, by guide."""
    found = {}
    for guide, step in STEPS.items():
        answer = place.browser.post(f"o/{place.name}/sso/setup", {"guide": guide})
        found[guide] = f"{answer.headers['Location']}/{step}"
    return found


def hand_over(place: Place, step: str, way: str, data: Any) -> Any:
    if way == "file":
        return place.browser.post(step, {"way": way}, files={"file": ("m.xml", data)})
    return place.browser.post(step, {"way": way, way: data})


def refused(answer: Any, recorder: Recorder) -> None:
    """The same step again, with a reason; Keycloak was asked for nothing but who somebody is."""
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    calls = recorder.of(answer)
    assert {call.method for call in calls} <= {"GET"}
    assert not any("import-config" in call.path or "identity-provider" in call.path for call in calls)


@pytest.mark.case("X1")
@pytest.mark.parametrize("name", [each for each in HOSTILE if each != "large"])
def test_hostile_xml_is_refused_and_nothing_is_fetched(
    place: Place, begun: dict[str, str], recorder: Recorder, listen: Any, name: str
) -> None:
    outside: Listener = listen()
    data = HOSTILE[name] % outside.port if b"%d" in HOSTILE[name] else HOSTILE[name]
    answer = hand_over(place, begun["generic-saml"], "file", data)
    refused(answer, recorder)
    assert "root:x:0" not in answer.text
    if b"\x00" not in data and len(data) < 400_000:
        refused(hand_over(place, begun["generic-saml"], "text", data), recorder)
    assert outside.connections == 0


@pytest.mark.case("X1")
def test_a_document_that_is_too_large_is_refused(place: Place, begun: dict[str, str], recorder: Recorder) -> None:
    refused(hand_over(place, begun["generic-saml"], "file", HOSTILE["large"]), recorder)
    assert hand_over(place, begun["generic-saml"], "file", b"<x>" + b"a" * 4 * 1024 * 1024).status_code == 413


@pytest.mark.case("F1")
@pytest.mark.case("F9")
@pytest.mark.parametrize("guide", STEPS)
def test_addresses_inside_are_refused_without_a_packet(
    place: Place, begun: dict[str, str], recorder: Recorder, listen: Any, guide: str
) -> None:
    outside: Listener = listen()
    inside: Listener = listen(host="::1", port=outside.port)
    for each in INSIDE:
        url = each % outside.port if "%d" in each else each
        answer = hand_over(place, begun[guide], "url", url)
        refused(answer, recorder)
        assert "This address cannot be used" in answer.text, url
    assert (outside.connections, inside.connections) == (0, 0)


@pytest.mark.case("F9")
@pytest.mark.parametrize("name", ["token_endpoint", "userinfo_endpoint", "jwks_uri"])
def test_addresses_that_keycloak_would_call_are_refused_inside_a_document(
    place: Place, begun: dict[str, str], recorder: Recorder, stack: Stack, name: str
) -> None:
    found = requests.get(f"{stack.keycloak_url}/realms/idp/.well-known/openid-configuration", timeout=20).json()
    for url in ("https://10.0.0.7/x", "https://169.254.169.254/latest", "https://localhost/x", "https://[::1]/x"):
        answer = hand_over(place, begun["generic-oidc"], "file", json.dumps({**found, name: url}))
        refused(answer, recorder)
        assert f"{url} cannot be used: it must be public" in answer.text
    assert hand_over(place, begun["generic-oidc"], "file", json.dumps(found)).status_code == 303


@pytest.mark.case("P8")
def test_a_provider_that_is_not_what_it_says_is_refused(
    place: Place, begun: dict[str, str], recorder: Recorder, stack: Stack, fresh_realm: str
) -> None:
    admin = stack.admin()
    admin.put(f"/admin/realms/{fresh_realm}", {"attributes": {"frontendUrl": "https://elsewhere.test"}})
    admin.close()
    step, itself = begun["generic-oidc"], f"{stack.keycloak_url}/realms/{place.realm}"
    other = f"{stack.keycloak_url}/realms/{fresh_realm}"  # names itself by another address
    for way, data, told in (
        ("url", other, "fetched from another address"),
        ("url", itself, "the very sign-in"),
        ("file", document(issuer="http://idp.umbrella.test/oidc"), "must begin with https"),
        ("file", document(token_endpoint="http://idp.umbrella.test/oidc"), "must begin with https"),
        ("file", document(issuer=itself), "the very sign-in"),
    ):
        answer = hand_over(place, step, way, data)
        refused(answer, recorder)
        assert told in answer.text, re.findall(r'class="[^"]*error[^"]*"[^>]*>([^<]*)', answer.text)
    saml = hand_over(place, begun["generic-saml"], "url", f"{itself}/protocol/saml/descriptor")
    refused(saml, recorder)
    assert "the very sign-in" in saml.text
    plain = metadata(endpoint(location=f"{itself}/protocol/saml"))
    assert "the very sign-in" in hand_over(place, begun["generic-saml"], "text", plain).text


def test_what_is_sound_is_taken(place: Place, begun: dict[str, str], stack: Stack) -> None:
    """The control: the same steps take the real thing, by file, as text and from its address."""
    idp = f"{stack.keycloak_url}/realms/idp"
    for guide, url in (("generic-saml", f"{idp}/protocol/saml/descriptor"), ("generic-oidc", idp)):
        assert hand_over(place, begun[guide], "url", url).status_code == 303
    for way in ("file", "text"):
        assert hand_over(place, begun["generic-saml"], way, SOUND["generic-saml"]).status_code == 303


def test_what_is_weak_is_told_before_anything_is_saved(place: Place, begun: dict[str, str], stack: Stack) -> None:
    found = requests.get(f"{stack.keycloak_url}/realms/idp/.well-known/openid-configuration", timeout=20).json()
    weak = {**found, "scopes_supported": ["openid"], "id_token_signing_alg_values_supported": ["HS256"]}
    assert hand_over(place, begun["generic-oidc"], "file", json.dumps(weak)).status_code == 303
    setup = begun["generic-oidc"].rpartition("/")[0]
    assert place.browser.post(f"{setup}/claims", ATTRIBUTES).status_code == 303
    assert place.browser.post(f"{setup}/client", {"client_id": "a", "client_secret": "b"}).status_code == 303
    page = place.browser.get(f"{setup}/review").text
    assert "does not list the scope email" in page
    assert "signs tokens with HS256 only" in page
    old = metadata(descriptor(make_certificate(days=-3)), endpoint(location="http://idp.umbrella.test/sso"))
    assert hand_over(place, begun["generic-saml"], "file", old).status_code == 303
    review = f"{begun['generic-saml'].rpartition('/')[0]}/review"
    assert place.browser.post(review.replace("review", "attributes"), ATTRIBUTES).status_code == 303
    page = place.browser.get(review).text
    assert "The certificate expired on" in page
    assert "http://idp.umbrella.test/sso is not protected" in page


@pytest.mark.case("X1")
@pytest.mark.timeout(20)
def test_an_answer_that_nobody_asked_for_keeps_no_worker_busy(place: Place) -> None:
    """Whoever sends it needs no session, so it must cost next to nothing, and must not fail either."""
    stranger = requests.Session()
    stranger.trust_env = False
    url = f"{place.stack.portal_url}/{place.realm}/sso/test"
    answers = ["<!---->" * 500 + "x", "<html>" + "<input " * 30_000, '<samlp:Response xmlns:samlp="urn:oasis:names:tc:'
               'SAML:2.0:protocol" InResponseTo="_ä.ö"/>']  # fmt: skip
    for answer in answers:
        assert stranger.post(f"{url}/acs", {"SAMLResponse": answer}, timeout=5).status_code == 404


@pytest.mark.case("F6")
@pytest.mark.parametrize("guide", STEPS)
def test_what_an_address_answers_is_not_shown(
    place: Place, begun: dict[str, str], recorder: Recorder, stack: Stack, guide: str
) -> None:
    """Whoever may name addresses reads nothing with the portal's eyes but whether they answer with a document."""
    unsigned = {"webhook-id": "evt", "webhook-timestamp": "1700000000", "webhook-signature": "v1,AAAA"}
    requests.post(f"{stack.sample_url}/webhooks", data="inner-secret-4711", headers=unsigned, timeout=10)
    told = set()
    for path in ("/webhooks", "/webhooks?format=json", "/"):
        answer = hand_over(place, begun[guide], "url", f"{stack.sample_url}{path}")
        refused(answer, recorder)
        assert "inner-secret" not in answer.text
        told.add(re.sub(r"\s+", " ", re.findall(r'class="[^"]*error[^"]*"[^>]*>([^<]*)', answer.text)[0]))
    assert len(told) == 1, "the same is said of each"
    for page in ("settings/webhooks", "settings/webhooks/any/deliveries/1"):
        assert place.browser.get(page).status_code in {403, 404}
