"""Sessions, linked accounts and applications as the account API answers them. Times are aware UTC datetimes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from portal.clients.account_types import at


@dataclass(frozen=True)
class Device:
    """One session of the person. `offline_access`: an application may go on under it when its browser is gone."""

    id: str
    browser: str
    os: str
    os_version: str
    mobile: bool
    ip_address: str
    started: datetime | None
    last_access: datetime | None
    expires: datetime | None
    current: bool
    applications: tuple[str, ...]
    offline_access: bool = False

    @classmethod
    def split(cls, raw: list[dict[str, Any]]) -> list[Device]:
        """From `GET /sessions/devices`, one entry per session, the present one first, then the latest.

        A session in which an application got offline access stands there twice, under one id.
        """
        found: dict[str, Device] = {}
        for each in (cls._of(device, session) for device in raw for session in device.get("sessions") or []):
            found[each.id] = found[each.id]._with(each) if each.id in found else each
        return sorted(
            found.values(), key=lambda d: (not d.current, -(d.last_access.timestamp() if d.last_access else 0))
        )

    def _with(self, twin: Device) -> Device:
        return replace(
            self,
            started=min(filter(None, (self.started, twin.started)), default=None),
            last_access=max(filter(None, (self.last_access, twin.last_access)), default=None),
            expires=max(filter(None, (self.expires, twin.expires)), default=None),
            current=self.current or twin.current,
            applications=tuple(dict.fromkeys((*self.applications, *twin.applications))),
            offline_access=True,
        )

    @classmethod
    def _of(cls, device: dict[str, Any], session: dict[str, Any]) -> Device:
        return cls(
            id=str(session.get("id") or ""),
            browser=_known(session.get("browser")),
            os=_known(device.get("os")),
            os_version=_known(device.get("osVersion")),
            mobile=bool(device.get("mobile")),
            ip_address=str(session.get("ipAddress") or ""),
            started=at(session.get("started")),
            last_access=at(session.get("lastAccess")),
            expires=at(session.get("expires")),
            current=bool(session.get("current")),
            applications=tuple(_client_name(c) for c in session.get("clients") or []),
        )


def _known(value: Any) -> str:
    text = str(value or "")
    return "" if text.lower().startswith(("unknown", "other")) else text


def _client_name(client: dict[str, Any]) -> str:
    name = str(client.get("clientName") or "")
    return str(client.get("clientId") or "") if not name or name.startswith("${") else name


@dataclass(frozen=True)
class LinkedAccount:
    """An identity provider that is, or may be, linked."""

    alias: str
    name: str
    connected: bool
    social: bool
    username: str

    @classmethod
    def parse(cls, raw: dict[str, Any]) -> LinkedAccount:
        """From `GET /linked-accounts`."""
        alias = str(raw.get("providerAlias") or "")
        return cls(
            alias=alias,
            name=str(raw.get("displayName") or raw.get("providerName") or alias),
            connected=bool(raw.get("connected")),
            social=bool(raw.get("social")),
            username=str(raw.get("linkedUsername") or ""),
        )


@dataclass(frozen=True)
class Application:
    """An application the person has used or may use, with what it was granted."""

    client_id: str
    name: str
    description: str
    url: str
    in_use: bool
    offline_access: bool
    consent_required: bool
    scopes: tuple[str, ...]
    granted: datetime | None
    updated: datetime | None

    @classmethod
    def parse(cls, raw: dict[str, Any]) -> Application:
        """From `GET /applications`."""
        consent = raw.get("consent") or {}
        name = str(raw.get("clientName") or "")
        return cls(
            client_id=str(raw.get("clientId") or ""),
            name=name if name and not name.startswith("${") else str(raw.get("clientId") or ""),
            description=str(raw.get("description") or ""),
            url=str(raw.get("effectiveUrl") or ""),
            in_use=bool(raw.get("inUse")),
            offline_access=bool(raw.get("offlineAccess")),
            consent_required=bool(raw.get("userConsentRequired")),
            scopes=tuple(str(s.get("displayText") or s.get("name")) for s in consent.get("grantedScopes") or []),
            granted=at(consent.get("createdDate"), milliseconds=True),
            updated=at(consent.get("lastUpdatedDate"), milliseconds=True),
        )
