"""Accounts as `portal-accounts` may make and change them: each call with a grant that names whom it is about.

Source of every endpoint: Keycloak's admin API, `/admin/realms/{realm}/users` and `…/sessions`. manage-users is worth
as much as a realm administrator, so nothing here changes a password, a role or another attribute than the names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from portal.access_grant import Grant
from portal.clients.account import with_renewal
from portal.clients.admin import needs
from portal.clients.http import Http, result, segment
from portal.clients.service_token import ServiceToken, claims
from portal.errors import Denied, NotFound, SessionEnded, Upstream
from portal.settings import Realm

ACCOUNTS = "accounts"
DAY = 86400


class ServiceAccounts:
    """Accounts of all realms that have `portal-accounts`. Thread-safe.

    Every call raises `Denied` for what the grant does not name, `NotFound`, `Invalid`, `Conflict` or `Upstream`.
    """

    def __init__(self, realms: Mapping[str, Realm], http: Http) -> None:
        self._realms = realms
        self._http = http
        self._tokens: dict[str, ServiceToken] = {}

    def configured(self, realm: str) -> bool:
        """Whether accounts can be made in this realm."""
        return bool(realm in self._realms and self._realms[realm].accounts_client_secret)

    def account(self, grant: Grant) -> str:
        """The id of the account behind the service client, by which Keycloak's log names it."""
        return str(claims(self._token(grant)())["sub"])

    @needs("manage-users", client=ACCOUNTS)
    def create(self, grant: Grant, email: str, first_name: str, last_name: str, locale: str = "") -> str:
        """A new account, called by its address, which somebody has proved to be his; returns the id. `POST /users`.

        It has no password. Raises `Conflict` when the address or the username is taken, `Invalid` for what the
        realm's user profile refuses.
        """
        body = {
            "username": grant.covering(email), "email": email, "emailVerified": True, "enabled": True,
            "firstName": first_name, "lastName": last_name,
            **({"attributes": {"locale": [locale]}} if locale else {}),
        }  # fmt: skip
        answer = self._send(grant, "POST", "/users", json=body)
        result(answer)
        made = str(answer.headers.get("Location") or "").rstrip("/").rpartition("/")[2]
        if not made:
            raise Upstream("no Location in the answer", unknown=True)
        return made

    @needs("manage-users", client=ACCOUNTS)
    def named(self, grant: Grant, user_id: str, first_name: str, last_name: str) -> None:
        """Write names where the account has none; a person's own names are his. `GET` and `PUT /users/{id}`."""
        path = f"/users/{_id(grant.covering(user_id))}"
        present = self._call(grant, "GET", path)
        missing = {
            key: value
            for key, value in {"firstName": first_name, "lastName": last_name}.items()
            if value and not present.get(key)
        }
        if missing:
            self._call(grant, "PUT", path, json={**present, **missing})

    @needs("manage-users", client=ACCOUNTS)
    def send_actions(
        self, grant: Grant, user_id: str, actions: Iterable[str], client_id: str, redirect_uri: str = ""
    ) -> None:
        """Keycloak's own mail with a link that starts required actions; it lasts a day.

        `PUT /users/{id}/execute-actions-email`. At the end it leads to `redirect_uri`, which must be one of the
        client's, or to the client's home page. Raises `Upstream` when the mail could not be sent.
        """
        query: dict[str, str | int] = {"client_id": client_id, "lifespan": DAY}
        if redirect_uri:
            query["redirect_uri"] = redirect_uri
        path = f"/users/{_id(grant.covering(user_id))}/execute-actions-email"
        self._call(grant, "PUT", path, params=query, json=list(actions))

    @needs("manage-users", client=ACCOUNTS)
    def delete(self, grant: Grant, user_id: str) -> None:
        """Delete an account; one that is gone is fine. `DELETE /users/{id}`."""
        self._remove(grant, f"/users/{_id(grant.covering(user_id))}")

    @needs("manage-users", client=ACCOUNTS)
    def unlink(self, grant: Grant, user_id: str, alias: str) -> None:
        """Take an identity provider's link from an account. `DELETE /users/{id}/federated-identity/{alias}`."""
        path = f"/users/{_id(grant.covering(user_id))}/federated-identity/{segment(grant.covering(alias))}"
        self._remove(grant, path)

    @needs("manage-users", client=ACCOUNTS)
    def end_session(self, grant: Grant, session_id: str) -> None:
        """End one session of somebody; one that has ended is fine. `DELETE /sessions/{id}`."""
        self._remove(grant, f"/sessions/{segment(grant.covering(session_id))}")

    def _remove(self, grant: Grant, path: str) -> None:
        try:
            self._call(grant, "DELETE", path)
        except NotFound:
            return

    def _call(self, grant: Grant, method: str, path: str, **kwargs: Any) -> Any:
        return result(self._send(grant, method, path, **kwargs))

    def _send(self, grant: Grant, method: str, path: str, **kwargs: Any) -> Any:
        realm, token = self._realm(grant), self._token(grant)

        def send(bearer: str) -> Any:
            answer = self._http.send(method, f"{realm.admin_base}{path}", token=bearer, **kwargs)
            if answer.status_code in {401, 403}:
                result(answer)
            return answer

        try:
            return with_renewal(token, send)
        except (SessionEnded, Denied) as error:
            # A matter of the set-up, not of the person for whom it is done.
            raise Upstream(f"service client {realm.accounts_client_id} lacks a right", retryable=False) from error

    def _realm(self, grant: Grant) -> Realm:
        try:
            return self._realms[grant.realm]
        except KeyError as error:
            raise NotFound(grant.realm) from error

    def _token(self, grant: Grant) -> ServiceToken:
        realm = self._realm(grant)
        if not realm.accounts_client_secret:
            raise Upstream(f"service client {realm.accounts_client_id} is not configured", retryable=False)
        source = ServiceToken(realm.base, realm.accounts_client_id, realm.accounts_client_secret, self._http)
        return self._tokens.setdefault(realm.name, source)


def _id(value: str) -> str:
    """An id as Keycloak writes it; anything else is unknown and never reaches a path."""
    try:
        parsed = str(UUID(value))
    except ValueError:
        parsed = ""
    if parsed != value:
        raise NotFound("not an id")
    return value


__all__ = ["ACCOUNTS", "ServiceAccounts"]
