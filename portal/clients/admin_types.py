"""What the service accounts bring back: typed, cut to the fields the portal uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

# Nothing else of an event's details is read: the rest may hold codes, tokens or other people's names.
EVENT_DETAILS = frozenset(
    {
        "auth_method",
        "auth_type",
        "credential_type",
        "credential_user_label",
        "custom_required_action",
        "identity_provider",
        "previous_email",
        "reason",
        "remember_me",
        "revoked_client",
        "selected_credential_label",
        "updated_email",
        "updated_first_name",
        "updated_last_name",
    }
)


@dataclass(frozen=True)
class RealmFacts:
    """A realm's settings as the service account sees them (GET /admin/realms/{realm}, view-realm)."""

    name: str
    display_name: str = ""
    enabled: bool = True
    attributes: Mapping[str, str] = field(default_factory=dict)
    internationalization: bool = False
    supported_locales: tuple[str, ...] = ()
    default_locale: str = ""
    edit_username_allowed: bool = False
    registration_email_as_username: bool = False
    registration_allowed: bool = False
    reset_password_allowed: bool = False
    verify_email: bool = False
    events_enabled: bool = False
    events_expiration: int = 0
    admin_events_enabled: bool = False
    event_types: tuple[str, ...] = ()
    event_listeners: tuple[str, ...] = ()
    login_theme: str = ""
    browser_flow: str = ""
    smtp_configured: bool = False
    revoke_refresh_token: bool = False
    access_token_lifespan: int = 0
    required_actions: Mapping[str, bool] = field(default_factory=dict)

    @classmethod
    def parse(cls, realm: Mapping[str, Any], actions: list[dict[str, Any]]) -> RealmFacts:
        """From Keycloak's RealmRepresentation and its list of required actions."""
        return cls(
            name=str(realm["realm"]),
            display_name=str(realm.get("displayName") or ""),
            enabled=bool(realm.get("enabled")),
            attributes={str(k): str(v) for k, v in (realm.get("attributes") or {}).items()},
            internationalization=bool(realm.get("internationalizationEnabled")),
            supported_locales=tuple(sorted(realm.get("supportedLocales") or ())),
            default_locale=str(realm.get("defaultLocale") or ""),
            edit_username_allowed=bool(realm.get("editUsernameAllowed")),
            registration_email_as_username=bool(realm.get("registrationEmailAsUsername")),
            registration_allowed=bool(realm.get("registrationAllowed")),
            reset_password_allowed=bool(realm.get("resetPasswordAllowed")),
            verify_email=bool(realm.get("verifyEmail")),
            events_enabled=bool(realm.get("eventsEnabled")),
            events_expiration=int(realm.get("eventsExpiration") or 0),
            admin_events_enabled=bool(realm.get("adminEventsEnabled")),
            event_types=tuple(sorted(realm.get("enabledEventTypes") or ())),
            event_listeners=tuple(sorted(realm.get("eventsListeners") or ())),
            login_theme=str(realm.get("loginTheme") or ""),
            browser_flow=str(realm.get("browserFlow") or ""),
            smtp_configured=bool((realm.get("smtpServer") or {}).get("host")),
            revoke_refresh_token=bool(realm.get("revokeRefreshToken")),
            access_token_lifespan=int(realm.get("accessTokenLifespan") or 0),
            required_actions={str(a["alias"]): bool(a.get("enabled")) for a in actions},
        )


@dataclass(frozen=True)
class UserEvent:
    """One stored event of a person. `time` is aware UTC; `details` holds allowed keys only."""

    id: str
    time: datetime
    type: str
    client_id: str
    ip_address: str
    session_id: str
    error: str
    details: Mapping[str, str]

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> UserEvent:
        """From Keycloak's EventRepresentation (`time` is in milliseconds)."""
        details = raw.get("details") or {}
        return cls(
            id=str(raw.get("id") or ""),
            time=datetime.fromtimestamp(int(raw["time"]) / 1000, UTC),
            type=str(raw["type"]),
            client_id=str(raw.get("clientId") or ""),
            ip_address=str(raw.get("ipAddress") or ""),
            session_id=str(raw.get("sessionId") or ""),
            error=str(raw.get("error") or ""),
            details={key: str(details[key]) for key in sorted(EVENT_DETAILS & details.keys())},
        )
