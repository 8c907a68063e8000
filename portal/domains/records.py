"""The TXT record that proves a domain, as the organizations extension looks for it."""

from __future__ import annotations

import hashlib

PREFIX = "_org-domain-ownership"


def record_name(domain_ascii: str) -> str:
    """Full name of the record: `_org-domain-ownership.<domain>`."""
    return f"{PREFIX}.{domain_ascii}"


def record_value(domain_ascii: str, organization_id: str) -> str:
    """What the record must hold: the SHA-256 of `<domain> <organization id>` in hexadecimal.

    The same as `record_value` of `GET /realms/<realm>/orgs/<id>/domains/<domain>`; it never changes.
    """
    return hashlib.sha256(f"{domain_ascii} {organization_id}".encode()).hexdigest()
