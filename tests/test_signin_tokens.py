"""Real tokens of the real Keycloak in the wrong place: the answer to the portal's exchange is changed on the way."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from cast import Client, rows
from holdings import sample_tokens
from recorder import Recorder
from stack import Stack
from test_signin import callback_of, signed_in

from portal.services import Services, build
from portal.settings import load


@pytest.fixture
def services(stack: Stack) -> Iterator[Services]:
    """The parts of the running portal, to open what it keeps sealed."""
    found = build(load({**os.environ, "PORTAL_CONFIG": str(Path(stack.folder, "portal.toml"))}))
    yield found
    found.store.engine.dispose()


@pytest.fixture
def of_sign_in(stack: Stack, services: Services, person: Any, client: Any) -> Callable[..., str]:
    """A token that the portal got at an earlier sign-in."""

    def get(column: str, realm: str = "demo") -> str:
        someone = person(realm=realm)
        client(someone, realm=realm)
        return services.sessions.secret(rows(stack, someone)[0], column)

    return get


def arrive(client: Client, recorder: Recorder, callback: str, **put: str) -> requests.Response:
    """Come back from Keycloak while its answer to the portal is changed."""
    session = parse_qs(urlsplit(callback).query)["code"][0].split(".")[1]
    with recorder.rule("put", grant="authorization_code", sid=session, put=put) as changed:
        answer = client.get(callback)
        assert changed.count == 1
    return answer


def refused(stack: Stack, client: Client, answer: requests.Response, reason: str) -> None:
    assert answer.status_code == 400
    assert "You were not signed in" in answer.text
    assert reason in str(stack.log(answer.headers["X-Request-ID"]))
    assert not signed_in(client)


@pytest.mark.case("T1")
@pytest.mark.parametrize("how", ["unsigned", "resigned"])
def test_a_token_without_a_good_signature(stack: Stack, person: Any, client: Any, recorder: Any, how: str) -> None:
    browser = client()
    refused(stack, browser, arrive(browser, recorder, callback_of(browser, person()), id_token=how), "signature")


@pytest.mark.case("T3")
def test_a_token_for_another_client(stack: Stack, person: Any, client: Any, recorder: Recorder) -> None:
    someone, browser = person(), client()
    foreign = sample_tokens(client(someone))["id_token"]
    refused(stack, browser, arrive(browser, recorder, callback_of(browser, someone), id_token=foreign), "ID token")


@pytest.mark.case("T2")
@pytest.mark.case("T4")
def test_a_token_of_another_realm(
    stack: Stack, person: Any, client: Any, recorder: Recorder, of_sign_in: Callable[..., str]
) -> None:
    """Its key is unknown here, and nobody goes and looks for it elsewhere."""
    browser = client()
    foreign = of_sign_in("id_token", "other")
    answer = arrive(browser, recorder, callback_of(browser, person()), id_token=foreign)
    refused(stack, browser, answer, "signature")
    assert not [call for call in recorder.of(answer) if "/realms/other/" in call.path]


@pytest.mark.case("T5")
def test_a_token_of_an_earlier_sign_in(
    stack: Stack, person: Any, client: Any, recorder: Recorder, of_sign_in: Callable[..., str]
) -> None:
    browser = client()
    old = of_sign_in("id_token")
    refused(stack, browser, arrive(browser, recorder, callback_of(browser, person()), id_token=old), "nonce")


@pytest.mark.case("T6")
def test_an_access_token_in_place_of_the_id_token(
    stack: Stack, person: Any, client: Any, recorder: Recorder, of_sign_in: Callable[..., str]
) -> None:
    browser = client()
    other = of_sign_in("access_token")
    refused(stack, browser, arrive(browser, recorder, callback_of(browser, person()), id_token=other), "ID token")


@pytest.mark.case("T12")
def test_an_access_token_that_the_id_token_does_not_name(
    stack: Stack, person: Any, client: Any, recorder: Recorder, of_sign_in: Callable[..., str]
) -> None:
    browser = client()
    other = of_sign_in("access_token")
    refused(stack, browser, arrive(browser, recorder, callback_of(browser, person()), access_token=other), "at_hash")


@pytest.mark.case("T8")
@pytest.mark.case("T9")
def test_a_code_with_the_proof_of_another_transaction(stack: Stack, person: Any, client: Any) -> None:
    browser, someone = client(), person()
    begun = urlsplit(browser.get("signin", follow=False).headers["Location"])
    assert parse_qs(begun.query)["code_challenge_method"] == ["S256"]
    state = parse_qs(begun.query)["state"][0]
    callback = urlsplit(callback_of(browser, someone))
    mixed = callback._replace(query=callback.query.replace(parse_qs(callback.query)["state"][0], state))
    refused(stack, browser, browser.get(mixed.geturl()), "token endpoint")


def test_left_alone_the_same_exchange_signs_in(person: Any, client: Any, recorder: Recorder) -> None:
    """The control of this file."""
    browser = client()
    answer = arrive(browser, recorder, callback_of(browser, person()), **{})
    assert answer.status_code == 200
    assert signed_in(browser)


@pytest.mark.case("T11")
@pytest.mark.parametrize("name", ["issuer", "token_endpoint", "jwks_uri"])
def test_a_realm_whose_description_points_elsewhere_is_closed_and_the_others_run(
    stack: Stack, make_realm: Callable[..., str], client: Any, recorder: Recorder, name: str
) -> None:
    realm = make_realm()
    with recorder.rule("put", path=f"/realms/{realm}/.well-known/", put={name: "https://evil.test/x"}):
        answer = client(realm=realm).get("signin", follow=False)
        assert answer.status_code == 400
        assert "evil.test" in str(stack.log(answer.headers["X-Request-ID"]))
        assert "evil.test" not in answer.text
        assert client().get("signin", follow=False).status_code == 302
