"""Rows of the table about the settings of a realm, for those who run it."""

from __future__ import annotations

from portal.access_row import BOTH, MINUTES, Right, Scope, Via, any_of

SEE = {"view-realm"}
CHANGE = {"view-realm", "manage-realm"}
ORGANIZATIONS = {"view-realm", "view-organizations", "manage-organizations"}
FRESH = 15 * MINUTES

REALM_RIGHTS: tuple[Right, ...] = (
    Right("overview.view", Scope.REALM, realm=any_of(SEE), via=Via.READ),
    Right("overview.organizations", Scope.REALM, realm=any_of(ORGANIZATIONS), sections=("org",), via=Via.OWN),
    Right(
        "overview.mend", Scope.REALM, realm=any_of(CHANGE), fresh=FRESH, via=Via.OPERATOR, writes=True,
        audit="overview.mend", limit="30/minute", plain=True,
    ),
    Right("settings.view", Scope.REALM, realm=any_of(SEE), via=Via.NONE, faces=BOTH),
    Right("settings.confirm", Scope.REALM, realm=any_of(CHANGE), via=Via.NONE, plain=True, limit="60/minute"),
    Right("settings.finish", Scope.PUBLIC, plain=True, limit="60/minute"),
    Right(
        "settings.save", Scope.REALM, realm=any_of(CHANGE), fresh=FRESH, via=Via.OPERATOR, writes=True,
        audit="settings.save", limit="60/minute", faces=BOTH,
    ),
    Right(
        "settings.style", Scope.REALM, realm=any_of(CHANGE), fresh=FRESH, via=Via.OPERATOR, writes=True,
        audit="settings.save", limit="60/minute", plain=True, faces=BOTH,
    ),
)  # fmt: skip
