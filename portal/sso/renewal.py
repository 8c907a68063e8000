"""New metadata for a connection that exists: looked over first, then taken over; old and new certificates together.

What was read waits in the connection's row until somebody decides. Nothing changes at Keycloak before that.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext as _

from portal.access import grant
from portal.actor import Actor
from portal.clients.connections_types import IdentityProvider
from portal.errors import Conflict, Invalid, NotFound
from portal.mail.texts import Texts, plain
from portal.sso import keycloak_config, letters, reading, saving
from portal.sso.certificates import Certificate, read_certificates
from portal.sso.changes import Change, oidc_changes, saml_changes
from portal.sso.guides import guide
from portal.sso.wizard_forms import MetadataForm
from portal.store import Store, connections, now
from portal.store.connections import ACTIVE
from portal.store.models_sso import Connection

SAML, LONGEST_SECRET = "saml", 2048
# What taking over may change: who answers and with which keys, not what the portal asks of it.
TAKEN = {
    SAML: (
        "idpEntityId", "singleSignOnServiceUrl", "singleLogoutServiceUrl", "postBindingAuthnRequest",
        "postBindingLogout", "signingCertificate", "wantAuthnRequestsSigned",
    ),
    "oidc": ("issuer", "authorizationUrl", "tokenUrl", "userInfoUrl", "jwksUrl", "logoutUrl"),
}  # fmt: skip


class Changed(Conflict):
    """Something else waits by now than what was looked at."""


@dataclass(frozen=True)
class Waiting:
    """What was read and not taken over yet."""

    config: dict[str, str]
    by: str
    changes: tuple[Change, ...]
    certificates: tuple[Certificate, ...]

    @property
    def mark(self) -> str:
        """Another one for anything else that could wait: what is taken over is what somebody has looked at."""
        text = json.dumps([self.config, [[each.kind, each.before, each.after] for each in self.changes]])
        return hashlib.sha256(text.encode()).hexdigest()


def current(actor: Actor, row: Connection) -> IdentityProvider:
    """The connection as Keycloak holds it. Raises `NotFound`."""
    granted = grant(actor, "sso.view", actor.here.id, row.alias)
    return actor.services.connections.get(granted, actor.here.id, row.alias)


def hand_over(actor: Actor, row: Connection, form: MetadataForm, uploaded: bytes) -> bool:
    """Read new metadata and keep it until somebody decides; False if it says what is known. Raises `Invalid`."""
    found = reading.read(actor, guide(row.guide), form, uploaded)
    if not differences(row.protocol, current(actor, row).config, found.config):
        return False
    keep(actor, row, found.config, actor.label, found.url)
    return True


def keep(actor: Actor, row: Connection, config: dict[str, str], by: str, url: str = "") -> None:
    """Let a reading wait for a decision."""
    waiting: dict[str, Any] = {"config": config, "by": by[:255], "at": now().isoformat()}
    values = {"metadata_url": url} if url else {}
    connections.change(actor.services.store, row, reading=waiting, **values)


def by_hand(store: Store, row: Connection) -> bool:
    """Whether somebody handed over what waits now, as against the nightly look."""
    present = connections.find(store, row.realm, row.organization, row.alias)
    return bool(present and present.reading and present.reading.get("by"))


def differences(protocol: str, before: Any, after: Any) -> tuple[Change, ...]:
    """What changed between two configurations, in words."""
    if protocol == SAML:
        return saml_changes(keycloak_config.saml_reading(before), keycloak_config.saml_reading(after))
    return oidc_changes(keycloak_config.oidc_reading(before), keycloak_config.oidc_reading(after))


def waiting(row: Connection, provider: IdentityProvider) -> Waiting | None:
    """What waits for a decision, compared with what is in force; None if nothing does."""
    config = (row.reading or {}).get("config")
    if not config:
        return None
    found = differences(row.protocol, provider.config, config)
    return Waiting(config, str(row.reading.get("by") or ""), found, certificates(config)) if found else None


def certificates(config: Any) -> tuple[Certificate, ...]:
    """The certificates that a configuration trusts; none where they cannot be read."""
    body = config.get("signingCertificate", "")
    try:
        return read_certificates(body) if body else ()
    except Invalid:
        return ()


def take_over(actor: Actor, row: Connection, seen: str, *, together: bool, secret: str = "") -> None:
    """Put what waits in force. `together`: the present certificates stay trusted beside the new ones.

    Raises `Conflict` when nothing waits any more, `Changed` when it is not what was `seen`, and `Invalid` for `secret`
    where it is needed. With the old ones still trusted nobody's sign-in can fail by it, so a passed test still counts;
    all else has to be tested again.
    """
    present = current(actor, row)
    found = waiting(row, present)
    if found is None:
        raise Conflict(_("Nothing waits to be taken over any more."))
    if found.mark != seen:
        raise Changed(_("Something else waits by now than what you looked at. Look at it again."))
    config = {key: found.config.get(key, "") for key in TAKEN[row.protocol]}
    if sends_secret_elsewhere(present, found):
        config["clientSecret"] = _entered(secret)
    if row.protocol == SAML and together:
        both = {each.fingerprint: each for each in (*certificates(found.config), *certificates(present.config))}
        config["signingCertificate"] = keycloak_config.trusted(tuple(both.values()))
    harmless = together and all(each.kind.startswith("certificate") for each in found.changes)
    _write(actor, row, config, harmless=harmless)
    if row.state == ACTIVE:
        _tell(actor, row, present.display_name or row.alias, found.mark)


def sends_secret_elsewhere(present: IdentityProvider, found: Waiting) -> bool:
    """Whether the client secret would go to a server that does not know it: whoever renews need not know it either."""
    if present.protocol == SAML or not present.config.get("clientSecret"):
        return False
    before, after = (urlsplit(config.get("tokenUrl", "")) for config in (present.config, found.config))
    return (before.scheme, before.netloc) != (after.scheme, after.netloc)


def _entered(secret: str) -> str:
    if not secret or len(secret.split()) != 1 or len(secret) > LONGEST_SECRET:
        raise Invalid({"secret": _("Enter the client secret: one word, as the identity provider shows it.")})
    return secret


def _tell(actor: Actor, row: Connection, name: str, mark: str) -> None:
    """Those who look after a live connection learn that somebody changed who may answer for their people."""

    def written(_: Texts, name: str) -> tuple[str, tuple[str, ...]]:
        return _("The metadata of %(name)s was replaced", name=name), (
            _("%(who)s put new metadata of your identity provider in force.", who=plain(actor.label)),
            _("Whoever controls it can sign in as any of your people. If you did not expect this, look at it now."),
        )

    letters.send(actor, row, name, f"replaced:{mark[:32]}", written)


def _write(actor: Actor, row: Connection, config: dict[str, str], *, harmless: bool) -> None:
    tested, waived = row.tested, row.waived_by_name
    saving.change(actor, row.alias, config=config, right="sso.renew")
    kept = {"tested": tested, "waived_by_name": waived} if harmless else {}
    connections.change(actor.services.store, row, reading={}, attention={}, checked=now(), **kept)


def drop_certificate(actor: Actor, row: Connection, fingerprint: str) -> Certificate:
    """Trust a certificate no more.

    Raises `NotFound`, `Conflict` for the last one, and before an answer signed with another one was seen.
    """
    present = certificates(current(actor, row).config)
    gone = _of(present, fingerprint)
    rest = tuple(each for each in present if each.fingerprint != fingerprint)
    if not rest:
        raise Conflict(_("This is the only certificate. Hand over the new one first."))
    if gone.days_left() >= 0 and not {each.fingerprint for each in rest} & signers(actor, row):
        raise Conflict(_("Test a sign-in first: no answer signed with the new certificate was seen yet."))
    _write(actor, row, {"signingCertificate": keycloak_config.trusted(rest)}, harmless=True)
    return gone


def certificate(actor: Actor, row: Connection, fingerprint: str) -> Certificate:
    """A certificate that the connection trusts. Raises `NotFound`."""
    return _of(certificates(current(actor, row).config), fingerprint)


def _of(present: tuple[Certificate, ...], fingerprint: str) -> Certificate:
    for each in present:
        if each.fingerprint == fingerprint:
            return each
    raise NotFound("no certificate of this connection")


def signers(actor: Actor, row: Connection) -> set[str]:
    """Fingerprints of the certificates with which answers to passed tests were signed."""
    from portal.sso import trial_report, trial_rows
    from portal.store import trials

    found: set[str] = set()
    for each in trials.of_connection(actor.services.store, actor.realm.name, row.alias, 20):
        seen = trial_report.judgement_of(trial_rows.report_of(actor.services, each))
        found |= set(seen.signers) if seen else set()
    return found


def discard(actor: Actor, row: Connection) -> None:
    """Forget what waits."""
    connections.change(actor.services.store, row, reading={})
