"""Which server and which extensions are there, and what is known of their versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portal.doctor import versions
from portal.doctor.finding import Finding, advice, ok, problem, unknown
from portal.doctor.probe import Probe

OLDEST = (26, 0)
# A part of the organizations extension that tells its version to the server.
TELLING = "ext-auth-home-idp-discovery"


def check(probe: Probe) -> Iterator[Finding]:
    """Versions and extensions."""
    yield from _version(probe, probe.extension)
    yield _extension(probe.extension, _organizations(probe.server), "organization pages stay off; the profile works")
    yield _extension(_present(probe, "attributes"), "events extension", "realm settings are written as a whole")


def _present(probe: Probe, path: str) -> bool:
    return probe.status(f"{probe.realm.base}/{path}") not in {0, 404}


def _organizations(info: dict[str, Any]) -> str:
    return f"organizations extension {extension_version(info)}".strip()


def _extension(present: bool, name: str, without: str) -> Finding:
    return ok("extension", f"the {name} is there" if present else f"there is no {name}: {without}")


def extension_version(info: dict[str, Any]) -> str:
    """The version of the organizations extension; empty where the server does not tell (GET /admin/serverinfo)."""
    steps = ((info.get("providers") or {}).get("authenticator") or {}).get("providers") or {}
    return str(((steps.get(TELLING) or {}).get("operationalInfo") or {}).get("Version") or "")


def _version(probe: Probe, organizations: bool) -> Iterator[Finding]:
    text = str((probe.server.get("systemInfo") or {}).get("version") or "")
    version = versions.parsed(text)
    if not version:
        mend = "portal doctor --username ADMIN"
        yield unknown("version", "the server's version shows to administrators alone", mend)
        return
    if version < OLDEST:
        yield problem("version", f"Keycloak {text} is too old", "run Keycloak 26 or newer")
        return
    extension = extension_version(probe.server)
    wanted = versions.together(version, versions.parsed(extension)) if organizations else ""
    if wanted:
        told = f"organizations extension {extension}".strip()
        mend = f"run the extension from version {wanted} on, or the server version that yours names"
        yield advice("version", f"{told} fails on Keycloak {text}; from {wanted} on it works", mend)
    else:
        yield ok("version", f"Keycloak {text}")
    yield from _flaws(probe, text, version)


def _flaws(probe: Probe, text: str, version: versions.Version) -> Iterator[Finding]:
    """Known flaws: on a public address a problem, on a machine of one's own worth knowing."""
    found = versions.flaws(version)
    if not found:
        return
    named = "; ".join(f"{flaw.id}: {flaw.what}" for flaw in found)
    said = f"Keycloak {text} has known flaws (as of {versions.facts()['read']}): {named}"
    mend = f"run Keycloak {versions.shown(versions.mended_in(version))} or newer"
    yield (problem if probe.public else advice)("version", said, mend)
