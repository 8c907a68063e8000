"""The words that guides are written with. What a guide may say beside these, `docs/guides.md` tells."""

from __future__ import annotations

PROTOCOLS = ("saml", "oidc")
KINDS = ("vendor page", "real server")

# Ways of handing over what the identity provider says of itself.
WAYS = {"saml": ("url", "file", "text", "manual"), "oidc": ("url", "file", "manual")}

# Fields of a person in Keycloak; `username` and `groups` may be left out.
ATTRIBUTES = ("email", "firstName", "lastName", "username", "groups")
NEEDED_ATTRIBUTES = ("email", "firstName", "lastName")

# Values of the connection, to be pasted at the vendor.
VALUES = {
    "saml": (
        "acs_url", "second_acs_url", "entity_id", "sp_metadata_url", "logout_url", "acs_url_regex", "organization_name",
    ),
    "oidc": ("redirect_uri", "second_redirect_uri", "logout_url", "organization_name"),
}  # fmt: skip
NEEDED_VALUES = {"saml": ("acs_url", "entity_id"), "oidc": ("redirect_uri",)}
SECOND_VALUE = {"saml": "second_acs_url", "oidc": "second_redirect_uri"}

# Groups of fields that the person fills in here.
GROUPS = {"saml": ("metadata", "attributes", "manual"), "oidc": ("metadata", "client", "attributes", "manual")}
NEEDED_GROUPS = {"saml": ("metadata",), "oidc": ("metadata", "client")}

NOTES = ("note", "warning")

# What a test sign-in can find wrong and the vendor can mend, in the words of the report on it.
FAULTS = {
    "saml": (
        "wrong_audience", "wrong_recipient", "wrong_issuer", "expired_certificate", "wrong_certificate", "unsigned",
        "encrypted", "clock", "missing_email", "missing_name", "unassigned", "foreign_domain", "insecure_address",
    ),
    "oidc": (
        "wrong_redirect", "wrong_client", "wrong_secret", "wrong_issuer", "wrong_certificate", "clock",
        "missing_email", "missing_name", "unassigned", "foreign_domain", "insecure_address",
    ),
}  # fmt: skip
