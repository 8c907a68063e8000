"""The OpenID provider of one realm: metadata, keys, token endpoint, verification of tokens.

Sources: OpenID Connect Core 1.0, Discovery 1.0, Back-Channel Logout 1.0, RFC 7636, RFC 7662, RFC 9207.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from portal.clients.http import Http
from portal.errors import Denied, Invalid, PortalError, SessionEnded, Upstream
from portal.settings import Realm

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
CONSTANTS_TTL, KEYS_EVERY, LEEWAY = 600.0, 60.0, 30
ALIVE = 5.0
SCOPE = "openid profile email"
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


class SignInRefused(PortalError):
    """The answer of the identity provider cannot be trusted. The reason is logged, never shown."""


@dataclass(frozen=True)
class Tokens:
    """One answer of the token endpoint. `expires` is an epoch second."""

    access: str
    refresh: str
    id: str
    expires: float

    @classmethod
    def parse(cls, raw: dict[str, Any]) -> Tokens:
        """From the JSON of the token endpoint."""
        expires = time.time() + float(raw.get("expires_in") or 60)
        return cls(
            str(raw["access_token"]), str(raw.get("refresh_token") or ""), str(raw.get("id_token") or ""), expires
        )


class Provider:
    """Knows one realm. Thread-safe; metadata and keys are kept for ten minutes."""

    def __init__(self, realm: Realm, http: Http) -> None:
        self.realm = realm
        self._http = http
        self._lock = threading.Lock()
        self._metadata: dict[str, Any] = {}
        self._metadata_at = 0.0
        self._keys: KeySet | None = None
        self._keys_at = 0.0

    def metadata(self, max_age: float = CONSTANTS_TTL) -> dict[str, Any]:
        """The discovery document. `SignInRefused` when its issuer or one of its endpoints is not the configured one."""
        with self._lock:
            if time.monotonic() - self._metadata_at < max_age and self._metadata:
                return self._metadata
        document = self._http.call("GET", f"{self.realm.base}/.well-known/openid-configuration")
        self._check_metadata(document)
        with self._lock:
            self._metadata, self._metadata_at = document, time.monotonic()
        return dict(document)

    def _check_metadata(self, document: dict[str, Any]) -> None:
        if document.get("issuer") != self.realm.issuer:
            raise SignInRefused(f"issuer is {document.get('issuer')!r}, configured is {self.realm.issuer!r}")
        hosts = {urlsplit(self.realm.keycloak_url).netloc, urlsplit(self.realm.internal_url).netloc}
        for key in (
            "authorization_endpoint",
            "token_endpoint",
            "jwks_uri",
            "introspection_endpoint",
            "end_session_endpoint",
        ):
            if urlsplit(str(document.get(key) or "")).netloc not in hosts:
                raise SignInRefused(f"{key} {document.get(key)!r} is on neither configured host")

    def authorization_url(self, *, state: str, nonce: str, verifier: str, redirect_uri: str, **extra: str) -> str:
        """Where the browser goes to sign in; always on the public address.

        Raises `Upstream` when Keycloak does not answer now: better a page of ours than the browser's own.
        """
        public, internal = self.realm.keycloak_url, self.realm.internal_url
        endpoint = str(self.metadata(ALIVE)["authorization_endpoint"]).replace(internal, public, 1)
        url: str = prepare_grant_uri(
            endpoint, self.realm.client_id, "code", redirect_uri=redirect_uri, scope=SCOPE, state=state, nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier), code_challenge_method="S256", **extra,
        )  # fmt: skip
        return url

    def exchange(self, code: str, verifier: str, redirect_uri: str) -> Tokens:
        """Trade the code for tokens. `SignInRefused` when Keycloak refuses it."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": redirect_uri,
        }
        return Tokens.parse(self._token(form))

    def refresh(self, refresh_token: str) -> Tokens:
        """New tokens. `SessionEnded` on `invalid_grant`, `Upstream` when no answer came."""
        try:
            return Tokens.parse(self._token({"grant_type": "refresh_token", "refresh_token": refresh_token}))
        except SignInRefused as error:
            raise SessionEnded(str(error)) from error

    def _token(self, form: dict[str, str]) -> dict[str, Any]:
        try:
            answer = self._post("token_endpoint", form)
        except (Invalid, Denied, SessionEnded) as error:
            raise SignInRefused(f"token endpoint: {error} {getattr(error, 'form', '')}") from error
        if not isinstance(answer, dict) or "access_token" not in answer:
            raise Upstream("the token endpoint gave no token")
        return answer

    def introspect(self, token: str) -> dict[str, Any]:
        """RFC 7662: whether the token lives, with the person's present roles (our tokens carry none themselves)."""
        return dict(self._post("introspection_endpoint", {"token": token}))

    def logout(self, refresh_token: str) -> None:
        """End the Keycloak session (end_session_endpoint with client authentication and the refresh token)."""
        self._post("end_session_endpoint", {"refresh_token": refresh_token})

    def _post(self, endpoint: str, form: dict[str, str]) -> Any:
        url = str(self.metadata()[endpoint]).replace(self.realm.keycloak_url, self.realm.internal_url, 1)
        data = {**form, "client_id": self.realm.client_id, "client_secret": self.realm.client_secret}
        return self._http.call("POST", url, data=data)

    def id_claims(self, tokens: Tokens, nonce: str) -> dict[str, Any]:
        """The verified claims of the ID token: signature, algorithm, iss, aud, azp, exp, iat, nonce, at_hash, typ."""
        header, claims = self._verified(tokens.id)
        options = {
            "iss": {"essential": True, "value": self.realm.issuer},
            "aud": {"essential": True, "value": self.realm.client_id},
            "nonce": {"essential": True, "value": nonce},
            "sub": {"essential": True}, "exp": {"essential": True}, "iat": {"essential": True},
        }  # fmt: skip
        params = {"nonce": nonce, "client_id": self.realm.client_id, "access_token": tokens.access}
        token = CodeIDToken(claims, header, options, params)
        try:
            token.validate(leeway=LEEWAY)
        except Exception as error:  # every claim error of the library is the same refusal
            raise SignInRefused(f"ID token: {error}") from error
        if claims.get("typ") != "ID" or claims.get("azp", self.realm.client_id) != self.realm.client_id:
            raise SignInRefused("not an ID token of this client")
        if float(claims["iat"]) > time.time() + LEEWAY:
            raise SignInRefused("issued in the future")
        return claims

    def logout_claims(self, token: str) -> dict[str, Any]:
        """The verified claims of a logout token (Back-Channel Logout 1.0, section 2.6)."""
        header, claims = self._verified(token)
        now = time.time()
        audience = claims.get("aud") or ""
        ours = {self.realm.client_id, self.realm.operator_client_id}
        good = (
            str(header.get("typ", "")).lower() == "logout+jwt"
            and claims.get("iss") == self.realm.issuer
            and bool(ours & set(audience if isinstance(audience, list) else [audience]))
            and isinstance(claims.get("events"), dict) and LOGOUT_EVENT in claims["events"]
            and "nonce" not in claims and bool(claims.get("jti"))
            and bool(claims.get("sub") or claims.get("sid"))
            and float(claims.get("exp") or 0) > now - LEEWAY and float(claims.get("iat") or now + 999) < now + LEEWAY
        )  # fmt: skip
        if not good:
            raise SignInRefused("logout token")
        return claims

    def bearer_claims(self, token: str, audience: str) -> dict[str, Any]:
        """The verified claims of an access token presented to the API."""
        header, claims = self._verified(token)
        audiences = claims.get("aud")
        good = (
            claims.get("iss") == self.realm.issuer
            and audience in (audiences if isinstance(audiences, list) else [audiences])
            and claims.get("typ") == "Bearer"
            and float(claims.get("exp") or 0) > time.time() - LEEWAY
        )
        if not good:
            raise SignInRefused(f"bearer token, header {sorted(header)}")
        return claims

    def _verified(self, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        for retry in (False, True):
            try:
                decoded = jwt.decode(token, self._key_set(renew=retry), algorithms=ALGORITHMS)
                return dict(decoded.header), dict(decoded.claims)
            except (JoseError, ValueError, TypeError) as error:
                # One new look at the keys: Keycloak may have rotated them.
                if retry or not self._may_renew():
                    raise SignInRefused(f"signature: {type(error).__name__}") from error
        raise AssertionError  # pragma: no cover

    def _may_renew(self) -> bool:
        return time.monotonic() - self._keys_at > KEYS_EVERY

    def _key_set(self, *, renew: bool) -> KeySet:
        with self._lock:
            age = time.monotonic() - self._keys_at
            if self._keys is not None and age < CONSTANTS_TTL and not renew:
                return self._keys
        url = str(self.metadata()["jwks_uri"]).replace(self.realm.keycloak_url, self.realm.internal_url, 1)
        document = self._http.call("GET", url)
        usable = [key for key in document.get("keys", []) if key.get("use") == "sig" and key.get("kty") != "oct"]
        with self._lock:
            self._keys, self._keys_at = KeySet.import_key_set({"keys": usable}), time.monotonic()
            return self._keys
