"""Changes to the realm itself: events, required actions, and what touches existing sign-ins."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from portal.connect.changes import MERGE, Call, Change, Level, kcadm_line
from portal.connect.found import Found

NINETY_DAYS = 90 * 24 * 3600
# What recent activity, security notices and the events of organizations are made of.
EVENT_TYPES = frozenset(
    {
        "CODE_TO_TOKEN_ERROR",
        "CUSTOM_REQUIRED_ACTION",
        "DELETE_ACCOUNT",
        "EXECUTE_ACTION_TOKEN",
        "FEDERATED_IDENTITY_LINK",
        "FEDERATED_IDENTITY_LINK_ERROR",
        "GRANT_CONSENT",
        "IDENTITY_PROVIDER_FIRST_LOGIN",
        "IDENTITY_PROVIDER_FIRST_LOGIN_ERROR",
        "IDENTITY_PROVIDER_LOGIN_ERROR",
        "IDENTITY_PROVIDER_POST_LOGIN",
        "IDENTITY_PROVIDER_POST_LOGIN_ERROR",
        "IDENTITY_PROVIDER_RESPONSE_ERROR",
        "IMPERSONATE",
        "LOGIN",
        "LOGIN_ERROR",
        "LOGOUT",
        "REGISTER",
        "REMOVE_CREDENTIAL",
        "REMOVE_CREDENTIAL_ERROR",
        "REMOVE_FEDERATED_IDENTITY",
        "RESET_PASSWORD",
        "RESET_PASSWORD_ERROR",
        "REVOKE_GRANT",
        "SEND_RESET_PASSWORD",
        "SEND_VERIFY_EMAIL",
        "UPDATE_CONSENT",
        "UPDATE_CREDENTIAL",
        "UPDATE_CREDENTIAL_ERROR",
        "UPDATE_EMAIL",
        "UPDATE_EMAIL_ERROR",
        "UPDATE_PROFILE",
        "UPDATE_PROFILE_ERROR",
        "USER_DISABLED_BY_PERMANENT_LOCKOUT",
        "USER_DISABLED_BY_TEMPORARY_LOCKOUT",
        "VERIFY_EMAIL",
        "VERIFY_EMAIL_ERROR",
    }
)
NEEDED_ACTIONS = {
    "delete_credential": _("people remove a second factor from the portal"),
    "idp_link": _("people link an identity provider from the portal"),
}
RECOMMENDED_ACTIONS = {
    "UPDATE_EMAIL": _("a new e-mail address is confirmed by a mail; it can no longer be edited without one"),
    "delete_account": _("people who hold account role delete-account may delete their account"),
    "CONFIGURE_RECOVERY_AUTHN_CODES": _("people may keep recovery codes"),
}
POLICY = "webAuthnPolicyPasswordless"
PASSKEYS = f"{POLICY}PasskeysEnabled"


def plan(found: Found) -> list[Change]:
    """All changes to the realm's own settings."""
    return [*_events(found), *_actions(found), *_rotation(found), *_passkeys(found)]


def _events(found: Found) -> list[Change]:
    now = found.events
    needed: dict[str, Any] = {} if now.get("eventsEnabled") else {"eventsEnabled": True}
    types = set(now.get("enabledEventTypes") or [])
    if types and not types >= EVENT_TYPES:
        needed["enabledEventTypes"] = sorted(types | EVENT_TYPES)
    advised: dict[str, Any] = {} if now.get("eventsExpiration") else {"eventsExpiration": NINETY_DAYS}
    advised |= {key: True for key in ("adminEventsEnabled", "adminEventsDetailsEnabled") if not now.get(key)}
    return [
        change
        for change in (
            _event_change(found, Level.NEEDED, "Store sign-in events, for recent activity", needed),
            _event_change(found, Level.RECOMMENDED, "Store admin events with details; keep events 90 days", advised),
        )
        if change
    ]


def _event_change(found: Found, level: Level, title: str, put: dict[str, Any]) -> Change | None:
    if not put:
        return None
    was = {key: found.events.get(key) for key in put}
    if "enabledEventTypes" in put:
        # The realm stores no list while it keeps Keycloak's own choice; the settings spell that choice out.
        was["enabledEventTypes"] = sorted(found.realm.get("enabledEventTypes") or [])
    return Change("events", level, title, (Call(MERGE, "events/config", put),), was=was, put=put)


def _actions(found: Found) -> list[Change]:
    changes = []
    for level, actions in ((Level.NEEDED, NEEDED_ACTIONS), (Level.RECOMMENDED, RECOMMENDED_ACTIONS)):
        changes += [change for alias, why in actions.items() if (change := _action(found, alias, level, str(why)))]
    return changes


def _action(found: Found, alias: str, level: Level, why: str) -> Change | None:
    path = f"authentication/required-actions/{alias}"
    enable = Call(MERGE, path, {"enabled": True})
    key, title = f"required-action/{alias}", f"Enable required action {alias}: {why}"
    present = found.required_actions.get(alias)
    if present is None and alias in found.unregistered_actions:
        body = {"providerId": alias, "name": found.unregistered_actions[alias]}
        register = Call("POST", "authentication/register-required-action", body)
        return Change(key, level, title, (register, enable), made=True)
    if present is None or present.get("enabled"):
        return None
    return Change(key, level, title, (enable,), was={"enabled": False}, put={"enabled": True})


def _rotation(found: Found) -> list[Change]:
    if found.realm.get("revokeRefreshToken"):
        return []
    put = {"revokeRefreshToken": True, "refreshTokenMaxReuse": 0}
    clients = [c["clientId"] for c in found.clients if _refreshes(c)]
    title = "Let every refresh token be used once (an application that refreshes twice at a time is signed out)"
    return [_realm_change(found, title, put, [f"client {name}" for name in sorted(clients)])]


def _passkeys(found: Found) -> list[Change]:
    if found.realm.get(PASSKEYS) or "PASSKEYS" not in found.features:
        return []
    title = "Offer passkeys on the realm's sign-in page: without it a passkey signs in only where the flow asks for one"
    return [_realm_change(found, title, {PASSKEYS: True}, ["everybody who signs in to this realm"])]


def _realm_change(found: Found, title: str, put: dict[str, Any], affects: list[str]) -> Change:
    # A switch never touched is absent, and means off.
    was = {key: found.realm.get(key) or type(value)() for key, value in put.items()}
    call = realm_call(found, put)
    return Change("realm", Level.SIGN_INS, title, (call,), was=was, put=put, affects=tuple(affects))


def realm_call(found: Found, put: dict[str, Any]) -> Call:
    """The call that sets fields of the realm. The passkey switch counts only beside the policy it belongs to."""
    plain = Call(MERGE, "", put)
    policy = {key: value for key, value in found.realm.items() if key.startswith(POLICY) and key != PASSKEYS}
    if PASSKEYS not in put:
        return plain
    return Call(MERGE, "", {**policy, **put}, kcadm=kcadm_line(plain, found.console.realm).removeprefix("kcadm.sh "))


def _refreshes(client: dict[str, Any]) -> bool:
    return bool(client.get("enabled") and client.get("standardFlowEnabled") and not client.get("bearerOnly"))
