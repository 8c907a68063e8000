"""Signatures of SAML answers: by trusted certificates alone, and only what was signed is read (XML-DSig 1.1)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from cryptography.exceptions import UnsupportedAlgorithm
from lxml import etree
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from portal.errors import Invalid
from portal.sso.certificates import Certificate, read_certificates
from portal.sso.safe_xml import Element, find, find_all, text

# The library logs the whole document when debugging is on.
logging.getLogger("signxml").setLevel(logging.WARNING)

TRUSTED, OTHER, WRONG, WEAK, MISSING, WRAPPED = "trusted", "other", "wrong", "weak", "missing", "wrapped"
MOST_EMBEDDED = 3
_BROKEN = (
    SignXMLException, etree.LxmlError, UnsupportedAlgorithm, ValueError, TypeError, AttributeError, KeyError,
)  # fmt: skip
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


@dataclass(frozen=True)
class Signed:
    """What became of one signature. `node` is what was signed, None unless `outcome` is `trusted`.

    `certificate` made it: a trusted one, or (`other`) one that the document itself brought along.
    """

    outcome: str
    node: Element | None = None
    certificate: Certificate | None = None
    algorithm: str = ""


def judge_signature(node: Element, trusted: tuple[Certificate, ...]) -> Signed:
    """Look at the signature that stands directly in `node` (a response or an assertion)."""
    signature = find(node, "ds:Signature")
    if signature is None:
        return Signed(MISSING)
    if weak := _weak(signature):
        return Signed(WEAK, algorithm=weak)
    for certificate in trusted:
        if (signed := _verified(node, certificate)) is not None:
            # What was signed must be the very element that is read, not another one with a good signature.
            same = signed.tag == node.tag and signed.get("ID") == node.get("ID") and bool(node.get("ID"))
            return Signed(TRUSTED, signed, certificate) if same else Signed(WRAPPED)
    for certificate in _embedded(signature):
        if _verified(node, certificate) is not None:
            return Signed(OTHER, certificate=certificate)
    return Signed(WRONG)


def _verified(node: Element, certificate: Certificate) -> Element | None:
    """What `certificate` signed. Its dates are judged elsewhere: an expired one is another fault than a wrong one."""
    config = SignatureConfiguration(
        location="./", verification_time=certificate.not_before + timedelta(seconds=1), ignore_ambiguous_key_info=True
    )
    content = etree.tostring(node, with_tail=False)
    try:
        result = XMLVerifier().verify(
            content, x509_cert=certificate.pem, id_attribute="ID", parser=_PARSER, expect_config=config
        )
    except _BROKEN:
        return None
    return None if isinstance(result, list) else result.signed_xml


def _embedded(signature: Element) -> list[Certificate]:
    found: list[Certificate] = []
    for each in find_all(signature, "ds:KeyInfo//ds:X509Certificate")[:MOST_EMBEDDED]:
        try:
            found += read_certificates(text(each))
        except Invalid:
            continue
    return found


def _weak(signature: Element) -> str:
    """The algorithm, if it is one that can be forged."""
    for path in ("ds:SignedInfo/ds:SignatureMethod", "ds:SignedInfo/ds:Reference/ds:DigestMethod"):
        node = find(signature, path)
        name = node.get("Algorithm", "") if node is not None else ""
        if "sha1" in name.lower() or "md5" in name.lower():
            return name.rpartition("#")[2]
    return ""
