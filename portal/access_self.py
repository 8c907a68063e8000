"""Rows of the table about oneself, and of what is open to everybody."""

from __future__ import annotations

from portal.access_row import BOTH, MINUTES, Right, Scope, Via, any_of

SEE = {"view-profile"}
CHANGE = {"view-profile", "manage-account"}

SELF_RIGHTS: tuple[Right, ...] = (
    Right("health.read", Scope.PUBLIC, plain=True),
    Right("metrics.read", Scope.PUBLIC, plain=True),
    Right("assets.read", Scope.PUBLIC, plain=True),
    Right("entry.open", Scope.PUBLIC, plain=True),
    Right("home.open", Scope.SELF),
    Right("branding.read", Scope.PUBLIC, plain=True),
    Right("api.describe", Scope.PUBLIC, plain=True),
    Right("permissions.read", Scope.SELF, faces=BOTH),
    Right("help.read", Scope.SELF),
    Right("signin.start", Scope.PUBLIC, plain=True, limit="120/minute"),
    Right("signin.finish", Scope.PUBLIC, plain=True, limit="120/minute"),
    Right("signin.backchannel_logout", Scope.PUBLIC, writes=True, plain=True, limit="600/minute"),
    Right("signin.confirm", Scope.PUBLIC, plain=True, limit="120/minute"),
    Right("signin.signed_out", Scope.PUBLIC, plain=True),
    Right("signout", Scope.SELF, via=Via.OWN, writes=True, audit="session.signout", plain=True),
    Right("preferences.set", Scope.SELF, via=Via.OWN, writes=True),
    Right("profile.view", Scope.SELF, any_of(SEE), ("profile",), via=Via.OWN, faces=BOTH),
    Right(
        "profile.edit", Scope.SELF, any_of(CHANGE), ("profile",), via=Via.OWN, writes=True, audit="profile.edit",
        limit="60/minute", faces=BOTH,
    ),
    Right(
        "profile.change_email", Scope.SELF, any_of(CHANGE), ("profile",), action="UPDATE_EMAIL", via=Via.OWN,
        audit="profile.change_email", plain=True,
    ),
    Right("security.view", Scope.SELF, any_of(SEE), ("profile",), via=Via.OWN, faces=BOTH),
    Right(
        "security.password", Scope.SELF, any_of(CHANGE), ("profile", "profile.password"), action="UPDATE_PASSWORD",
        via=Via.OWN, audit="security.password", plain=True,
    ),
    Right(
        "security.twofactor", Scope.SELF, any_of(CHANGE), ("profile", "profile.twofactor"),
        via=Via.OWN, audit="security.twofactor", plain=True,
    ),
    Right(
        "security.passwordless", Scope.SELF, any_of(CHANGE), ("profile", "profile.passwordless"),
        via=Via.OWN, audit="security.passwordless", plain=True,
    ),
    Right(
        "security.rename", Scope.SELF, any_of(CHANGE), ("profile",), via=Via.OWN, writes=True,
        audit="security.rename", limit="60/minute", faces=BOTH,
    ),
    Right("devices.view", Scope.SELF, any_of(SEE), ("profile", "profile.activity"), via=Via.OWN, faces=BOTH),
    Right(
        "devices.end", Scope.SELF, any_of(CHANGE), ("profile", "profile.activity"), via=Via.OWN, writes=True,
        audit="devices.end", limit="60/minute", plain=True, faces=BOTH,
    ),
    Right("activity.view", Scope.SELF, any_of(SEE), ("profile", "profile.activity"), via=Via.READ, faces=BOTH),
    Right("linked.view", Scope.SELF, any_of(SEE), ("profile", "profile.linked"), via=Via.OWN, faces=BOTH),
    Right(
        "linked.link", Scope.SELF, any_of({*SEE, "manage-account-links"}), ("profile", "profile.linked"),
        action="idp_link", via=Via.OWN, audit="linked.link", plain=True,
    ),
    Right(
        "linked.unlink", Scope.SELF, any_of({*CHANGE, "manage-account-links"}), ("profile", "profile.linked"),
        fresh=15 * MINUTES, via=Via.OWN, writes=True, audit="linked.unlink", limit="30/minute", plain=True, faces=BOTH,
    ),
    Right(
        "applications.view", Scope.SELF, any_of({"view-applications"}, {"manage-account"}), ("profile",),
        via=Via.OWN, faces=BOTH,
    ),
    Right(
        "applications.revoke", Scope.SELF, any_of({"view-applications", "manage-consent"}, {"manage-account"}),
        ("profile",), via=Via.OWN, writes=True, audit="applications.revoke", limit="30/minute", plain=True, faces=BOTH,
    ),
    Right(
        "data.download", Scope.SELF, any_of(SEE), ("profile",), fresh=15 * MINUTES, via=Via.OWN,
        audit="data.download", limit="10/minute", plain=True, faces=BOTH,
    ),
    Right(
        "account.delete", Scope.SELF, any_of({*CHANGE, "delete-account"}), ("profile",), action="delete_account",
        fresh=5 * MINUTES, via=Via.OWN, writes=True, audit="account.delete", limit="10/minute", plain=True,
    ),
)  # fmt: skip
