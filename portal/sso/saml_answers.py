"""A SAML answer in whatever shape it was brought: posted, pasted, from a tracer, packed for the Redirect binding."""

from __future__ import annotations

import base64
import binascii
import html
import re
import zlib
from copy import deepcopy
from urllib.parse import unquote_plus

from flask_babel import gettext as _
from lxml import etree

from portal.errors import Invalid
from portal.sso.documents import kind
from portal.sso.judgement import LONGEST, MASK, is_secret
from portal.sso.safe_xml import Element, find_all, named, parse

FIELD = "response"
MOST_BYTES = 256 * 1024
_INPUT = re.compile(r"<input\b[^<>]*+>", re.I)
_NAMED = re.compile(r"\bname=[\"']SAMLResponse[\"']", re.I)
_VALUE = re.compile(r"\bvalue=[\"']([^\"']*)[\"']", re.I)
_PARAMETER = re.compile(r"(?:^|[?&\s])SAMLResponse[=:]\s*([A-Za-z0-9+/=%_\s-]+)")


def decoded(answer: str | bytes) -> Element:
    """The response in `answer`. Raises `Invalid` for the field `response`, with a sentence."""
    content = answer.encode(errors="replace") if isinstance(answer, str) else answer
    if len(content) > 2 * MOST_BYTES:
        raise Invalid({FIELD: _("This is too large for an answer.")})
    root = parse(_xml(content), FIELD)
    if named(root, "samlp:Response"):
        return root
    raise Invalid({FIELD: _instead(root)})


def _instead(root: Element) -> str:
    if named(root, "samlp:AuthnRequest"):
        return _("This is the question (AuthnRequest). The answer that comes back after it is needed.")
    if named(root, "saml:Assertion"):
        return _("This is the assertion alone. The whole answer (Response) around it is needed.")
    if named(root, "md:EntityDescriptor"):
        return _("This is metadata. The answer (SAMLResponse) to a sign-in is needed.")
    return _("This is no answer to a sign-in: it begins with “%(name)s”.", name=str(root.tag).rpartition("}")[2][:60])


def _xml(content: bytes) -> bytes:
    what = kind(content)
    if what == "html" or (what == "xml" and b"SAMLResponse" in content):
        return _unpacked(_from_page(content.decode(errors="replace")))
    if what == "xml":
        return content
    return _unpacked(_from_text(content.decode(errors="replace")))


def _from_page(page: str) -> str:
    """The hidden field of the page that carries the answer on."""
    field = next((each[0] for each in _INPUT.finditer(page) if _NAMED.search(each[0])), "")
    value = _VALUE.search(field)
    if not value:
        raise _none()
    return html.unescape(value[1])


def _from_text(pasted: str) -> str:
    found = _PARAMETER.search(pasted)
    value = found[1] if found else pasted
    return unquote_plus(value.replace("+", "%2B")) if "%" in value else value


def _unpacked(value: str) -> bytes:
    """Base64, and for the Redirect binding DEFLATE inside, never more than `MOST_BYTES`."""
    plain = "".join(value.split()).replace("-", "+").replace("_", "/")
    try:
        packed = base64.b64decode(plain + "=" * (-len(plain.rstrip("=")) % 4 - plain.count("=")), validate=True)
        if packed.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
            return packed
        opened = zlib.decompressobj(-15).decompress(packed, MOST_BYTES)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise _none() from error
    if opened.lstrip()[:1] != b"<":
        raise _none()
    return opened


def _none() -> Invalid:
    return Invalid({FIELD: _("No SAML answer was found in this. Paste the value of SAMLResponse, or the XML.")})


def shown(root: Element) -> str:
    """The answer, indented, so that it can be read but not used again: signatures and secrets are masked."""
    copy = deepcopy(root)
    for name in ("ds:SignatureValue", "ds:X509Certificate", "xenc:CipherValue"):
        for node in find_all(copy, f".//{name}"):
            node.text = f"{MASK} ({len(node.text or '')})"
    for node in find_all(copy, ".//saml:Attribute"):
        if is_secret(f"{node.get('Name', '')} {node.get('FriendlyName', '')}"):
            for value in find_all(node, "saml:AttributeValue"):
                value.text = MASK
    etree.indent(copy)
    return etree.tostring(copy, encoding="unicode")[: 64 * LONGEST]
