"""New metadata and certificates of a connection: looked over, taken over, both trusted for a while, told in time."""

from __future__ import annotations

from collections.abc import Callable

import connection_steps
import pytest
from cast import Person, make_person
from connection_steps import prove_domain, seen
from identity_documents import body, key, make_certificate, pem
from inside import background
from organization_holdings import Place
from playwright.sync_api import Page, expect
from stack import Stack
from trial_steps import Draft, address, begin, come_in, press, sign_in_at
from waiting import eventually

from portal.sso import drift
from portal.sso.certificates import read_certificates
from portal.store import connections


@pytest.fixture
def place(stack: Stack) -> Place:
    return Place(stack)


def trusted(place: Place, alias: str) -> set[str]:
    """Fingerprints of what Keycloak trusts."""
    found = place.stack.admin().get(f"/admin/realms/demo/identity-provider/instances/{alias}")
    return {each.fingerprint for each in read_certificates(found["config"]["signingCertificate"])}


def by_hand(place: Place, alias: str, certificate: str) -> dict[str, str]:
    """What an administrator types in to exchange a certificate."""
    config = place.stack.admin().get(f"/admin/realms/demo/identity-provider/instances/{alias}")["config"]
    return {
        "way": "manual", "entity_id": config["idpEntityId"], "sso": config["singleSignOnServiceUrl"],
        "binding": "POST" if config["postBindingAuthnRequest"] == "true" else "REDIRECT", "certificate": certificate,
    }  # fmt: skip


@pytest.mark.feature("WO-35", "P2-44")
def test_a_new_certificate_is_trusted_beside_the_old_one_and_nothing_else_changes(place: Place) -> None:
    alias, address = place["saml"], f"o/{place.name}/sso/{place['saml']}/metadata"
    path = f"/admin/realms/demo/identity-provider/instances/{alias}"
    before = place.stack.admin().get(path)
    new = make_certificate(key("next"))
    answer = place.browser.post(address, by_hand(place, alias, pem(new)))
    assert answer.status_code == 303, answer.text
    assert "was exchanged" in place.browser.get(address).text
    assert place.stack.admin().get(path)["config"] == before["config"], "nothing changes before the decision"
    put = {"confirm": "yes", "seen": seen(place, alias)}
    assert place.browser.post(f"{address}/apply", {**put, "keep": "yes"}).status_code == 303
    fingerprint = read_certificates(body(new))[0].fingerprint
    old = {each.fingerprint for each in read_certificates(before["config"]["signingCertificate"])}
    assert trusted(place, alias) == {fingerprint, *old}
    after = place.stack.admin().get(path)
    changed = {name for name, value in after["config"].items() if before["config"].get(name) != value}
    assert changed <= {"signingCertificate", "wantAuthnRequestsSigned", "postBindingLogout"}, changed
    refused = place.browser.post(f"{address}/certificates/{next(iter(old))}/drop", {"confirm": "yes"})
    assert refused.status_code == 409, "no answer signed with the new one was seen"
    assert trusted(place, alias) == {fingerprint, *old}


def test_only_what_was_looked_at_is_taken_over(place: Place) -> None:
    """Somebody else, or the night, may read other metadata between the question and the answer."""
    alias = place["saml"]
    address, before = f"o/{place.name}/sso/{alias}/metadata", trusted(place, alias)
    place.browser.post(address, by_hand(place, alias, pem(make_certificate(key("next")))))
    looked_at = seen(place, alias)
    place.browser.post(address, by_hand(place, alias, pem(make_certificate(key("evil")))))
    for given in (looked_at, ""):
        answer = place.browser.post(f"{address}/apply", {"confirm": "yes", "keep": "no", "seen": given})
        assert answer.status_code == 409
        assert "has changed since you looked at it" in answer.text
    assert trusted(place, alias) == before
    now = seen(place, alias)
    assert now in answer.text
    assert place.browser.post(f"{address}/apply", {"confirm": "yes", "keep": "no", "seen": now}).status_code == 303


def test_an_expired_certificate_can_be_dropped_but_not_the_last_one(place: Place) -> None:
    address = f"o/{place.name}/sso/{place['twofold']}/metadata"
    gone = place.browser.post(f"{address}/certificates/{place['old']}/drop", {"confirm": "yes"})
    assert gone.status_code == 303
    (last,) = trusted(place, place["twofold"])
    assert place.browser.post(f"{address}/certificates/{last}/drop", {"confirm": "yes"}).status_code == 409


def test_metadata_that_says_nothing_new_asks_for_nothing(place: Place) -> None:
    address = f"o/{place.name}/sso/{place['connection']}/metadata"
    found = {"way": "url", "url": place["discovery"]}
    assert place.browser.post(address, found).status_code == 303
    assert "waits for your decision" in place.browser.get(address).text, "the draft lacks the sign-out address"
    put = {"confirm": "yes", "seen": seen(place, place["connection"])}
    assert place.browser.post(f"{address}/apply", put).status_code == 303
    assert place.browser.post(address, found).status_code == 303
    assert "waits for your decision" not in place.browser.get(address).text


@pytest.mark.feature("P2-44")
def test_the_kept_secret_goes_to_no_other_server(place: Place) -> None:
    """Else whoever may renew metadata would read it at a server of his own."""
    alias = place["connection"]
    address, path = f"o/{place.name}/sso/{alias}/metadata", f"/admin/realms/{place.realm}/identity-provider/instances"
    admin = place.stack.admin()
    before = admin.get(f"{path}/{alias}")
    config = {**before["config"], "tokenUrl": "https://login.tests.test/token"}
    admin.put(f"{path}/{alias}", {**before, "config": config})
    assert place.browser.post(address, {"way": "url", "url": place["discovery"]}).status_code == 303
    assert "would go to another server" in place.browser.get(f"{address}/apply").text
    put = {"confirm": "yes", "seen": seen(place, alias)}
    for secret in ("", "two words"):
        answer = place.browser.post(f"{address}/apply", {**put, "secret": secret})
        assert answer.status_code == 422 and "Enter the client secret" in answer.text
    assert admin.get(f"{path}/{alias}")["config"]["tokenUrl"] == config["tokenUrl"]
    assert place.browser.post(f"{address}/apply", {**put, "secret": "known-there"}).status_code == 303
    assert admin.get(f"{path}/{alias}")["config"]["tokenUrl"].startswith(place.stack.keycloak_url)


@pytest.mark.feature("WO-35")
def test_a_certificate_that_ends_soon_is_told_by_mail_once_for_each_mark(place: Place) -> None:
    row = connection_steps.saml_draft(place)
    soon = make_certificate(key("soon"), days=13)
    services = background(place.stack)
    place.stack.admin().put(
        f"/admin/realms/demo/identity-provider/instances/{row.alias}", _with(place, row.alias, body(soon))
    )
    connections.change(services.store, row, state=connections.ACTIVE)
    for _night in range(2):
        drift.look(services, row)
    told = eventually(lambda: subjects(place))
    assert len(told) == 1, told
    assert "expires in" in told[0]


def subjects(place: Place) -> list[str]:
    """What was written to the administrator about certificates."""
    return [each["subject"] for each in place.stack.mails(place.someone.email) if "certificate" in each["subject"]]


def _with(place: Place, alias: str, certificate: str) -> dict[str, object]:
    found = place.stack.admin().get(f"/admin/realms/demo/identity-provider/instances/{alias}")
    return {**found, "config": {**found["config"], "signingCertificate": certificate}}


def test_metadata_that_changed_overnight_waits_for_a_decision_and_is_told(place: Place) -> None:
    row, services = connection_steps.draft(place), background(place.stack)
    connections.change(services.store, row, state=connections.ACTIVE, metadata_url=place["discovery"])
    path = f"/admin/realms/demo/identity-provider/instances/{row.alias}"
    found = place.stack.admin().get(path)
    other = f"{place['discovery']}/old-token"
    place.stack.admin().put(path, {**found, "config": {**found["config"], "tokenUrl": other}})
    drift.look(services, row)
    shown = place.browser.get(f"o/{place.name}/sso/{row.alias}/metadata").text
    assert "waits for your decision" in shown
    assert other in shown
    assert place.stack.admin().get(path)["config"]["tokenUrl"] == other, "nothing changes by itself"


def test_the_nightly_look_leaves_what_somebody_handed_over(place: Place) -> None:
    row, services = connection_steps.saml_draft(place), background(place.stack)
    address = f"o/{place.name}/sso/{row.alias}/metadata"
    found = {"way": "url", "url": f"{place.stack.keycloak_url}/realms/idp/protocol/saml/descriptor"}
    place.browser.post(address, found)
    place.browser.post(f"{address}/apply", {"confirm": "yes", "keep": "no", "seen": seen(place, row.alias)})
    other = pem(make_certificate(key("by hand")))
    assert place.browser.post(address, by_hand(place, row.alias, other)).status_code == 303
    row = connections.get(services.store, place.realm, place.id, row.alias)
    connections.change(services.store, row, state=connections.ACTIVE, metadata_url=found["url"])
    drift.look(services, row)
    shown = place.browser.get(address).text
    assert "waits for your decision" in shown and "the nightly check" not in shown


class House:
    """A realm that plays the provider and exchanges its signing key."""

    def __init__(self, stack: Stack, realm: str) -> None:
        self.admin, self.realm, self.path = stack.admin(), realm, f"/admin/realms/{realm}/components"

    def announce(self) -> None:
        """A new key stands in the metadata; the old one still signs."""
        config = {"priority": ["10"], "enabled": ["true"], "active": ["true"], "algorithm": ["RS256"]}
        kind = {"providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider"}
        self.admin.post(self.path, {"name": "next", **kind, "config": config})

    def sign_with_new(self, new: bool) -> None:
        """Which of the two signs from now on."""
        (found,) = self.admin.get(self.path, name="next", type="org.keycloak.keys.KeyProvider")
        config = {**found["config"], "priority": ["999" if new else "10"]}
        self.admin.put(f"{self.path}/{found['id']}", {**found, "config": config})


@pytest.mark.feature("WO-35", "P2-44")
@pytest.mark.case("P13")
def test_a_certificate_is_exchanged_without_a_failed_sign_in(
    place: Place, make_realm: Callable[..., str], open_page: Callable[..., Page]
) -> None:
    domain, realm = prove_domain(place), make_realm()
    house, draft = House(place.stack, realm), Draft(place, "saml", house=realm)
    pages = f"o/{place.name}/sso/{draft.alias}"
    people = (make_person(place.stack, realm, email=f"p{number}@{domain}") for number in range(9))

    def signs_in() -> bool:
        page = come_in(open_page, place, draft.alias, next(people))
        arrived = page.get_by_role("heading", name="Your membership")
        expect(arrived.or_(page.get_by_text("We are sorry"))).to_be_visible()
        return arrived.count() == 1

    store = place.stack.store()
    connection_steps.passed(place, connections.get(store, place.realm, place.id, draft.alias))
    store.engine.dispose()
    assert place.browser.post(f"{pages}/activate", {"confirm": "yes"}).status_code == 303
    (old,) = trusted(place, draft.alias)
    house.announce()
    found = {"way": "url", "url": f"{draft.idp}/protocol/saml/descriptor"}
    assert place.browser.post(f"{pages}/metadata", found).status_code == 303
    assert "There is another signing certificate" in place.browser.get(f"{pages}/metadata").text
    yes = {"confirm": "yes", "keep": "yes", "seen": seen(place, draft.alias)}
    assert place.browser.post(f"{pages}/metadata/apply", yes).status_code == 303
    (new,) = trusted(place, draft.alias) - {old}
    assert eventually(
        lambda: [each for each in place.stack.mails(place.someone.email) if "was replaced" in each["subject"]]
    )
    assert signs_in(), "signed with the old key"
    house.sign_with_new(True)
    assert signs_in(), "signed with the new key"
    drop = f"{pages}/metadata/certificates/{old}/drop"
    assert place.browser.post(drop, {"confirm": "yes"}).status_code == 409, "nobody has seen the new one in a test"
    try_second_way(open_page, draft, next(people))
    assert place.browser.post(drop, {"confirm": "yes"}).status_code == 303
    assert trusted(place, draft.alias) == {new}
    assert signs_in(), "the old one is dropped"
    house.sign_with_new(False)
    assert not signs_in(), "what the old one signs counts no more"


def try_second_way(open_page: Callable[..., Page], draft: Draft, someone: Person) -> None:
    """A test of a live connection on which the portal sees the answer itself."""
    page = open_page(address(draft, begin(draft)))
    press(page)
    page.goto(f"/{draft.place.realm}/sso/test")
    page.get_by_role("link", name="Try the second way").click()
    sign_in_at(page, someone)
    expect(page.get_by_text("Passed")).to_be_visible()
