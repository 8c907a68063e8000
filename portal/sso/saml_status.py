"""What a provider says when it refuses (saml-core 3.2.2.2)."""

from __future__ import annotations

from collections.abc import Iterator

from portal.sso.faults import Finding
from portal.sso.safe_xml import Element, find, find_all, text

STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
LONGEST = 300
# The inner code tells more than the outer one.
_CODES = {
    "RequestDenied": "access-denied",
    "UnknownPrincipal": "access-denied",
    "AuthnFailed": "sign-in-failed",
    "InvalidNameIDPolicy": "name-id-policy",
    "NoAuthnContext": "context",
    "NoPassive": "passive",
    "UnsupportedBinding": "requester",
    "RequestUnsupported": "requester",
    "Requester": "requester",
    "VersionMismatch": "requester",
    "Responder": "access-denied",
}


def status_findings(root: Element) -> Iterator[Finding]:
    """The refusal in an answer; nothing for success."""
    codes = [each.get("Value", "").removeprefix(STATUS) for each in find_all(root, "samlp:Status//samlp:StatusCode")]
    if not codes or codes[0] == "Success":
        return
    said = text(find(root, "samlp:Status/samlp:StatusMessage"))[:LONGEST]
    code = next((_CODES[each] for each in reversed(codes) if each in _CODES), "provider-failed")
    yield Finding(code, said or " / ".join(codes)[:LONGEST])
