"""What an identity provider told about itself: read in whichever way it came, kept as Keycloak's configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _

from portal.actor import Actor
from portal.clients.outbound import Policy, policy_from
from portal.errors import Invalid, TooMany
from portal.sso import discovery, fetching, keycloak_config, saml_by_hand, saml_metadata
from portal.sso.addresses import plain_origins
from portal.sso.certificates import Certificate
from portal.sso.discovery import Discovery
from portal.sso.guide_types import Guide
from portal.sso.saml_metadata import SamlMetadata
from portal.sso.weaknesses import CODES, Weakness
from portal.sso.wizard_forms import MetadataForm
from portal.store.counters import hit

# Addresses that an organization may have fetched in so many seconds.
FETCHES, WINDOW = 120, 60
# What is kept of the form, so that coming back finds it filled in. A document itself is not: its reading is.
_TYPED = (
    "way", "url", "entity_id", "sso", "slo", "binding", "certificate", "issuer", "authorization_endpoint",
    "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint",
)  # fmt: skip


@dataclass(frozen=True)
class Read:
    """Keycloak's configuration of what was read, and the address it can be fetched from again.

    `weaknesses` are those that the configuration does not tell of.
    """

    config: dict[str, str]
    url: str = ""
    weaknesses: tuple[Weakness, ...] = ()


@dataclass(frozen=True)
class Shown:
    """What was found, for a page."""

    facts: tuple[tuple[str, str], ...]
    weaknesses: tuple[Weakness, ...]
    certificates: tuple[Certificate, ...] = ()


def read(actor: Actor, guide: Guide, form: MetadataForm, uploaded: bytes) -> Read:
    """Read what was handed over. Raises `Invalid` for the field it came by, with a sentence."""
    policy = policy_from(actor.services.settings)
    if form.way.data == "url":
        _count(actor)
    own = frozenset({actor.realm.issuer, actor.realm.base})
    found: SamlMetadata | Discovery
    if guide.protocol == "saml":
        found = _saml(form, uploaded, policy, own)
        name_id = keycloak_config.FORMATS.get(guide.name_id, "")
        config = keycloak_config.saml_config(found, actor.realm.issuer, name_id_format=name_id)
    else:
        found = _oidc(form, uploaded, policy, own)
        config = keycloak_config.oidc_config(found, "")
    told = shown(actor, guide.protocol, config).weaknesses
    lost = tuple(each for each in found.weaknesses if each not in told)
    return Read(config, (form.url.data or "").strip() if form.way.data == "url" else "", lost)


def _count(actor: Actor) -> None:
    """An organization may have so many addresses fetched. Raises `Invalid` for the field `url`."""
    try:
        hit(actor.services.store, f"sso.fetch:{actor.realm.name}:{actor.here.id}", FETCHES, WINDOW)
    except TooMany as error:
        raise Invalid({"url": _("Addresses were fetched very often just now. Wait a minute.")}) from error


def _saml(form: MetadataForm, uploaded: bytes, policy: Policy, own: frozenset[str]) -> SamlMetadata:
    if form.way.data == "url":
        return fetching.fetch_saml(_given(form.url.data, "url"), policy, own=own)
    plain = plain_origins(policy)
    if form.way.data == "manual":
        return saml_by_hand.by_hand(_typed(form), own=own, plain=plain)
    return saml_metadata.read(_document(form, uploaded), own=own, plain=plain)


def _oidc(form: MetadataForm, uploaded: bytes, policy: Policy, own: frozenset[str]) -> Discovery:
    if form.way.data == "url":
        return fetching.fetch_discovery(_given(form.url.data, "url"), policy, own=own)
    plain = plain_origins(policy)
    if form.way.data == "manual":
        found = discovery.by_hand(_typed(form), own=own, plain=plain)
        fetching.check_called(found, policy, "issuer")
    else:
        found = discovery.read(_document(form, uploaded), own=own, plain=plain)
        fetching.check_called(found, policy, "discovery")
    return found


def _given(value: str | None, name: str) -> str:
    if not (value or "").strip():
        raise Invalid({name: _("Enter the address.")})
    return str(value)


def _document(form: MetadataForm, uploaded: bytes) -> bytes:
    if form.way.data == "text":
        if not (form.text.data or "").strip():
            raise Invalid({"text": _("Paste the document.")})
        return str(form.text.data).strip().encode()
    if not uploaded:
        raise Invalid({"file": _("Choose the file.")})
    return uploaded


def _typed(form: MetadataForm) -> dict[str, str]:
    return {name: str(value or "") for name, value in form.data.items() if name in _TYPED}


def entered(form: MetadataForm) -> dict[str, str]:
    """What was typed, to fill the form in again."""
    return {name: value for name, value in _typed(form).items() if value}


def shown(actor: Actor, protocol: str, config: Mapping[str, str], kept: Iterable[Sequence[str]] = ()) -> Shown:
    """What a configuration says of its provider; `kept` are codes and values of weaknesses it does not tell of."""
    plain = plain_origins(policy_from(actor.services.settings))
    found = _saml_shown(config, plain) if protocol == "saml" else _oidc_shown(config)
    lost = tuple(Weakness(code, value) for code, value in kept if code in CODES)
    return replace(found, weaknesses=(*found.weaknesses, *lost))


def _saml_shown(config: Mapping[str, str], plain: frozenset[str]) -> Shown:
    found = keycloak_config.saml_reading(config, plain)
    facts = (
        (_("Entity ID"), found.entity_id),
        (_("Sign-in address"), _located(found.sso)),
        (_("Sign-out address"), _located(found.slo) or _("None")),
        (_("Our requests are signed"), _("Yes") if found.wants_signed_requests else _("No")),
        (_("Answers must be signed"), _("Yes") if config.get("validateSignature") == "true" else _("No")),
    )
    return Shown(facts, found.weaknesses, found.certificates)


def _located(endpoints: Any) -> str:
    return ", ".join(f"{each.location} ({each.short})" for each in endpoints)


def _oidc_shown(config: Mapping[str, str]) -> Shown:
    found = keycloak_config.oidc_reading(config)
    facts = (
        (_("Issuer"), found.issuer),
        (_("Sign-in address"), found.authorization_endpoint),
        (_("Token address"), found.token_endpoint),
        (_("Address of the keys"), found.jwks_uri),
        (_("Userinfo address"), found.userinfo_endpoint or _("None")),
        (_("Sign-out address"), found.end_session_endpoint or _("None")),
        (_("Scopes asked for"), config.get("defaultScope", "")),
    )
    return Shown(facts, found.weaknesses)
