"""What a test sign-in showed, as it is kept: the answer, what was compared, and what would become of the person."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.clients.connections_types import IdentityProvider, Mapper
from portal.sso.faults import Finding
from portal.sso.judgement import Attribute, Check, Judgement

# Claims that Keycloak itself reads, without a mapper.
OWN_CLAIMS = {"preferred_username": "username", "email": "email", "given_name": "firstName", "family_name": "lastName"}
ATTRIBUTE_MAPPERS = {"saml-user-attribute-idp-mapper": "attribute.name", "oidc-user-attribute-idp-mapper": "claim"}
ROLE_MAPPERS = {"saml-advanced-org-role-idp-mapper": "attributes", "oidc-advanced-org-role-idp-mapper": "claims"}


@dataclass(frozen=True)
class Target:
    """Where the answer would end: the connection with its mappers, and the organization's verified domains."""

    provider: IdentityProvider
    mappers: tuple[Mapper, ...] = ()
    domains: frozenset[str] = frozenset()


def content(
    source: str, judgement: Judgement | None, target: Target, hints: Iterable[Finding] = (), *, existing: bool = False
) -> dict[str, Any]:
    """The report as it is sealed. `existing`: an account with this address was there already."""
    found = dataclasses.asdict(judgement) if judgement else None
    told = [dataclasses.asdict(each) for each in hints]
    return {
        "source": source, "existing": existing, "judgement": found, "hints": told,
        "fields": fields(judgement, target) if judgement else {},
        "roles": roles(judgement, target) if judgement else [],
        "account": account(judgement, target) if judgement else {},
    }  # fmt: skip


def judgement_of(report: Mapping[str, Any]) -> Judgement | None:
    """What was seen, as it was."""
    raw = report.get("judgement")
    if not raw:
        return None
    return Judgement(**{
        **raw, "checks": tuple(Check(**each) for each in raw["checks"]),
        "findings": tuple(Finding(**each) for each in raw["findings"]),
        "attributes": tuple(
            Attribute(each["name"], tuple(each["values"]), each["friendly_name"]) for each in raw["attributes"]
        ),
        "signers": tuple(raw["signers"]),
    })  # fmt: skip


def fields(judgement: Judgement, target: Target) -> dict[str, list[str]]:
    """The Keycloak fields that each attribute feeds, by the attribute's name; one may feed several."""
    found = dict(feeding(target.mappers))
    if target.provider.protocol == "oidc":
        found = {**{field: name for name, field in OWN_CLAIMS.items()}, **found}
    names = {each.name for each in judgement.attributes} | {each.friendly_name for each in judgement.attributes}
    fed: dict[str, list[str]] = {}
    for field, name in sorted(found.items()):
        if name in names:
            fed.setdefault(name, []).append(field)
    return fed


def feeding(mappers: Iterable[Mapper]) -> dict[str, str]:
    """The name of the attribute or claim that feeds each field."""
    found = {}
    for mapper in mappers:
        if key := ATTRIBUTE_MAPPERS.get(mapper.kind):
            name = mapper.config.get(key) or mapper.config.get("attribute.friendly.name", "")
            found[mapper.config.get("user.attribute", "")] = name
    return {field: name for field, name in found.items() if field and name}


def account(judgement: Judgement, target: Target) -> dict[str, str]:
    """The account that would result: username, email, names, then whatever else is fed."""
    made = {"username": judgement.subject, "email": judgement.email}
    by_field = {field: name for name, fed in fields(judgement, target).items() for field in fed}
    for field in dict.fromkeys(("username", "email", "firstName", "lastName", *sorted(by_field))):
        if found := value(judgement.attributes, by_field.get(field, "")):
            made[field] = found
    return {field: found for field, found in made.items() if found}


def value(attributes: Iterable[Attribute], name: str) -> str:
    """What an attribute of this name would feed into a field; empty where it was not sent."""
    for each in attributes:
        if name and name in {each.name, each.friendly_name} and each.values:
            return each.values[0]
    return ""


def roles(judgement: Judgement, target: Target) -> list[str]:
    """The roles in the organization that the mappers would give."""
    given = {mapper.config.get("org_role", "") for mapper in target.mappers if _gives(mapper, judgement)}
    return sorted(given - {""})


def _gives(mapper: Mapper, judgement: Judgement) -> bool:
    if mapper.kind == "oidc-hardcoded-org-role-idp-mapper":
        return True
    key = ROLE_MAPPERS.get(mapper.kind)
    # Patterns are not tried: they are made past the portal, for another engine, and one could keep it busy for hours.
    if not key or mapper.config.get(f"are.{key.removesuffix('s')}.values.regex") == "true":
        return False
    try:
        wanted = [(each["key"], each["value"]) for each in json.loads(mapper.config.get(key) or "[]")]
    except (ValueError, LookupError, TypeError):
        return False
    return bool(wanted) and all(_sent(judgement, name, value) for name, value in wanted)


def _sent(judgement: Judgement, name: str, value: str) -> bool:
    return any(name in (each.name, each.friendly_name) and value in each.values for each in judgement.attributes)
