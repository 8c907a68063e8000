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


def connection_states() -> dict[str, tuple[str, str]]:
    """Kind of badge and word, by state of a connection."""
    return {"active": ("ok", _("Active")), "draft": ("warn", _("Draft")), "disabled": ("", _("Switched off"))}
