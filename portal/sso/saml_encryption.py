"""Encrypted assertions: whether they are for us. The portal has no key and looks into none."""

from __future__ import annotations

from collections.abc import Iterator

from portal.errors import Invalid
from portal.sso.certificates import Certificate, read_certificates
from portal.sso.faults import Finding
from portal.sso.safe_xml import Element, find, find_all, text


def encryption_findings(root: Element, ours: tuple[Certificate, ...]) -> Iterator[Finding]:
    """What is to be said of an encrypted assertion; `ours` are the certificates given out for it."""
    encrypted = find(root, "saml:EncryptedAssertion")
    if encrypted is None:
        return
    keys = {each.fingerprint: each for each in ours}
    named = _named(encrypted)
    if not keys:
        yield Finding("encrypted-without-key")
    elif named and not any(each.fingerprint in keys for each in named):
        yield Finding("encrypted-other-key", f"{named[0].fingerprint[:16]} ({named[0].subject})")
    else:
        yield Finding("encrypted")


def _named(encrypted: Element) -> list[Certificate]:
    """Certificates that the encrypted keys are said to be for."""
    found: list[Certificate] = []
    for each in find_all(encrypted, ".//ds:X509Certificate")[:3]:
        try:
            found += read_certificates(text(each))
        except Invalid:
            continue
    return found
