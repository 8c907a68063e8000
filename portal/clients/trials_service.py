"""What a test sign-in leaves at Keycloak: what the identity provider said, events, accounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from portal.access_grant import Grant
from portal.clients.admin import needs
from portal.clients.http import Http, result, segment
from portal.clients.orgs_calls import Calls
from portal.clients.service_calls import READ, ServiceCalls
from portal.settings import Realm

MOST = 100


@dataclass(frozen=True)
class TrialEvent:
    """An event of the log. `at` is in milliseconds; `alias` is the identity provider it names, if it names one."""

    at: int
    kind: str
    error: str = ""
    client: str = ""
    user: str = ""
    session: str = ""
    alias: str = ""
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The sign-in it belongs to; the session has the same id. Empty where Keycloak does not say."""
        return self.details.get("code_id", "") or self.session

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> TrialEvent:
        """From Keycloak's EventRepresentation."""
        details = {str(key): str(value) for key, value in (raw.get("details") or {}).items()}
        return cls(
            at=int(raw.get("time") or 0), kind=str(raw.get("type") or ""), error=str(raw.get("error") or ""),
            client=str(raw.get("clientId") or ""), user=str(raw.get("userId") or ""),
            session=str(raw.get("sessionId") or ""), alias=details.get("identity_provider", ""), details=details,
        )  # fmt: skip


@dataclass(frozen=True)
class LinkedAccount:
    """An account that came through an identity provider. `created` is in milliseconds."""

    id: str
    created: int
    username: str = ""
    email: str = ""
    first_name: str = ""
    last_name: str = ""

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> LinkedAccount:
        """From Keycloak's UserRepresentation."""
        return cls(
            str(raw["id"]), int(raw.get("createdTimestamp") or 0), str(raw.get("username") or ""),
            str(raw.get("email") or ""), str(raw.get("firstName") or ""), str(raw.get("lastName") or ""),
        )  # fmt: skip


class ServiceTrials:
    """Reads for test sign-ins in all realms, by `portal-read`. Thread-safe."""

    def __init__(self, realms: Mapping[str, Realm], http: Http) -> None:
        self._realms = realms
        self._http = http
        self._calls = ServiceCalls(realms, http, Calls)

    @needs("view-events")
    def events(self, grant: Grant, kinds: Iterable[str], since: int, client: str = "") -> list[TrialEvent]:
        """Events of these types since a moment (epoch milliseconds), newest first, of one client or of all.

        `GET …/events?type=&client=`. At most a hundred; empty where the realm stores none of them.
        """
        only = {"client": client} if client else {}
        answer = self._get(grant, "/events", params={"type": list(kinds), "max": MOST, **only})
        found = [TrialEvent.parse(raw) for raw in answer or ()]
        return [event for event in found if event.at >= since]

    @needs("view-users")
    def linked(self, grant: Grant, alias: str) -> list[LinkedAccount]:
        """Accounts linked to an identity provider. `GET …/users?idpAlias=`; alone the filter works for lists."""
        query = {"idpAlias": grant.covering(alias), "briefRepresentation": "true", "max": MOST}
        return [LinkedAccount.parse(raw) for raw in self._get(grant, "/users", params=query) or ()]

    @needs("view-users")
    def every_linked(self, grant: Grant, alias: str, pages: int = 100) -> Iterator[LinkedAccount]:
        """All of them, in `pages` calls at most."""
        query = {"idpAlias": grant.covering(alias), "briefRepresentation": "true", "max": MOST}
        for page in range(pages):
            found = self._get(grant, "/users", params={**query, "first": page * MOST}) or ()
            yield from (LinkedAccount.parse(raw) for raw in found)
            if len(found) < MOST:
                return

    @needs("view-users")
    def account(self, grant: Grant, user_id: str) -> LinkedAccount:
        """One account. `GET …/users/{id}`. Raises `NotFound`."""
        return LinkedAccount.parse(self._get(grant, f"/users/{segment(grant.covering(user_id))}"))

    def broker_token(self, realm: Realm, alias: str, token: str) -> requests.Response:
        """What the identity provider sent at this person's sign-in. `GET /realms/{realm}/broker/{alias}/token`.

        A SAML response as XML, or the answer of a token endpoint as JSON.
        """
        url = f"{realm.base}/broker/{segment(alias)}/token"
        return self._http.send("GET", url, token=token, headers={"Accept": "*/*"})

    def _get(self, grant: Grant, path: str, params: Any = None) -> Any:
        url = f"{self._realms[grant.realm].admin_base}{path}"
        token = self._calls(grant, READ).token
        return result(self._http.send("GET", url, token=token(), params=params))


__all__ = ["LinkedAccount", "ServiceTrials", "TrialEvent"]
