"""The kinds of events people may see: names as Keycloak gives them, in the groups that the page filters by."""

from __future__ import annotations

SIGN_INS = (
    "LOGIN", "LOGOUT", "LOGIN_ERROR", "REGISTER", "IMPERSONATE", "IDENTITY_PROVIDER_FIRST_LOGIN",
    "IDENTITY_PROVIDER_POST_LOGIN", "USER_DISABLED_BY_TEMPORARY_LOCKOUT", "USER_DISABLED_BY_PERMANENT_LOCKOUT",
    "USER.LOGOUT", "USER.IMPERSONATION",
)  # fmt: skip
# UPDATE_PASSWORD, UPDATE_TOTP and REMOVE_TOTP are left out: Keycloak writes each beside the event of the credential.
ACCOUNTS = (
    "UPDATE_PROFILE", "UPDATE_EMAIL", "UPDATE_EMAIL_ERROR", "VERIFY_EMAIL", "VERIFY_EMAIL_ERROR", "SEND_VERIFY_EMAIL",
    "RESET_PASSWORD", "RESET_PASSWORD_ERROR", "SEND_RESET_PASSWORD", "UPDATE_CREDENTIAL", "UPDATE_CREDENTIAL_ERROR",
    "REMOVE_CREDENTIAL", "REMOVE_CREDENTIAL_ERROR", "FEDERATED_IDENTITY_LINK", "FEDERATED_IDENTITY_LINK_ERROR",
    "REMOVE_FEDERATED_IDENTITY", "GRANT_CONSENT", "UPDATE_CONSENT", "REVOKE_GRANT", "DELETE_ACCOUNT", "USER.UPDATE",
    "USER.DELETE", "USER.RESET-PASSWORD", "USER.EXECUTE-ACTIONS-EMAIL", "USER.SEND-VERIFY-EMAIL", "USER.CREDENTIALS",
)  # fmt: skip
MEMBERS = ("ORGANIZATION_MEMBERSHIP.CREATE", "ORGANIZATION_MEMBERSHIP.DELETE")
ROLES = (
    "ORGANIZATION_ROLE.CREATE", "ORGANIZATION_ROLE.UPDATE", "ORGANIZATION_ROLE.DELETE",
    "ORGANIZATION_ROLE_MAPPING.CREATE", "ORGANIZATION_ROLE_MAPPING.DELETE",
)  # fmt: skip
INVITATIONS = ("INVITATION.CREATE", "INVITATION.DELETE", "CUSTOM_REQUIRED_ACTION", "EXECUTE_ACTION_TOKEN")
DOMAINS = ("DOMAIN.UPDATE",)
SSO = (
    "IDENTITY_PROVIDER.CREATE", "IDENTITY_PROVIDER.UPDATE", "IDENTITY_PROVIDER.DELETE",
    "IDENTITY_PROVIDER_MAPPER.CREATE", "IDENTITY_PROVIDER_MAPPER.UPDATE", "IDENTITY_PROVIDER_MAPPER.DELETE",
)  # fmt: skip
DETAILS = ("ORGANIZATION.CREATE", "ORGANIZATION.UPDATE", "ORGANIZATION.DELETE", "ORGANIZATION_IMPORT.CREATE")

GROUPS: dict[str, tuple[str, ...]] = {
    "sign-ins": SIGN_INS, "accounts": ACCOUNTS, "members": MEMBERS, "roles": ROLES, "invitations": INVITATIONS,
    "domains": DOMAINS, "sso": SSO, "organization": DETAILS,
}  # fmt: skip
KNOWN = frozenset(kind for kinds in GROUPS.values() for kind in kinds)
# What people did themselves, by the types of Keycloak's event log; the others come from the log of changes.
LOGGED = tuple(sorted(kind for kind in KNOWN if "." not in kind))
# The portal's own records, by the beginning of their tag.
TAGS: dict[str, tuple[str, ...]] = {
    "members": ("members.", "organization.leave"),
    "roles": ("roles.",),
    "invitations": ("invitations.",),
    "domains": ("domains.",),
    "sso": ("sso.", "connections."),
    "organization": ("organization.", "organizations.", "events."),
    "accounts": ("accounts.", "account."),
}


def group_of(kind: str) -> str:
    """The group of an event's kind or of a record's tag; empty for what is in none."""
    by_kind = next((group for group, kinds in GROUPS.items() if kind in kinds), "")
    return by_kind or next((group for group, tags in TAGS.items() if kind.startswith(tags)), "")
