"""What changed between two readings of a provider, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from portal.sso.certificates import Certificate
from portal.sso.discovery import Discovery
from portal.sso.saml_metadata import POST, REDIRECT, Endpoint, SamlMetadata
from portal.sso.weaknesses import BAD, NOTE, WARN

# kind -> how bad for people who sign in, as long as the connection keeps the old value; what it means.
_KNOWN: dict[str, tuple[str, LazyString]] = {
    "entity-id": (BAD, _("The entity id changed. Answers under the new one are refused.")),
    "issuer": (BAD, _("The issuer changed. Tokens of the new one are refused.")),
    "certificate-exchanged": (
        BAD, _("The signing certificate was exchanged. Answers are refused until the new one is trusted.")),
    "certificate-added": (WARN, _("There is another signing certificate. Trust it before it is used.")),
    "certificate-removed": (NOTE, _("A signing certificate is no longer published.")),
    "sso": (BAD, _("The sign-in address changed.")),
    "slo": (NOTE, _("The sign-out address changed.")),
    "binding": (WARN, _("The way of sending sign-in requests changed.")),
    "signed-requests": (WARN, _("Whether sign-in requests must be signed changed.")),
    "name-id-formats": (WARN, _("The formats of the name id changed.")),
    "authorization": (BAD, _("The sign-in address changed.")),
    "token": (BAD, _("The address for tokens changed.")),
    "keys": (BAD, _("The address of the keys changed.")),
    "userinfo": (WARN, _("The userinfo address changed.")),
    "logout": (NOTE, _("The sign-out address changed.")),
    "auth-methods": (WARN, _("The ways for applications to prove themselves changed.")),
}  # fmt: skip
KINDS = frozenset(_KNOWN)


@dataclass(frozen=True)
class Change:
    """One difference. `before` and `after` are ready to show; one of them may be empty."""

    kind: str
    before: str
    after: str

    @property
    def severity(self) -> str:
        """`bad` (sign-ins fail until it is taken over), `warn` or `note`."""
        return _KNOWN[self.kind][0]

    @property
    def text(self) -> str:
        """The sentence, in the reader's language."""
        return str(_KNOWN[self.kind][1])


def saml_changes(before: SamlMetadata, after: SamlMetadata) -> tuple[Change, ...]:
    """Differences between two readings; what one of them does not say is not compared."""
    old, new = _used(before.sso), _used(after.sso)
    signed = tuple("true" if each.wants_signed_requests else "false" for each in (before, after))
    found = [
        *_pair("entity-id", before.entity_id, after.entity_id),
        *certificate_changes(before.certificates, after.certificates),
        *_pair("sso", old.location, new.location),
        *(_pair("binding", old.short, new.short) if old.location == new.location else ()),
        *_pair("slo", _used(before.slo).location, _used(after.slo).location),
        *_pair("signed-requests", *signed),
    ]
    if before.name_id_formats and after.name_id_formats:
        found += _pair("name-id-formats", *(", ".join(sorted(each.name_id_formats)) for each in (before, after)))
    return tuple(found)


def oidc_changes(before: Discovery, after: Discovery) -> tuple[Change, ...]:
    """Differences between two readings; what one of them does not say is not compared."""
    found = [
        *_pair("issuer", before.issuer, after.issuer),
        *_pair("authorization", before.authorization_endpoint, after.authorization_endpoint),
        *_pair("token", before.token_endpoint, after.token_endpoint),
        *_pair("keys", before.jwks_uri, after.jwks_uri),
        *_pair("userinfo", before.userinfo_endpoint, after.userinfo_endpoint),
        *_pair("logout", before.end_session_endpoint, after.end_session_endpoint),
    ]
    if before.token_auth_methods and after.token_auth_methods:
        found += _pair("auth-methods", *(", ".join(sorted(each.token_auth_methods)) for each in (before, after)))
    return tuple(found)


def certificate_changes(before: tuple[Certificate, ...], after: tuple[Certificate, ...]) -> Iterator[Change]:
    """Certificates by fingerprint: exchanged when none of the trusted ones is left."""
    old, new = ({each.fingerprint: each for each in group} for group in (before, after))
    gone, come = [old[each] for each in old if each not in new], [new[each] for each in new if each not in old]
    if gone and come and not old.keys() & new.keys():
        yield Change("certificate-exchanged", ", ".join(map(_shown, gone)), ", ".join(map(_shown, come)))
        return
    for each in come:
        yield Change("certificate-added", "", _shown(each))
    for each in gone:
        yield Change("certificate-removed", _shown(each), "")


def _shown(certificate: Certificate) -> str:
    return f"{certificate.fingerprint[:16]} ({certificate.subject}, {certificate.not_after:%Y-%m-%d})"


def _used(endpoints: tuple[Endpoint, ...]) -> Endpoint:
    found = next((each for way in (POST, REDIRECT) for each in endpoints if each.binding == way), None)
    return found or Endpoint("", "")


def _pair(kind: str, before: str, after: str) -> Iterator[Change]:
    if before != after:
        yield Change(kind, before, after)
