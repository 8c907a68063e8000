"""What was seen of an answer of an identity provider, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from portal.sso.faults import Finding
from portal.sso.weaknesses import BAD

LONGEST = 1000
MOST_ATTRIBUTES, MOST_VALUES = 200, 50
MASK = "••••••"
_SECRET = re.compile(r"passw|secret|pwd|token|hash|private|otp|pin$|ssn", re.I)
_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")

OK, WRONG, UNSEEN = "ok", "bad", "unseen"


@dataclass(frozen=True)
class Check:
    """One thing that was compared. `name` is signature, issuer, audience, recipient, times, status or nonce."""

    name: str
    outcome: str
    expected: str = ""
    found: str = ""


@dataclass(frozen=True)
class Attribute:
    """One attribute or claim with its values, those of secrets masked."""

    name: str
    values: tuple[str, ...]
    friendly_name: str = ""


@dataclass(frozen=True)
class Judgement:
    """The whole of it. `document` is pretty and masked; `skew` is their clock minus ours in seconds, if known.

    `verified`: what is shown was signed by a trusted key. `signers` are fingerprints or key ids.
    """

    protocol: str
    document: str
    checks: tuple[Check, ...] = ()
    findings: tuple[Finding, ...] = ()
    subject: str = ""
    subject_format: str = ""
    email: str = ""
    attributes: tuple[Attribute, ...] = ()
    verified: bool = False
    signers: tuple[str, ...] = ()
    skew: int | None = None

    @property
    def passed(self) -> bool:
        """Whether a sign-in with this answer would be let in."""
        return self.verified and not any(each.severity == BAD for each in self.findings)


def attribute(name: str, values: Iterable[str], friendly_name: str = "") -> Attribute:
    """An attribute within the limits; what its name calls a secret is masked."""
    kept = tuple(value[:LONGEST] for value, _place in zip(values, range(MOST_VALUES), strict=False))
    secret = _SECRET.search(f"{name} {friendly_name}")
    return Attribute(name[:LONGEST], (MASK,) * len(kept) if secret else kept, friendly_name[:LONGEST])


def is_secret(name: str) -> bool:
    """Whether the name says that the value is nobody's business."""
    return bool(_SECRET.search(name))


def address_findings(email: str, seen: str, domains: frozenset[str]) -> Iterator[Finding]:
    """Faults of the address: missing (`seen` says what came instead), none, or outside `domains` (empty: any)."""
    if not email:
        yield Finding("email-missing", seen)
    elif not _ADDRESS.fullmatch(email):
        yield Finding("email-invalid", email[:LONGEST])
    elif domains and email.rpartition("@")[2].lower() not in domains:
        yield Finding("domain-foreign", email)
