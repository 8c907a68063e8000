"""Documents that are small and would keep a careless reader busy for hours: each is read in a moment."""

from __future__ import annotations

import pytest
from identity_documents import assertion, posted, response

from portal.errors import Invalid
from portal.sso import documents, safe_xml, saml_answers
from portal.sso.certificates import read_certificates
from portal.sso.saml_answers import decoded

# Searched in vain until the end from each of many beginnings, or taken apart in ever new ways.
COMMENTS = "<!---->" * 500 + "x"
OPEN_FIELDS = "<html>" + "<input " * 30_000
NAMED_FIELD = "<html><input " + 'name="SAMLResponse" ' * 10_000
OPEN_CERTIFICATES = "-----BEGIN CERTIFICATE-----\n" * 9_000

pytestmark = pytest.mark.timeout(5)


@pytest.mark.parametrize("document", [COMMENTS, COMMENTS + "<", "<!--" * 1000, " " * 4000 + "<"])
def test_what_a_document_is_shows_at_once(document: str) -> None:
    documents.kind(document.encode())
    with pytest.raises(Invalid):
        safe_xml.parse(document.encode())


@pytest.mark.parametrize("answer", [COMMENTS, OPEN_FIELDS, NAMED_FIELD, "SAMLResponse=" + " " * 100_000])
def test_a_page_without_an_answer_is_told_at_once(answer: str) -> None:
    with pytest.raises(Invalid):
        decoded(answer)


@pytest.mark.parametrize("text", [OPEN_CERTIFICATES, OPEN_CERTIFICATES + "-----END", COMMENTS])
def test_certificates_that_never_end_are_refused_at_once(text: str) -> None:
    with pytest.raises(Invalid):
        read_certificates(text)


@pytest.mark.parametrize(
    "page",
    [
        '<html><form><input name="SAMLResponse" type="hidden" value="%s"></form></html>',
        '<!-- a --><!-- b --><HTML><INPUT TYPE="hidden" VALUE="%s" NAME="SAMLResponse"></HTML>',
        "<html><input name=\"RelayState\" value=\"x\"><input value='%s' name='SAMLResponse'/></html>",
    ],
)
def test_the_hidden_field_is_found_wherever_it_stands(page: str) -> None:
    assert saml_answers.decoded(page % posted(response(assertion()))).tag.endswith("}Response")
