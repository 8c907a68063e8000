"""With an administrator's credential: everything connect would change, and what only administrators see."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from portal.connect import plan
from portal.connect.changes import Change, Level
from portal.connect.wanted import Target
from portal.doctor.finding import Finding, advice, ok, problem, unknown
from portal.doctor.probe import Probe

KINDS = ("read", "api", "setup", "accounts")
BACKCHANNEL = "backchannel.logout.url"


def check(probe: Probe) -> Iterator[Finding]:
    """The clients exactly: rights, redirect addresses, PKCE, lightweight tokens, back-channel logout."""
    if probe.found is None:
        text = _("client settings, exact rights and lightweight tokens show to administrators alone")
        yield unknown("clients", text, "portal doctor --username ADMIN")
        return
    prefix, realm = probe.realm.client_id, probe.realm
    names = [realm.read_client_id, realm.api_client_id, realm.setup_client_id]
    names += [realm.accounts_client_id] if realm.accounts_client_secret else []
    if any(name != f"{prefix}-{kind}" for name, kind in zip(names, KINDS, strict=False)):
        yield unknown("clients", "the clients have names of their own choosing; their settings were not compared")
        return
    target = Target(probe.realm.name, probe.settings.public_url, backchannel(probe, prefix), prefix)
    changes = plan.plan(probe.found, target)
    for change in changes:
        yield from _finding(probe, change)
    if not any(change.key != "realm" and change.level is not Level.RECOMMENDED for change in changes):
        yield ok("clients", "the portal's clients are exactly as they should be")


def _finding(probe: Probe, change: Change) -> Iterator[Finding]:
    if change.key == "realm":
        yield advice("sign-ins", change.title, f"{probe.connect_command} --class sign-ins")
    elif change.level is Level.RECOMMENDED:
        yield advice("recommended", change.title, f"{probe.connect_command} --class recommended")
    else:
        yield problem("clients", change.title, "; ".join(change.kcadm(probe.realm.name)))


def backchannel(probe: Probe, client_id: str) -> str:
    """The portal's address for back-channel logout: another host is right where Keycloak reaches the portal by it."""
    client = probe.found.client(client_id) if probe.found else None
    address = str(((client or {}).get("attributes") or {}).get(BACKCHANNEL, ""))
    ending = f"/{probe.realm.name}/signin/backchannel-logout"
    return address.removesuffix(ending) if address.endswith(ending) else probe.settings.public_url
