"""Fetching what a provider publishes about itself, through the guard for foreign addresses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from portal import foreign_json
from portal.clients import outbound
from portal.clients.outbound import Policy
from portal.errors import Invalid, Upstream
from portal.sso import discovery, saml_metadata
from portal.sso.addresses import plain_origins
from portal.sso.discovery import WELL_KNOWN, Discovery
from portal.sso.saml_metadata import SamlMetadata

T = TypeVar("T")
_STATUS = {
    401: lazy_gettext("The address wants a sign-in. Download the document in your browser and upload the file."),
    403: lazy_gettext("The address refuses to answer. Download the document in your browser and upload the file."),
    404: lazy_gettext("There is nothing at this address (404). Was it copied as a whole?"),
    429: lazy_gettext("The address gets too many requests just now. Try again in a few minutes."),
}
_CALLED = {
    "token_endpoint": lazy_gettext("token address"),
    "userinfo_endpoint": lazy_gettext("userinfo address"),
    "jwks_uri": lazy_gettext("address of the keys"),
}


def fetch_saml(
    url: str, policy: Policy, *, entity_id: str = "", own: frozenset[str] = frozenset(), name: str = "url"
) -> SamlMetadata:
    """The metadata at `url`. Raises `Invalid` for the field `name`, with a sentence for each way it can fail."""
    body = _fetched(url, policy, "application/samlmetadata+xml, application/xml, text/xml, */*;q=0.5", name)
    return _renamed(lambda: saml_metadata.read(body, entity_id=entity_id, own=own, plain=plain_origins(policy)), name)


def fetch_discovery(
    url_or_issuer: str, policy: Policy, *, own: frozenset[str] = frozenset(), name: str = "url"
) -> Discovery:
    """The discovery document of an issuer, by either address. Raises `Invalid` for the field `name`.

    The addresses that Keycloak would call are looked up as well: none may lead inside.
    """
    url = discovery_url(url_or_issuer)
    body = _fetched(url, policy, "application/json", name)
    found = _renamed(lambda: discovery.read(body, url, own=own, plain=plain_origins(policy)), name)
    check_called(found, policy, name)
    return found


def discovery_url(text: str) -> str:
    """`/.well-known/openid-configuration` behind an issuer; an address that has it already stays as it is."""
    url = text.strip()
    if "/.well-known/" in url:
        return url
    return url.partition("?")[0].partition("#")[0].rstrip("/") + WELL_KNOWN


def check_called(found: Discovery, policy: Policy, name: str = "url") -> None:
    """Look up the addresses that Keycloak will call: the guard cannot stand between them.

    Raises `Invalid` for the field `name` if one of them leads inside or nowhere.
    """
    for each, url in found.called.items():
        try:
            outbound.check(url, policy)
        except Invalid as error:
            told = _(
                "The %(which)s %(url)s cannot be used: it must be public, https and in the DNS.",
                which=_CALLED[each],
                url=url,
            )
            raise Invalid({name: told}) from error
        except Upstream as error:
            told = _("The %(which)s %(url)s cannot be looked up just now. Try again.", which=_CALLED[each], url=url)
            raise Invalid({name: told}) from error


def fetch_keys(url: str, policy: Policy, name: str = "url") -> dict[str, Any]:
    """The key set (RFC 7517) at `url`. Raises `Invalid` for the field `name`."""
    body = _fetched(url, policy, "application/jwk-set+json, application/json", name)
    try:
        found = foreign_json.read(body)
        if isinstance(found, dict) and isinstance(found.get("keys"), list):
            return {"keys": [each for each in found["keys"] if isinstance(each, Mapping)]}
    except ValueError:
        pass
    raise Invalid({name: _("There is no key set (JWKS) at the address of the keys.")})


def _fetched(url: str, policy: Policy, accept: str, name: str) -> bytes:
    try:
        answer = outbound.fetch(url.strip(), policy, accept=accept)
    except Invalid as error:
        raise Invalid({name: _unusable()}) from error
    except Upstream as error:
        raise Invalid({name: _unreached(error)}) from error
    if answer.status == 200:
        return answer.body
    raise Invalid({name: _refusal(answer.status)})


def _unusable() -> str:
    """One sentence for all: which addresses exist inside is nobody's business."""
    return _("This address cannot be used. It must begin with https, be public, and its name must be in the DNS.")


def _unreached(error: Upstream) -> str:
    if "too large" in str(error):
        return _("The document is too large: more than 2 MiB. Download the part for your own provider and upload it.")
    if not error.retryable:
        return _("The answer from this address cannot be read.")
    return _("The address did not answer in time or not securely. Is it reachable from the internet, by https?")


def _refusal(status: int) -> str:
    if status in _STATUS:
        return str(_STATUS[status])
    if 300 <= status < 400:
        return _("The address leads on to another one. Open it in a browser and use the address where it ends.")
    return _("The address answers with an error (%(status)d).", status=status)


def _renamed(read: Callable[[], T], name: str) -> T:
    """Read, with errors told at the field where the address was entered."""
    try:
        return read()
    except Invalid as error:
        raise Invalid({name: " ".join([*error.errors.values(), *error.form])}) from error
