"""Which server and which extensions are there, and what is known of their versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _

from portal.doctor import versions
from portal.doctor.finding import Finding, advice, ok, problem, unknown
from portal.doctor.known import READ
from portal.doctor.probe import Probe

OLDEST = (26, 0)
# A part of the organizations extension that tells its version to the server.
TELLING = "ext-auth-home-idp-discovery"


def check(probe: Probe) -> Iterator[Finding]:
    """Versions and extensions."""
    yield from _version(probe, probe.extension)
    yield ok("extension", _organizations(probe))
    if _present(probe, "attributes"):
        yield ok("extension", _("the events extension is there"))
    else:
        yield ok("extension", _("there is no events extension: realm settings are written as a whole"))


def _present(probe: Probe, path: str) -> bool:
    return probe.status(f"{probe.realm.base}/{path}") not in {0, 404}


def _organizations(probe: Probe) -> str:
    if not probe.extension:
        return _("there is no organizations extension: organization pages stay off; the profile works")
    version = extension_version(probe.server)
    if not version:
        return _("the organizations extension is there")
    return _("the organizations extension %(version)s is there", version=version)


def extension_version(info: dict[str, Any]) -> str:
    """The version of the organizations extension; empty where the server does not tell (GET /admin/serverinfo)."""
    steps = ((info.get("providers") or {}).get("authenticator") or {}).get("providers") or {}
    return str(((steps.get(TELLING) or {}).get("operationalInfo") or {}).get("Version") or "")


def _version(probe: Probe, organizations: bool) -> Iterator[Finding]:
    text = str((probe.server.get("systemInfo") or {}).get("version") or "")
    version = versions.parsed(text)
    if not version:
        mend = "portal doctor --username ADMIN"
        yield unknown("version", _("the server's version shows to administrators alone"), mend)
        return
    if version < OLDEST:
        yield problem("version", _("Keycloak %(version)s is too old", version=text), _("run Keycloak 26 or newer"))
        return
    extension = extension_version(probe.server)
    wanted = versions.together(version, versions.parsed(extension)) if organizations else ""
    if wanted:
        mend = _("run the extension from version %(wanted)s on, or the server version that yours names", wanted=wanted)
        yield advice("version", _together(extension, text, wanted), mend)
    else:
        yield ok("version", f"Keycloak {text}")
    yield from _flaws(probe, text, version)


def _together(extension: str, version: str, wanted: str) -> str:
    said = _("the organizations extension fails on Keycloak %(version)s; from %(wanted)s on it works",
             version=version, wanted=wanted)  # fmt: skip
    return f"{said} ({extension})" if extension else said


def _flaws(probe: Probe, text: str, version: versions.Version) -> Iterator[Finding]:
    """Known flaws: on a public address a problem, on a machine of one's own worth knowing."""
    found = versions.flaws(version)
    if not found:
        return
    named = "; ".join(f"{flaw.id}: {flaw.what}" for flaw in found)
    said = _(
        "Keycloak %(version)s has known flaws (as of %(day)s): %(named)s",
        version=text,
        day=READ,
        named=named,
    )
    mend = _("run Keycloak %(version)s or newer", version=versions.shown(versions.mended_in(version)))
    yield (problem if probe.public else advice)("version", said, mend)
