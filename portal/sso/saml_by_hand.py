"""A SAML identity provider from typed values, where there is no metadata."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.errors import Invalid
from portal.sso import addresses
from portal.sso.certificates import Certificate, read_certificates
from portal.sso.saml_metadata import LONGEST_ENTITY_ID, POST, REDIRECT, Endpoint, SamlMetadata

BY_BINDING = {"POST": POST, "REDIRECT": REDIRECT}


def by_hand(
    values: dict[str, str], *, own: frozenset[str] = frozenset(), plain: frozenset[str] = frozenset()
) -> SamlMetadata:
    """Read `entity_id`, `sso`, `binding` (`POST`, otherwise Redirect), `slo`, `certificate`, `name_id_format`.

    Raises `Invalid` with a sentence for each wrong field.
    """
    typed = {name: value.strip() for name, value in values.items()}
    errors: dict[str, str] = {}
    for name in ("entity_id", "sso", "certificate"):
        if not typed.get(name):
            errors[name] = _("Please fill in this field.")
    if len(typed.get("entity_id", "")) > LONGEST_ENTITY_ID:
        errors["entity_id"] = _("The entity id is longer than %(most)d characters.", most=LONGEST_ENTITY_ID)
    for name in ("sso", "slo"):
        errors |= _address_errors(typed.get(name, ""), name, plain)
    certificates, wrong = _certificates(typed.get("certificate", ""))
    if errors := wrong | errors:
        raise Invalid(errors)
    addresses.refuse_ours((typed["entity_id"], typed["sso"]), own, "entity_id")
    return _described(typed, certificates, plain)


def _described(typed: dict[str, str], certificates: tuple[Certificate, ...], plain: frozenset[str]) -> SamlMetadata:
    binding = BY_BINDING.get(typed.get("binding", "").upper(), REDIRECT)
    return SamlMetadata(
        entity_id=typed["entity_id"],
        sso=(Endpoint(binding, typed["sso"]),),
        slo=(Endpoint(binding, typed["slo"]),) if typed.get("slo") else (),
        certificates=certificates,
        name_id_formats=(typed["name_id_format"],) if typed.get("name_id_format") else (),
        plain=plain,
    )


def _address_errors(url: str, name: str, plain: frozenset[str]) -> dict[str, str]:
    if not url:
        return {}
    try:
        addresses.checked(url, name)
    except Invalid as error:
        return error.errors
    return {name: _("The address must begin with https.")} if addresses.is_plain(url, plain) else {}


def _certificates(data: str) -> tuple[tuple[Certificate, ...], dict[str, str]]:
    try:
        return (read_certificates(data), {}) if data else ((), {})
    except Invalid as error:
        return (), error.errors
