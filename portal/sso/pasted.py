"""The addresses of a connection that people paste at their identity provider."""

from __future__ import annotations

import re

from portal.settings import Realm


def broker(realm: Realm, alias: str) -> str:
    """Where Keycloak receives answers of this identity provider: assertion consumer service and redirect address."""
    return f"{realm.issuer}/broker/{alias}/endpoint"


def second_reply(public_url: str, realm: Realm, protocol: str) -> str:
    """Where the portal itself receives the answer of a test that it runs beside Keycloak's."""
    return f"{public_url}/{realm.name}/sso/test/{'acs' if protocol == 'saml' else 'oidc'}"


def values(public_url: str, realm: Realm, alias: str, organization: str) -> dict[str, str]:
    """Everything a guide may offer for copying, by name."""
    endpoint = broker(realm, alias)
    return {
        "acs_url": endpoint,
        "acs_url_regex": _pattern(endpoint),
        "second_acs_url": second_reply(public_url, realm, "saml"),
        "entity_id": realm.issuer,
        "sp_metadata_url": f"{endpoint}/descriptor",
        "redirect_uri": endpoint,
        "second_redirect_uri": second_reply(public_url, realm, "oidc"),
        "logout_url": f"{endpoint}/logout_response",
        "organization_name": organization,
    }


def _pattern(address: str) -> str:
    """A regular expression for exactly this address, as vendors with a validator field want it."""
    return "^" + re.escape(address).replace("/", "\\/") + "$"
