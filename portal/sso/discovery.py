"""What an OpenID provider tells about itself (OpenID Connect Discovery 1.0)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _

from portal import foreign_json
from portal.errors import Invalid
from portal.sso import addresses
from portal.sso.documents import instead_of_metadata
from portal.sso.weaknesses import Weakness

FIELD = "discovery"
WELL_KNOWN = "/.well-known/openid-configuration"
MOST_BYTES = 2 * 1024 * 1024
# What Keycloak and the portal accept for ID tokens; `none` and shared secrets are not among them.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
AUTH_METHODS = ("client_secret_post", "client_secret_basic", "client_secret_jwt", "private_key_jwt")
_REQUIRED = ("issuer", "authorization_endpoint", "token_endpoint")
_OPTIONAL = ("userinfo_endpoint", "jwks_uri", "end_session_endpoint")
_ENDPOINTS = (*_REQUIRED, *_OPTIONAL)
_MOST_NAMES, _LONGEST_NAME = 200, 200


@dataclass(frozen=True)
class Discovery:
    """One provider. Lists are empty where it says nothing; `flows` are its response types."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str = ""
    jwks_uri: str = ""
    end_session_endpoint: str = ""
    scopes: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    token_auth_methods: tuple[str, ...] = ()
    pkce_methods: tuple[str, ...] = ()
    id_token_algs: tuple[str, ...] = ()
    flows: tuple[str, ...] = ()
    typed: bool = False

    @property
    def called(self) -> dict[str, str]:
        """The addresses that Keycloak itself calls, by name; browsers open the others."""
        each = {name: str(getattr(self, name)) for name in ("token_endpoint", "userinfo_endpoint", "jwks_uri")}
        return {name: url for name, url in each.items() if url}

    @property
    def weaknesses(self) -> tuple[Weakness, ...]:
        """What is weak about it. Values typed by hand say nothing about what else the provider can do."""
        found = {
            Weakness("keys-none"): not self.jwks_uri,
            Weakness("userinfo-none"): not self.userinfo_endpoint,
            Weakness("logout-none"): not self.end_session_endpoint,
            Weakness("pkce-none"): not self.typed and "S256" not in self.pkce_methods,
            Weakness("email-none"): bool(self.scopes) and "email" not in self.scopes,
            Weakness("code-none"): bool(self.flows) and "code" not in self.flows,
            Weakness("algorithm", ", ".join(self.id_token_algs)): _lacks(self.id_token_algs, ALGORITHMS),
            Weakness("auth-method", ", ".join(self.token_auth_methods)): _lacks(self.token_auth_methods, AUTH_METHODS),
        }
        return tuple(weak for weak, present in found.items() if present)


def _lacks(offered: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return bool(offered) and not set(offered) & set(wanted)


def read(
    data: bytes, url: str = "", *, own: frozenset[str] = frozenset(), plain: frozenset[str] = frozenset()
) -> Discovery:
    """Read a discovery document; `url` is where it was fetched from, empty for an upload.

    `own` are the issuers of this realm, which are refused; `plain` the origins that may be http.
    Raises `Invalid` for the field `discovery`, with a sentence.
    """
    document = _document(data)
    found = replace(
        _with_endpoints({name: _address(document, name, plain) for name in _ENDPOINTS}),
        scopes=_names(document, "scopes_supported"),
        claims=_names(document, "claims_supported"),
        token_auth_methods=_names(document, "token_endpoint_auth_methods_supported"),
        pkce_methods=_names(document, "code_challenge_methods_supported"),
        id_token_algs=_names(document, "id_token_signing_alg_values_supported"),
        flows=_names(document, "response_types_supported"),
    )
    _fits(found.issuer, url)
    _refuse_ours(found, own, FIELD)
    return found


def by_hand(
    values: dict[str, str], *, own: frozenset[str] = frozenset(), plain: frozenset[str] = frozenset()
) -> Discovery:
    """The same from typed values, by the names of the discovery document.

    Raises `Invalid` with a sentence for each wrong field.
    """
    errors: dict[str, str] = {}
    typed = {name: values.get(name, "").strip() for name in _ENDPOINTS}
    for name in (*_REQUIRED, "jwks_uri"):
        if not typed[name]:
            errors[name] = _("Please fill in this field.")
    for name, value in typed.items():
        if value and (told := _wrong(value, plain)):
            errors[name] = told
    if errors:
        raise Invalid(errors)
    found = replace(_with_endpoints(typed), typed=True)
    _refuse_ours(found, own, "issuer")
    return found


def _with_endpoints(urls: dict[str, str]) -> Discovery:
    required = urls["issuer"], urls["authorization_endpoint"], urls["token_endpoint"]
    return Discovery(*required, urls["userinfo_endpoint"], urls["jwks_uri"], urls["end_session_endpoint"])


def _refuse_ours(found: Discovery, own: frozenset[str], name: str) -> None:
    addresses.refuse_ours((found.issuer, found.authorization_endpoint, found.token_endpoint), own, name)


def _document(data: bytes) -> dict[str, Any]:
    if len(data) > MOST_BYTES:
        raise _refused(_("The document is too large: more than 2 MiB."))
    if wrong := instead_of_metadata(data, "json"):
        raise _refused(wrong)
    try:
        found = foreign_json.read(data)
    except ValueError as error:
        raise _refused(_("This is not a JSON document. Was it changed or cut off while copying?")) from error
    if not isinstance(found, dict) or "issuer" not in found:
        raise _refused(_instead(found))
    return found


def _instead(found: Any) -> str:
    if isinstance(found, dict) and "keys" in found:
        return _("These are the keys of a provider (JWKS). Its discovery document is needed.")
    if isinstance(found, dict) and ({"web", "installed", "client_secret"} & set(found)):
        return _("This is a file with a client secret, not the discovery document. It was not kept.")
    return _("This is not a discovery document: it names no issuer.")


def _address(document: dict[str, Any], name: str, plain: frozenset[str]) -> str:
    value = document.get(name)
    if value is None and name in _OPTIONAL:
        return ""
    if not isinstance(value, str) or not value.strip():
        raise _refused(_("The document does not say %(name)s.", name=name))
    if name == "issuer" and "{" in value:
        raise _refused(_(
            "This document is for all tenants of the vendor: its issuer contains a placeholder. Use the address with "
            "the id of your own tenant instead of “common” or “organizations”."))  # fmt: skip
    if told := _wrong(value.strip(), plain):
        raise _refused(f"{name}: {told}")
    return value.strip()


def _wrong(url: str, plain: frozenset[str]) -> str:
    """A sentence if `url` cannot be used."""
    try:
        addresses.checked(url, FIELD)
    except Invalid as error:
        return error.errors[FIELD]
    return _("The address must begin with https.") if addresses.is_plain(url, plain) else ""


def _names(document: dict[str, Any], name: str) -> tuple[str, ...]:
    value = document.get(name)
    each = value if isinstance(value, list) else []
    return tuple(item for item in each[:_MOST_NAMES] if isinstance(item, str) and 0 < len(item) <= _LONGEST_NAME)


def _fits(issuer: str, url: str) -> None:
    """Discovery 4.3: the issuer is what the address began with, to the letter."""
    place = url.partition("?")[0].partition("#")[0]
    if not url or place == issuer.rstrip("/") + WELL_KNOWN:
        return
    if issuer.startswith("https://sts.windows.net/"):
        raise _refused(
            _("This is the document of version 1. Use the address that ends in /v2.0%(path)s.", path=WELL_KNOWN)
        )
    raise _refused(_(
        "The document says that its issuer is %(issuer)s, but it was fetched from another address. The right address "
        "is %(url)s, if that is your provider.", issuer=issuer, url=issuer.rstrip("/") + WELL_KNOWN))  # fmt: skip


def _refused(told: str) -> Invalid:
    return Invalid({FIELD: told})
