"""The person's sessions: seeing and ending them."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.actor import Actor
from portal.audit import audited
from portal.clients.account_access import Device
from portal.errors import Conflict, NotFound


def devices(actor: Actor) -> list[Device]:
    """All sessions, this one first, then the latest. Raises `Denied`, `SessionEnded`, `Upstream`."""
    return actor.account.devices()


def find(actor: Actor, session_id: str) -> Device:
    """One of the actor's own sessions. Keycloak says yes to any id, so an unknown one is refused here: `NotFound`."""
    for device in devices(actor):
        if device.id == session_id:
            return device
    raise NotFound("no such session of this person")


def other(actor: Actor, session_id: str) -> Device:
    """One of the actor's other sessions. Raises `NotFound`, and `Conflict` for the present one."""
    device = find(actor, session_id)
    if device.current:
        raise Conflict(_("This is the device you are using. Sign out instead."))
    return device


def end(actor: Actor, session_id: str) -> Device:
    """End one other session; returns what it was, once it is seen to be gone. Raises `NotFound`, `Conflict`."""
    device = other(actor, session_id)
    before = {"browser": device.browser, "os": device.os, "ip_address": device.ip_address}
    with audited(actor, "devices.end", target=session_id, before=before):
        actor.account.end_session(session_id)
        if any(each.id == session_id for each in devices(actor)):
            raise Conflict(_("This device is still signed in. Try again."))
    return device


def end_others(actor: Actor) -> tuple[int, int]:
    """End every session but this one; returns how many are seen to be gone, and how many are still there."""
    before = devices(actor)
    others = [device.id for device in before if not device.current]
    if not others:
        return 0, 0
    with audited(actor, "devices.end", target="others", before={"count": len(others)}) as record:
        # Of a session with offline access Keycloak would spare one half and end the other, and with it the whole.
        if any(device.current and device.offline_access for device in before):
            for session_id in others:
                actor.account.end_session(session_id)
        else:
            actor.account.end_other_sessions()
        left = {device.id for device in devices(actor)}.intersection(others)
        record.after["count"] = len(others) - len(left)
    return len(others) - len(left), len(left)


def name_of(device: Device) -> str:
    """What to call a device ("Chrome 156 on Linux")."""
    browser, _slash, version = device.browser.partition("/")
    browser = " ".join(part for part in (browser, version.partition(".")[0]) if part)
    system = " ".join(part for part in (device.os, device.os_version) if part)
    if browser and system:
        return _("%(browser)s on %(system)s", browser=browser, system=system)
    return browser or system or _("Unknown device")
