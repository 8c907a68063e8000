"""An administrator's access token for one run of a command, fetched with what he lent and stored nowhere."""

from __future__ import annotations

from portal.clients.http import Http, segment
from portal.connect.credential import Credential
from portal.errors import Denied, Invalid, SessionEnded
from portal.settings import Realm


class Lent:
    """A token source (see `portal.clients.account.TokenSource`). Raises `Denied` for a credential that is refused."""

    def __init__(self, realm: Realm, http: Http, credential: Credential) -> None:
        self._url = f"{realm.internal_url}/realms/{segment(credential.realm)}/protocol/openid-connect/token"
        self._http = http
        self._lent = credential
        self._token = credential.token

    def __call__(self, *, renew: bool = False) -> str:
        """The token; one that was handed over as it is cannot be renewed."""
        if renew and self._lent.token:
            raise SessionEnded("the token that was lent is refused")
        if renew or not self._token:
            self._token = self._fetched()
        return self._token

    def _fetched(self) -> str:
        """RFC 6749 4.3 and 4.4: by password, or as a service account."""
        lent = self._lent
        form = {"grant_type": "client_credentials", "client_id": lent.client_id}
        if lent.username:
            form |= {"grant_type": "password", "username": lent.username, "password": lent.password}
        form |= {"client_secret": lent.client_secret} if lent.client_secret else {}
        form |= {"totp": str(lent.totp)} if lent.totp is not None else {}
        try:
            return str(self._http.call("POST", self._url, data=form)["access_token"])
        except (Invalid, SessionEnded) as error:
            raise Denied("Keycloak does not accept this administrator") from error
