"""Broken set-ups, each found out by a test sign-in and called by its name."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cast import Client, make_person
from connection_steps import prove_domain
from identity_documents import (
    IDP,
    assertion,
    body,
    der,
    key,
    make_certificate,
    posted,
    response,
    signed,
)
from lxml import etree
from organization_holdings import Place
from playwright.sync_api import Page
from stack import Stack
from trial_steps import Draft, address, begin, enter_secret, sign_in_at

OTHER = "https://elsewhere.umbrella.test/"


@pytest.fixture(scope="module")
def place(stack: Stack) -> Place:
    """An organization with a verified domain."""
    found = Place(stack)
    found.domain = prove_domain(found)  # type: ignore[attr-defined]
    return found


def saml(place: Place, **config: str) -> Draft:
    """A draft towards a provider that the test plays itself."""
    own = {"idpEntityId": IDP, "signingCertificate": body(make_certificate(key())), **config}
    return Draft(place, "saml", own)


def ask(draft: Draft, test: str) -> str:
    """Open the test and go the second way; the id of the portal's question."""
    browser = Client(draft.place.stack, draft.place.realm)
    at = address(draft, test)
    assert browser.get(at).status_code == 200
    assert browser.post(f"{at}/begin", token=False).status_code == 303
    assert browser.get("sso/test/go", follow=False).status_code == 302
    assert "Try the second way" in browser.get("sso/test").text
    away = browser.get("sso/test/own", follow=False).headers["Location"]
    packed = parse_qs(urlsplit(away).query)["SAMLRequest"][0]
    question = etree.fromstring(zlib.decompress(base64.b64decode(packed), -15))
    assert question.get("AssertionConsumerServiceURL") == draft.second
    return str(question.get("ID"))


def bring(draft: Draft, document: str) -> Any:
    """What a browser posts from the provider's page: from elsewhere, without any cookie."""
    stranger = Client(draft.place.stack, draft.place.realm)
    head = {"Origin": "https://idp.umbrella.test", "Sec-Fetch-Site": "cross-site"}
    return stranger.post("sso/test/acs", {"SAMLResponse": posted(document)}, token=False, headers=head)


def told(draft: Draft, test: str) -> str:
    return str(draft.place.browser.get(test).text)


class Answer:
    """Answers of the provider, sound but for one thing."""

    def __init__(self, draft: Draft, question: str) -> None:
        self.draft, self.question = draft, question
        domain = draft.place.domain  # type: ignore[attr-defined]
        self.sent = {"email": f"dana@{domain}", "firstName": "Dana", "lastName": "Scully"}

    def inside(self, **wrong: Any) -> str:
        given = {"audience": self.draft.alias, "recipient": self.draft.second, "attributes": self.sent, **wrong}
        return assertion(**given).replace('InResponseTo="_q1"', f'InResponseTo="{self.question}"')

    def around(self, *inside: str, **wrong: Any) -> str:
        given = {"destination": self.draft.second, "asked": f' InResponseTo="{self.question}"', **wrong}
        return response(*inside, **given)

    def sound(self, **wrong: Any) -> str:
        return self.around(signed(self.inside(**wrong)))


def encrypted(answer: Answer) -> str:
    cipher = (
        '<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><xenc:EncryptedData '
        'xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"><xenc:CipherData><xenc:CipherValue>AAAA</xenc:CipherValue>'
        "</xenc:CipherData></xenc:EncryptedData></saml:EncryptedAssertion>"
    )
    return answer.around(cipher)


EXPIRED = make_certificate(key("old"), days=-2, since=30)
BROKEN: dict[str, tuple[str, Callable[[Answer], str], dict[str, str]]] = {
    "wrong audience": ("Made for another application", lambda a: a.sound(audience=OTHER), {}),
    "wrong recipient": ("Sent to another address", lambda a: a.sound(recipient=OTHER), {}),
    "wrong issuer": ("From another identity provider", lambda a: a.sound(), {"idpEntityId": OTHER}),
    "expired certificate": (
        "The certificate has expired",
        lambda a: a.around(signed(a.inside(), key("old"), EXPIRED)),
        {"signingCertificate": base64.b64encode(der(EXPIRED)).decode()},
    ),
    "exchanged certificate": (
        "Signed with another certificate",
        lambda a: a.around(signed(a.inside(), key("new"))),
        {},
    ),
    "missing address": ("There is no e-mail address", lambda a: a.sound(attributes={"firstName": "Dana"}), {}),
    "unsigned assertion": ("The answer is not signed", lambda a: a.around(a.inside()), {}),
    "clock ahead": ("The clock of the identity provider is ahead", lambda a: a.sound(since=900, until=1800), {}),
    "clock behind": ("The answer is too old", lambda a: a.sound(since=-1800, until=-900), {}),
    "unassigned user": (
        "The identity provider refuses this person",
        lambda a: a.around(status="Responder", inner="RequestDenied", said="User is not assigned"),
        {},
    ),
    "foreign domain": (
        "An address outside your domains",
        lambda a: a.sound(attributes={**a.sent, "email": "dana@foreign.test"}),
        {},
    ),
    "encrypted without key": ("Encrypted, and nobody here has the key", encrypted, {}),
    "http address": ("An address without protection", lambda a: a.sound(recipient="http://umbrella.test/"), {}),
}


@pytest.mark.parametrize("broken", sorted(BROKEN))
def test_a_broken_set_up_by_saml_is_called_by_its_name(place: Place, broken: str) -> None:
    title, make, config = BROKEN[broken]
    draft = saml(place, **config)
    test = begin(draft)
    assert bring(draft, make(Answer(draft, ask(draft, test)))).status_code == 303
    shown = told(draft, test)
    assert title in shown and "Failed" in shown
    assert title in place.browser.get(draft.trials).text or broken == "http address"


def test_a_sound_answer_the_second_way_is_no_passed_test(place: Place) -> None:
    draft = saml(place)
    test = begin(draft)
    answer = Answer(draft, ask(draft, test))
    assert bring(draft, answer.sound()).status_code == 303
    shown = told(draft, test)
    assert "Keycloak has not seen it yet" in shown and answer.sent["email"] in shown
    assert "Signed with another" not in shown
    assert "Not yet" in place.browser.get(f"o/{place.name}/sso/{draft.alias}").text


def test_an_answer_to_no_question_of_ours_is_not_there(place: Place) -> None:
    draft = saml(place)
    test = begin(draft)
    question = ask(draft, test)
    answer = Answer(draft, question)
    assert bring(draft, answer.sound().replace(question, "_q1")).status_code == 404
    assert bring(draft, answer.sound().replace(question, question[:-1] + "x")).status_code == 404
    assert bring(draft, "<a/>").status_code == 404
    assert bring(draft, answer.sound()).status_code == 303
    assert bring(draft, answer.sound()).status_code == 404


def test_an_answer_can_be_pasted(place: Place) -> None:
    draft = saml(place)
    test = begin(draft)
    assert place.browser.post(f"{test}/answer", {"response": "nothing of the kind"}).status_code == 422
    answer = Answer(draft, "_q1")
    pasted = posted(answer.sound(audience=OTHER, recipient=draft.endpoint))
    assert place.browser.post(f"{test}/answer", {"response": pasted}).status_code == 303
    shown = told(draft, test)
    assert "Made for another application" in shown and "Sent to another address" not in shown
    assert "An answer that was pasted here" in shown


def second_way(draft: Draft, open_page: Callable[..., Page], test: str) -> Page:
    """A person goes the second way in a browser, up to the provider."""
    page = open_page(address(draft, test))
    page.get_by_role("button", name="Start the test").click()
    page.goto(f"/{draft.place.realm}/sso/test/own")
    return page


@pytest.mark.parametrize("broken", ["wrong secret", "wrong issuer", "unassigned user"])
def test_a_broken_set_up_by_oidc_is_called_by_its_name(
    place: Place, open_page: Callable[..., Page], broken: str
) -> None:
    draft, someone = Draft(place, "oidc"), make_person(place.stack, "idp")
    enter_secret(draft, "wrong" if broken == "wrong secret" else "")
    if broken == "wrong issuer":
        draft.change(issuer=OTHER)
    if broken == "unassigned user":
        draft.change_there(consentRequired=True)
    test = begin(draft)
    page = second_way(draft, open_page, test)
    sign_in_at(page, someone)
    if broken == "unassigned user":
        page.locator("#kc-cancel").click()
    page.wait_for_url(f"{place.stack.portal_url}/{place.realm}/sso/test")
    titles = {
        "wrong secret": "Client id or secret is wrong",
        "wrong issuer": "From another identity provider",
        "unassigned user": "The identity provider refuses this person",
    }
    assert titles[broken] in told(draft, test)
