"""Keycloak's event types and the portal's audit tags in plain words. Unknown ones are not shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

SIGN_INS = ("LOGIN", "LOGOUT", "IMPERSONATE", "REGISTER", "IDENTITY_PROVIDER_FIRST_LOGIN")
# UPDATE_PASSWORD, UPDATE_TOTP and REMOVE_TOTP are left out: Keycloak 26 writes each of them beside the event of the
# credential, as a second record of the same deed.
CHANGES = (
    "UPDATE_PROFILE", "UPDATE_EMAIL", "RESET_PASSWORD",
    "UPDATE_CREDENTIAL", "REMOVE_CREDENTIAL", "VERIFY_EMAIL", "SEND_VERIFY_EMAIL", "SEND_RESET_PASSWORD",
    "FEDERATED_IDENTITY_LINK", "REMOVE_FEDERATED_IDENTITY", "GRANT_CONSENT", "UPDATE_CONSENT", "REVOKE_GRANT",
)  # fmt: skip
FAILURES = (
    "LOGIN_ERROR", "USER_DISABLED_BY_TEMPORARY_LOCKOUT", "USER_DISABLED_BY_PERMANENT_LOCKOUT", "RESET_PASSWORD_ERROR",
    "UPDATE_CREDENTIAL_ERROR", "REMOVE_CREDENTIAL_ERROR", "FEDERATED_IDENTITY_LINK_ERROR", "UPDATE_EMAIL_ERROR",
    "VERIFY_EMAIL_ERROR",
)  # fmt: skip
TYPES = {"all": (*SIGN_INS, *CHANGES, *FAILURES), "sign-ins": SIGN_INS, "changes": CHANGES, "failures": FAILURES}
# What Keycloak itself writes no event about.
OWN_TAGS = ("devices.end", "security.rename", "data.download", "account.delete")


def of_event(kind: str, details: Mapping[str, str]) -> str:
    """What an event of Keycloak says."""
    if kind in {"UPDATE_CREDENTIAL", "UPDATE_CREDENTIAL_ERROR", "REMOVE_CREDENTIAL"}:
        return _of_credential(kind, details)
    texts = {
        "LOGIN": _("Signed in"),
        "LOGOUT": _("Signed out"),
        "IMPERSONATE": _("An administrator signed in as you"),
        "REGISTER": _("Account created"),
        "IDENTITY_PROVIDER_FIRST_LOGIN": _("First sign-in through another provider"),
        "UPDATE_PROFILE": _("Profile changed"),
        "UPDATE_EMAIL": _("Email address changed"),
        "RESET_PASSWORD": _("Password set anew after it was forgotten"),
        "VERIFY_EMAIL": _("Email address verified"),
        "SEND_VERIFY_EMAIL": _("Mail sent to verify the address"),
        "SEND_RESET_PASSWORD": _("Mail sent to set a new password"),
        "FEDERATED_IDENTITY_LINK": _("Account linked"),
        "REMOVE_FEDERATED_IDENTITY": _("Account unlinked"),
        "GRANT_CONSENT": _("Access granted to an application"),
        "UPDATE_CONSENT": _("Access of an application changed"),
        "REVOKE_GRANT": _("Access taken away from an application"),
        "LOGIN_ERROR": _("Sign-in failed"),
        "USER_DISABLED_BY_TEMPORARY_LOCKOUT": _("Account locked for a while after too many failed sign-ins"),
        "USER_DISABLED_BY_PERMANENT_LOCKOUT": _("Account locked after too many failed sign-ins"),
        "RESET_PASSWORD_ERROR": _("Setting a new password failed"),
        "REMOVE_CREDENTIAL_ERROR": _("Removing a sign-in method failed"),
        "FEDERATED_IDENTITY_LINK_ERROR": _("Linking an account failed"),
        "UPDATE_EMAIL_ERROR": _("Changing the email address failed"),
        "VERIFY_EMAIL_ERROR": _("Verifying the email address failed"),
    }
    return texts.get(kind, "")


def _of_credential(kind: str, details: Mapping[str, str]) -> str:
    type_ = details.get("credential_type", "")
    if kind == "UPDATE_CREDENTIAL_ERROR":
        failed = {"password": _("Changing the password failed"), "otp": _("Adding an authenticator app failed")}
        return failed.get(type_, _("Adding a sign-in method failed"))
    if (kind, type_) == ("UPDATE_CREDENTIAL", "password"):
        return _("Password changed")
    names = {
        "password": _("password"),
        "otp": _("authenticator app"),
        "webauthn": _("security key"),
        "webauthn-passwordless": _("passkey"),
        "recovery-authn-codes": _("recovery codes"),
    }
    name = names.get(type_, _("sign-in method"))
    label = details.get("credential_user_label") or details.get("selected_credential_label") or ""
    what = f"{name} “{label}”" if label else name
    return _("Added: %(what)s", what=what) if kind == "UPDATE_CREDENTIAL" else _("Removed: %(what)s", what=what)


def why(error: str) -> str:
    """Why something failed, as far as it helps the person."""
    texts = {
        "invalid_user_credentials": _("wrong password or code"),
        "user_disabled": _("account switched off"),
        "user_temporarily_disabled": _("too many attempts, locked for a while"),
        "expired_code": _("took too long"),
        "rejected_by_user": _("turned back"),
        "access_denied": _("turned back"),
    }
    return texts.get(error, "")


def of_audit(tag: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What an audit row of the portal says."""
    if tag == "devices.end":
        return _("Other devices signed out") if "count" in before else _("A device signed out")
    if tag == "security.rename":
        return _("Sign-in method renamed: %(name)s", name=after.get("name", ""))
    return _("Your data downloaded") if tag == "data.download" else _("Deletion of the account asked for")
