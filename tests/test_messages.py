"""Keycloak's message keys in words: whole sentences for those it sends, a calm one for those nobody knows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from portal.messages import label, text

# Of the validators of the user profile and of the account API, Keycloak 26.5.
SENT = (
    "emailExistsMessage", "error-empty", "error-invalid-blank", "error-invalid-date", "error-invalid-email",
    "error-invalid-length", "error-invalid-length-too-long", "error-invalid-length-too-short",
    "error-invalid-multivalued-size", "error-invalid-number", "error-invalid-uri", "error-invalid-uri-fragment",
    "error-invalid-uri-scheme", "error-invalid-value", "error-non-ascii-local-part-email", "error-number-out-of-range",
    "error-number-out-of-range-too-big", "error-number-out-of-range-too-small", "error-pattern-no-match",
    "error-person-name-invalid-character", "error-user-attribute-read-only", "error-user-attribute-required",
    "error-username-invalid-character", "federatedIdentityBoundOrganization", "federatedIdentityLinkNotActiveMessage",
    "federatedIdentityRemovingLastProviderMessage", "invalidEmailMessage", "missingEmailMessage",
    "missingFirstNameMessage", "missingLastNameMessage", "missingUsernameMessage", "readOnlyUserMessage",
    "readOnlyUsernameMessage", "updateReadOnlyAttributesRejectedMessage", "usernameExistsMessage",
)  # fmt: skip
GENERAL = "This value is not accepted."


@pytest.fixture(autouse=True, params=["en", "de"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    """A request's language; the catalogue is the portal's own."""
    app = Flask("portal")
    Babel(app, default_locale="en")
    with app.app_context(), force_locale(request.param):
        yield request.param


@pytest.mark.parametrize("key", SENT)
def test_every_key_has_a_sentence_with_and_without_parameters(key: str, language: str) -> None:
    for said in (text(key), text(f"{key}|${{profile.attributes.phone}}|3|32")):
        assert said.endswith(".")
        assert not {"%", "{", "|"} & set(said)
    if language == "en" and key != "error-invalid-value":
        assert text(key) != GENERAL


@pytest.mark.parametrize(
    ("encoded", "said"),
    [
        ("error-invalid-length|phone|3|32", "Use between 3 and 32 characters."),
        ("error-invalid-length|phone|0|32", "Use at most 32 characters."),
        ("error-invalid-length-too-short|phone|3", "Use at least 3 characters."),
        ("error-invalid-length-too-long|phone|0|32", "Use at most 32 characters."),
        ("error-number-out-of-range|age|1|9", "Enter a number from 1 to 9."),
        ("error-number-out-of-range-too-big|age|1|9", "Enter a number of at most 9."),
        ("error-number-out-of-range-too-small|age|1|9", "Enter a number of at least 1."),
        ("error-invalid-multivalued-size|tags|1|3", "Give at most 3 values."),
        ("error-invalid-multivalued-size|tags|2|3", "Give between 2 and 3 values."),
        ("error-user-attribute-read-only|${username}", "Username cannot be changed here."),
        ("error-of-tomorrow|a|b", GENERAL),
        ("The realm wrote a sentence of its own.", "The realm wrote a sentence of its own."),
    ],
)
def test_parameters_stand_where_they_belong(encoded: str, said: str, language: str) -> None:
    if language == "en":
        assert text(encoded) == said
    elif encoded != said:
        assert text(encoded) != said, "translated"


@pytest.mark.parametrize(
    ("display_name", "name", "said"),
    [
        ("${username}", "username", "Username"),
        ("${profile.attributes.firstName}", "firstName", "First name"),
        ("${profile.attributes.costCenter}", "", "Cost center"),
        ("${profile.attributes.costCenter}", "cost_center", "Cost center"),
        ("cost_center", "cost_center", "Cost center"),
        ("Cost centre (SAP)", "cost_center", "Cost centre (SAP)"),
        ("", "cost_center", "Cost center"),
    ],
)
def test_labels(display_name: str, name: str, said: str, language: str) -> None:
    if language == "en" or "ost" in said:
        assert label(display_name, name) == said
