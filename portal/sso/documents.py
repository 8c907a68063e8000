"""What a document is that is not what was asked for, said so that the person can find the right one."""

from __future__ import annotations

import re

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

_LOOK = 4096
# What strangers sent is searched in one go (`*+` never tries again): no document may keep a worker busy.
_KINDS: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("private-key", re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----")),
    ("request", re.compile(rb"-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----")),
    ("pkcs7", re.compile(rb"-----BEGIN (?:PKCS ?#?7|CMS)[A-Z0-9 ]*-----")),
    ("public-key", re.compile(rb"-----BEGIN [A-Z0-9 ]*PUBLIC KEY-----|^\s*ssh-[a-z0-9]+ ")),
    ("html", re.compile(rb"^\s*(?:<!--.*?-->\s*)*+<(?:!doctype html|html|head|body|script)\b", re.I | re.S)),
    ("html", re.compile(rb"^\s*<\?xml[^>]*\?>\s*<!doctype html\b", re.I)),
    ("xml", re.compile(rb"^\s*(?:<\?xml|<[A-Za-z][\w.-]*(?::[\w.-]+)?[\s>/])")),
    ("json", re.compile(rb"^\s*[\[{]")),
    ("pdf", re.compile(rb"^%PDF")),
    ("zip", re.compile(rb"^PK\x03\x04")),
    ("picture", re.compile(rb"^(?:\x89PNG|\xff\xd8\xff|GIF8)")),
    ("address", re.compile(rb"^\s*https?://\S+\s*$", re.I)),
)
_HEAD = rb"\x30(?:[\x00-\x80]|\x81.|\x82..|\x83...)"
# Told apart by their first values alone: opening a key store of somebody else costs as much time as he likes.
_DER: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("pkcs12", re.compile(_HEAD + rb"\x02\x01\x03", re.S)),
    ("private-key", re.compile(_HEAD + rb"\x02\x01[\x00\x01]", re.S)),
    ("request", re.compile(_HEAD + _HEAD + rb"\x02\x01\x00", re.S)),
    ("public-key", re.compile(_HEAD + _HEAD + rb"\x06", re.S)),
    ("pkcs7", re.compile(_HEAD + rb"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07", re.S)),
)
_CERTIFICATE: dict[str, LazyString] = {
    "empty": lazy_gettext("Paste or choose a certificate."),
    "private-key": lazy_gettext(
        "This contains a private key. It was not kept, but nobody besides your identity provider may ever have it: "
        "replace it there, and give the certificate instead."),
    "request": lazy_gettext(
        "This is a certificate signing request, not a certificate. Your identity provider shows the certificate itself "
        "as signing certificate, mostly as a download."),
    "pkcs7": lazy_gettext(
        "This is a PKCS#7 bundle (.p7b). Export the signing certificate alone, as Base64 or PEM (.cer, .pem)."),
    "pkcs12": lazy_gettext(
        "This is a key store (.pfx, .p12) and may contain a private key. It was not kept. Export the certificate "
        "alone, without its key."),
    "public-key": lazy_gettext("This is a bare public key. The certificate that contains it is needed."),
    "html": lazy_gettext("This is a web page, not a certificate. Was the sign-in page saved instead of the download?"),
    "xml": lazy_gettext(
        "This is an XML document, not a certificate. Metadata is read where the metadata is asked for."),
    "json": lazy_gettext("This is a JSON document, not a certificate."),
    "address": lazy_gettext("This is an address. Open it, and paste the certificate that it leads to."),
}  # fmt: skip
_METADATA: dict[str, LazyString] = {
    "empty": lazy_gettext("The document is empty."),
    "html": lazy_gettext(
        "This is a web page, not metadata. Often it is a sign-in page: the address works only for people who are "
        "signed in. Download the metadata there and upload the file."),
    "xml": lazy_gettext(
        "This is an XML document; the discovery document of OpenID Connect is JSON. Is this connection SAML?"),
    "private-key": lazy_gettext(
        "This contains a private key. It was not kept; replace it, and give the metadata instead."),
    "json": lazy_gettext("This is a JSON document; SAML metadata is XML. Is this connection OpenID Connect?"),
    "certificate": lazy_gettext(
        "This is a certificate, not metadata. It can be entered when the values are typed by hand."),
    "address": lazy_gettext("This is an address, not a document. Enter it where the address is asked for."),
}  # fmt: skip


def kind(content: bytes) -> str:
    """What `content` looks like: `private-key`, `html`, `json`, …; empty text if nothing known."""
    head = content[:_LOOK].removeprefix(b"\xef\xbb\xbf")
    if not content.strip():
        return "empty"
    if content[:1] == b"\x30":
        return _binary(content)
    # A key hides anywhere in a bundle; everything else shows at the beginning.
    if _KINDS[0][1].search(content):
        return "private-key"
    found = next((name for name, pattern in _KINDS if pattern.search(head)), "")
    return found or ("certificate" if b"-----BEGIN CERTIFICATE-----" in head else "")


def _binary(content: bytes) -> str:
    return next((name for name, pattern in _DER if pattern.match(content)), "")


def instead_of_certificate(content: bytes) -> str:
    """A sentence if `content` is surely not a certificate, otherwise nothing."""
    return _said(_CERTIFICATE, kind(content))


def instead_of_metadata(content: bytes, wanted: str) -> str:
    """A sentence if `content` is surely not `wanted` (`xml` or `json`), otherwise nothing."""
    found = kind(content)
    return "" if found == wanted else _said(_METADATA, found)


def _said(sentences: dict[str, LazyString], found: str) -> str:
    if found in {"pdf", "zip", "picture"}:
        return _("This is a file of another kind (%(kind)s).", kind=found.upper())
    return str(sentences.get(found, ""))
