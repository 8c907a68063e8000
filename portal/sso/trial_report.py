"""What a test sign-in showed, as it is kept: the answer, what was compared, and what would become of the person."""

from __future__ import annotations

import dataclasses
import json
import re
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


def fields(judgement: Judgement, target: Target) -> dict[str, str]:
    """The Keycloak field that each attribute feeds, by the attribute's name."""
    found = dict(OWN_CLAIMS) if target.provider.protocol == "oidc" else {}
    for mapper in target.mappers:
        if key := ATTRIBUTE_MAPPERS.get(mapper.kind):
            name = mapper.config.get(key) or mapper.config.get("attribute.friendly.name", "")
            found[name] = mapper.config.get("user.attribute", "")
    names = {each.name for each in judgement.attributes} | {each.friendly_name for each in judgement.attributes}
    return {name: field for name, field in found.items() if name in names}


def account(judgement: Judgement, target: Target) -> dict[str, str]:
    """The account that would result: username, email, firstName, lastName."""
    made = {"username": judgement.subject, "email": judgement.email}
    by_field = {field: name for name, field in fields(judgement, target).items()}
    for field in ("username", "email", "firstName", "lastName"):
        value = _value(judgement, by_field.get(field, ""))
        if value:
            made[field] = value
    return {field: value for field, value in made.items() if value}


def _value(judgement: Judgement, name: str) -> str:
    for each in judgement.attributes:
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
    if not key:
        return False
    regex = mapper.config.get(f"are.{key.removesuffix('s')}.values.regex") == "true"
    try:
        wanted = json.loads(mapper.config.get(key) or "[]")
    except ValueError:
        return False
    return bool(wanted) and all(_matches(judgement, str(each["key"]), str(each["value"]), regex) for each in wanted)


def _matches(judgement: Judgement, name: str, value: str, regex: bool) -> bool:
    for each in judgement.attributes:
        if name in {each.name, each.friendly_name}:
            return any(re.fullmatch(value, held) if regex else value == held for held in each.values)
    return False
