"""What is too weak to go live, who may let it all the same, and answers that only Keycloak can read."""

from __future__ import annotations

from collections.abc import Callable

import connection_steps
import pytest
from cast import make_person
from connection_steps import OPERATOR, actor_of, passed, prove_domain, saml_config
from identity_documents import SHA1, body, key, make_certificate
from organization_holdings import Place
from playwright.sync_api import Page, expect
from stack import Stack
from trial_steps import Draft, address, begin, go

from portal.sso import saving
from portal.store.models_sso import Connection

WEAK = {
    "expired": (lambda: body(make_certificate(key("expired"), days=-1, since=400)), "expired on"),
    "SHA-1": (lambda: SHA1, "can be forged"),
    "short": (lambda: body(make_certificate(key("short", 1024))), "too short"),
}


@pytest.fixture
def place(stack: Stack) -> Place:
    made = Place(stack)
    prove_domain(made)
    return made


def trusting(place: Place, *certificates: str) -> Connection:
    """A tested draft by SAML that trusts these certificates."""
    row = saving.save_draft(
        actor_of(place), connection_steps.new_alias(), "generic-saml", "saml",
        config={**saml_config(place.stack), "signingCertificate": ",".join(certificates)}, secret="",
        attributes={"email": "email"}, domains=[],
    )  # fmt: skip
    passed(place, row)
    return row


@pytest.mark.case("P9")
@pytest.mark.parametrize("kind", sorted(WEAK))
def test_what_is_too_weak_goes_live_on_an_operators_word_alone(place: Place, kind: str) -> None:
    make, said = WEAK[kind]
    row = trusting(place, make())
    page = f"o/{place.name}/sso/{row.alias}"
    assert said in place.browser.get(page).text
    refused = place.browser.post(f"{page}/activate", {"confirm": "yes"})
    assert refused.status_code == 409 and said in refused.text
    word = {"confirm": "yes", "reason": "Their new one comes on Monday"}
    operator = actor_of(place, realm_roles=OPERATOR)
    assert saving.activate(operator, row.alias, word["reason"]).state == "active"


@pytest.mark.case("P9")
def test_answers_without_a_signature_are_let_in_by_nobodys_mistake(place: Place) -> None:
    row = trusting(place, saml_config(place.stack)["signingCertificate"])
    path = f"/admin/realms/{place.realm}/identity-provider/instances/{row.alias}"
    admin = place.stack.admin()
    found = admin.get(path)
    admin.put(path, {**found, "config": {**found["config"], "validateSignature": "false"}})
    refused = place.browser.post(f"o/{place.name}/sso/{row.alias}/activate", {"confirm": "yes"})
    assert refused.status_code == 409 and "without a signature" in refused.text


def test_an_expired_certificate_beside_a_good_one_holds_nothing_up(place: Place) -> None:
    row = trusting(place, connection_steps.expired(place), saml_config(place.stack)["signingCertificate"])
    assert place.browser.post(f"o/{place.name}/sso/{row.alias}/activate", {"confirm": "yes"}).status_code == 303


@pytest.mark.case("P9")
def test_an_encrypted_answer_passes_a_test_though_only_keycloak_can_read_it(
    place: Place, open_page: Callable[..., Page]
) -> None:
    draft = Draft(place, "saml")
    (ours,) = [each for each in draft.admin.get(f"/admin/realms/{place.realm}/keys")["keys"] if each.get("use") == "ENC"
               and each.get("algorithm") == "RSA-OAEP"]  # fmt: skip
    draft.change_there({"saml.encrypt": "true", "saml.encryption.certificate": ours["certificate"]})
    someone = make_person(place.stack, "idp", email=f"tester@{connection_steps.verified(place)[0]}")
    test = begin(draft)
    expect(go(open_page, address(draft, test), someone).get_by_text("Passed")).to_be_visible(timeout=30_000)
    shown = place.browser.get(test).text
    assert "The assertion is encrypted" in shown and someone.email in shown
