"""Answers of identity providers that are well-formed and meant to break whoever reads them."""

from __future__ import annotations

import base64
import json
from typing import Any

import outbound_doubles
import pytest
from test_sso_fetching import answering

from portal import foreign_json
from portal.clients.connections_types import IdentityProvider, Mapper
from portal.errors import Invalid
from portal.sso import fetching, trial_report, trial_rows
from portal.sso.id_token import OidcExpected, judge, judge_token
from portal.sso.judgement import Attribute, Judgement
from portal.sso.trial_report import Target

listen = outbound_doubles.listen
# Python reads both; the first cannot be written into a page, the second cannot be walked through.
HALF_A_LETTER = b'{"issuer": "https://idp.test/\\ud800", "sub": "\\udfff"}'
DEEP = b'{"issuer": ' + b"[" * 400 + b"]" * 400 + b"}"
EXPECTED = OidcExpected("https://idp.test", "portal", {"keys": [{"kty": ["RSA"]}, {"kty": {}, "use": []}]})


def packed(header: Any, claims: bytes) -> str:
    pieces = (json.dumps(header).encode(), claims, b"x")
    return ".".join(base64.urlsafe_b64encode(each).decode().rstrip("=") for each in pieces)


@pytest.mark.parametrize("text", [HALF_A_LETTER, DEEP, b"[" * 100_000, b"1" * 10_000, b'"\xff"', b"", b"{"])
def test_what_cannot_be_shown_is_not_read(text: bytes) -> None:
    with pytest.raises(ValueError, match="JSON"):
        foreign_json.read(text)


def test_what_can_be_shown_is_read() -> None:
    told = {"name": "Jürgen 👍", "groups": [["a"], {"b": None}], "age": 7}
    assert foreign_json.read(json.dumps(told)) == told
    assert foreign_json.read(json.dumps(told, ensure_ascii=False).encode()) == told


@pytest.mark.parametrize(
    "claims",
    [HALF_A_LETTER, DEEP, b'{"azp": [], "aud": ["portal", "b"]}', b'{"iss": {}, "nonce": [], "iat": {}, "sub": []}'],
)
@pytest.mark.parametrize("header", [{"alg": "RS256"}, {"alg": ["RS256"], "kid": {}}, {"alg": "RS256", "kid": []}])
def test_a_token_is_judged_whatever_it_holds(header: Any, claims: bytes) -> None:
    found = judge_token(packed(header, claims), EXPECTED)
    assert isinstance(found, Judgement)
    assert not found.passed
    assert found.document.encode() is not None


def test_an_answer_is_judged_whatever_it_holds() -> None:
    found = judge({"error": {"a": []}, "error_description": ["x"]}, EXPECTED)
    assert not found.passed
    assert [each.code for each in found.findings] == ["provider-failed"]


@pytest.mark.parametrize("document", [HALF_A_LETTER, DEEP])
def test_such_a_document_is_refused_with_a_sentence(listen: Any, document: bytes) -> None:
    _server, url, policy = answering(listen, document)
    for read in (fetching.fetch_discovery, fetching.fetch_keys):
        with pytest.raises(Invalid) as caught:
            read(url, policy)
        assert caught.value.errors["url"]


SENT = Judgement("saml", "", attributes=(Attribute("groups", ("a" * 60, "staff"), "Groups"), Attribute("team", ("x",))))


def mapped(attributes: str, regex: str = "false") -> list[str]:
    config = {"attributes": attributes, "are.attribute.values.regex": regex, "org_role": "view-members"}
    mapper = Mapper("1", "m", "saml-advanced-org-role-idp-mapper", config)
    return trial_report.roles(SENT, Target(IdentityProvider("a", "saml"), (mapper,)))


def test_roles_are_told_where_every_value_of_a_rule_was_sent() -> None:
    assert mapped('[{"key": "groups", "value": "staff"}, {"key": "team", "value": "x"}]') == ["view-members"]
    assert mapped('[{"key": "Groups", "value": "staff"}]') == ["view-members"]
    assert mapped('[{"key": "groups", "value": "staff"}, {"key": "team", "value": "y"}]') == []


@pytest.mark.timeout(5)
@pytest.mark.parametrize("pattern", ["(a+)+b", "(", "staff"])
def test_a_pattern_made_elsewhere_is_not_tried(pattern: str) -> None:
    assert mapped(json.dumps([{"key": "groups", "value": pattern}]), "true") == []


@pytest.mark.parametrize(
    "attributes", ["", "{", "[]", "[1]", '[{"key": "groups"}]', '{"key": []}', '[{"key": [], "value": {}}]']
)
def test_a_rule_that_cannot_be_read_gives_nothing(attributes: str) -> None:
    assert mapped(attributes) == []


def test_what_comes_back_may_be_written_in_any_letters() -> None:
    assert trial_rows.same("abc", "abc")
    assert not trial_rows.same("abc", "äbc")
    assert not trial_rows.same("", "")
