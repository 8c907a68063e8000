"""What a SAML identity provider tells about itself (SAML 2.0 metadata, saml-metadata-2.0-os)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from flask_babel import gettext as _

from portal.errors import Invalid
from portal.sso import addresses
from portal.sso.certificates import Certificate, read_certificates
from portal.sso.safe_xml import Element, find, find_all, moment, named, parse, text
from portal.sso.weaknesses import Weakness

FIELD = "metadata"
SAML2 = "urn:oasis:names:tc:SAML:2.0:protocol"
BINDINGS = "urn:oasis:names:tc:SAML:2.0:bindings:"
POST, REDIRECT, ARTIFACT = f"{BINDINGS}HTTP-POST", f"{BINDINGS}HTTP-Redirect", f"{BINDINGS}HTTP-Artifact"
LONGEST_ENTITY_ID = 1024  # saml-metadata 2.3.1
MOST_LISTED = 10


@dataclass(frozen=True)
class Endpoint:
    """Where something is sent, and how: `binding` is the whole URI."""

    binding: str
    location: str

    @property
    def short(self) -> str:
        """`HTTP-POST`, `HTTP-Redirect`, `SOAP` …"""
        return self.binding.removeprefix(BINDINGS)


@dataclass(frozen=True)
class SamlMetadata:
    """One identity provider. `certificates` are for signatures; times are aware (UTC).

    `plain` are the origins that may be http here (see `addresses.plain_origins`).
    """

    entity_id: str
    sso: tuple[Endpoint, ...]
    slo: tuple[Endpoint, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    encryption: tuple[Certificate, ...] = ()
    name_id_formats: tuple[str, ...] = ()
    wants_signed_requests: bool = False
    valid_until: datetime | None = None
    organization: str = ""
    signed: bool = False
    plain: frozenset[str] = frozenset()

    def sso_at(self, *bindings: str) -> Endpoint | None:
        """The first sign-in address by the order of `bindings`."""
        return _first(self.sso, bindings)

    def slo_at(self, *bindings: str) -> Endpoint | None:
        """The first sign-out address by the order of `bindings`."""
        return _first(self.slo, bindings)

    @property
    def weaknesses(self) -> tuple[Weakness, ...]:
        """What is weak about it today, each certificate included."""
        return self.weaknesses_at(datetime.now(UTC))

    def weaknesses_at(self, now: datetime) -> tuple[Weakness, ...]:
        """What is weak about it at `now` (aware)."""
        found = [*self._endpoint_weaknesses()]
        if not self.certificates:
            found.append(Weakness("certificate-none"))
        # Where several are published, an old one besides a good one is a renewal under way, not a fault.
        good = [each for each in self.certificates if not any(w.severity == "bad" for w in each.weaknesses_at(now))]
        found += [weak for each in good or self.certificates for weak in each.weaknesses_at(now)]
        if self.valid_until and self.valid_until < now:
            found.append(Weakness("metadata-expired", f"{self.valid_until:%Y-%m-%d}"))
        return tuple(dict.fromkeys(found))

    def _endpoint_weaknesses(self) -> list[Weakness]:
        used = [self.sso_at(POST, REDIRECT), self.slo_at(POST, REDIRECT)]
        found = [
            Weakness("http", each.location) for each in used if each and addresses.is_plain(each.location, self.plain)
        ]
        if used[0] is None:
            found.append(Weakness("artifact-only" if self.sso_at(ARTIFACT) else "sso-none"))
        return found if used[1] else [*found, Weakness("logout-none")]


def _first(endpoints: tuple[Endpoint, ...], bindings: tuple[str, ...]) -> Endpoint | None:
    return next((each for binding in bindings for each in endpoints if each.binding == binding), None)


def read(
    data: bytes, *, entity_id: str = "", own: frozenset[str] = frozenset(), plain: frozenset[str] = frozenset()
) -> SamlMetadata:
    """Read a metadata document, as a file or as fetched.

    `entity_id` chooses among several; `own` are the issuers of this realm, which are refused.
    Raises `Invalid` for the field `metadata`, with a sentence that says what was found instead.
    """
    root = parse(data, FIELD)
    entity = _chosen(root, entity_id)
    found = _read(root, entity, _role(entity), plain)
    addresses.refuse_ours([found.entity_id, *(each.location for each in found.sso)], own, FIELD)
    return found


def _chosen(root: Element, entity_id: str) -> Element:
    """The entity to read."""
    if named(root, "md:EntityDescriptor"):
        return root
    if not named(root, "md:EntitiesDescriptor"):
        raise _wrong_root(root)
    entities = find_all(root, ".//md:EntityDescriptor")
    providers = [each for each in entities if find(each, "md:IDPSSODescriptor") is not None]
    if wanted := [each for each in providers if entity_id and each.get("entityID") == entity_id]:
        return wanted[0]
    if len(providers) == 1 and not entity_id:
        return providers[0]
    if not providers:
        raise _not_an_idp(entities)
    raise _several([each.get("entityID", "") for each in providers])


def _several(names: list[str]) -> Invalid:
    listed = ", ".join(each[:200] for each in names[:MOST_LISTED])
    more = len(names) - MOST_LISTED
    told = _("It describes several identity providers. Say which one is yours: %(names)s", names=listed)
    return Invalid({FIELD: told + (_(" and %(count)d more", count=more) if more > 0 else "")})


def _wrong_root(root: Element) -> Invalid:
    if named(root, "samlp:Response") or named(root, "saml:Assertion"):
        return Invalid({FIELD: _("This is the answer to a sign-in, not metadata.")})
    local = str(root.tag).rpartition("}")[2][:60]
    return Invalid({FIELD: _("This is not SAML metadata: it begins with “%(name)s”.", name=local)})


def _not_an_idp(entities: list[Element]) -> Invalid:
    if any(find(each, "md:SPSSODescriptor") is not None for each in entities):
        return Invalid({FIELD: _(
            "This describes an application (service provider), not an identity provider. Is it the portal's own "
            "document? Your identity provider has one of its own.")})  # fmt: skip
    return Invalid({FIELD: _("It describes no identity provider: there is no IDPSSODescriptor in it.")})


def _role(entity: Element) -> Element:
    roles = find_all(entity, "md:IDPSSODescriptor")
    if not roles:
        raise _not_an_idp([entity])
    modern = [each for each in roles if SAML2 in each.get("protocolSupportEnumeration", "").split()]
    if not modern:
        raise Invalid({FIELD: _("This identity provider does not speak SAML 2.0.")})
    return modern[0]


def _read(root: Element, entity: Element, role: Element, plain: frozenset[str]) -> SamlMetadata:
    ends = [found for each in (root, entity, role) if (found := moment(each.get("validUntil")))]
    signing, encryption = _certificates(role, "signing"), _certificates(role, "encryption")
    return SamlMetadata(
        entity_id=_entity_id(entity),
        sso=_endpoints(role, "SingleSignOnService"),
        slo=_endpoints(role, "SingleLogoutService"),
        certificates=signing,
        encryption=encryption,
        name_id_formats=tuple(text(each) for each in find_all(role, "md:NameIDFormat") if text(each)),
        wants_signed_requests=role.get("WantAuthnRequestsSigned", "").strip() in {"true", "1"},
        valid_until=min(ends, default=None),
        organization=text(find(entity, "md:Organization/md:OrganizationDisplayName"))[:200],
        signed=any(find(each, "ds:Signature") is not None for each in (root, entity)),
        plain=plain,
    )


def _entity_id(entity: Element) -> str:
    found = entity.get("entityID", "").strip()
    if not found:
        raise Invalid({FIELD: _("The entity id is missing.")})
    if len(found) > LONGEST_ENTITY_ID:
        raise Invalid({FIELD: _("The entity id is longer than %(most)d characters.", most=LONGEST_ENTITY_ID)})
    return found


def _endpoints(role: Element, name: str) -> tuple[Endpoint, ...]:
    """Those with addresses; one that would be used and cannot be opened is refused."""
    found = []
    for each in find_all(role, f"md:{name}"):
        binding, location = each.get("Binding", "").strip(), each.get("Location", "").strip()
        if binding in {POST, REDIRECT}:
            location = addresses.checked(location, FIELD)
        found.append(Endpoint(binding, location))
    return tuple(found)


def _certificates(role: Element, use: str) -> tuple[Certificate, ...]:
    """One certificate of each key (a chain begins with it); a key without a use serves for both."""
    keys = [each for each in find_all(role, "md:KeyDescriptor") if each.get("use", use) == use]
    chains = [chain for key in keys for chain in find_all(key, ".//ds:X509Data")]
    bodies = [text(body) for chain in chains if (body := find(chain, "ds:X509Certificate")) is not None]
    return read_certificates(",".join(bodies), FIELD) if bodies else ()
