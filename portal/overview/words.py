"""States in words."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.doctor.finding import State
from portal.overview.organizations import ATTENTION, BEGUN, INVITED, NOTHING, READY


def organization_states() -> dict[str, tuple[str, str]]:
    """Kind of badge and word, by state of an organization's set-up."""
    return {
        ATTENTION: ("bad", _("Needs attention")), INVITED: ("note", _("Link is out")), BEGUN: ("warn", _("Begun")),
        READY: ("ok", _("Set up")), NOTHING: ("", _("Nothing yet")),
    }  # fmt: skip


def finding_states() -> dict[str, tuple[str, str]]:
    """Kind of badge and word, by state of a finding."""
    return {
        State.PROBLEM.value: ("bad", _("Problem")), State.FAILED.value: ("bad", _("Could not be checked")),
        State.ADVICE.value: ("warn", _("Advice")), State.UNKNOWN.value: ("", _("Not visible")),
        State.OK.value: ("ok", _("Fine")),
    }  # fmt: skip


def checks() -> dict[str, str]:
    """What the page calls a check of doctor, by the name it has at the command line."""
    return {
        "reach": _("Keycloak answers"), "issuer": _("Issuer"), "endpoints": _("Endpoints"), "pkce": _("PKCE"),
        "clock": _("Clock"), "version": _("Version"), "extension": _("Extensions"), "open paths": _("Open paths"),
        "configuration": _("Configuration"), "client": _("Sign-in client"), "redirect": _("Redirect address"),
        "service account": _("Service accounts"), "service rights": _("Rights of service accounts"),
        "test sign-ins": _("Test sign-ins"), "operators": _("Operators"), "realm": _("Realm"),
        "events": _("Events"), "event listeners": _("Event listeners"), "required actions": _("Required actions"),
        "mail": _("Mail"), "attributes": _("Settings of the realm"), "languages": _("Languages"),
        "organizations": _("Organizations"), "home-realm discovery": _("Way to the identity provider"),
        "connections": _("Connections"), "setup links": _("Setup links"), "clients": _("Clients"), "demo": _("Demo"),
        "worker": _("Background work"), **_rooms(),
    }  # fmt: skip


def _rooms() -> dict[str, str]:
    """Checks that broke off are named by their part of doctor."""
    return {
        "server": _("Version"), "edge": _("Open paths"), "service": _("Service accounts"),
        "routing": _("Way to the identity provider"), "links": _("Setup links"), "administrator": _("Clients"),
    }  # fmt: skip


def connection_states() -> dict[str, tuple[str, str]]:
    """Kind of badge and word, by state of a connection."""
    return {"active": ("ok", _("Active")), "draft": ("warn", _("Draft")), "disabled": ("", _("Switched off"))}
