"""For each route about oneself the request of somebody entitled; what is refused differs from it in one thing.

Names in braces are what `holdings.Holdings` has. A route without a twin fails test_gate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Twin:
    """`method` and path below the realm, form or JSON, and the status somebody entitled gets."""

    method: str
    path: str
    status: int = 200
    form: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, object] = field(default_factory=dict)

    @property
    def holds(self) -> str:
        """The one thing of the holder's that the path names; empty if it names none."""
        return self.path.partition("{")[2].partition("}")[0]


YES = {"confirm": "yes"}
NAMES = {"attr.firstName": "Other", "attr.lastName": "Holder", "attr.email": "{email}"}
ADDRESS = "security/two-factor"

HTML: dict[str, Twin] = {
    "home.show": Twin("GET", "", 302),
    "home.permissions": Twin("GET", "permissions"),
    "help.index": Twin("GET", "help"),
    "help.show": Twin("GET", "help/members"),
    "signin.sign_out": Twin("POST", "signout", 303),
    "preferences.theme": Twin("POST", "preferences/theme", 303, {"theme": "dark"}),
    "preferences.language": Twin("POST", "preferences/language", 303, {"locale": "de"}),
    "profile.show": Twin("GET", "profile"),
    "profile.save": Twin("POST", "profile", 303, NAMES),
    "profile.undo": Twin("POST", "profile/undo/{record}", 303),
    "profile.email": Twin("GET", "profile/email", 302),
    "profile.email_done": Twin("GET", "profile/email/done", 303),
    "security.show": Twin("GET", "security"),
    "security.password": Twin("GET", "security/password", 302),
    "security.password_done": Twin("GET", "security/password/done", 303),
    "security.add_factor": Twin("GET", f"{ADDRESS}/app/add", 302),
    "security.remove_factor": Twin("GET", f"{ADDRESS}/{{method}}/remove"),
    "security.removing_factor": Twin("GET", f"{ADDRESS}/{{method}}/removing", 302),
    "security.factor_done": Twin("GET", f"{ADDRESS}/done", 303),
    "security.add_passkey": Twin("GET", "security/passkey/add", 302),
    "security.remove_passkey": Twin("GET", "security/passkey/{passkey}/remove"),
    "security.removing_passkey": Twin("GET", "security/passkey/{passkey}/removing", 302),
    "security.passkey_done": Twin("GET", "security/passkey/done", 303),
    "security.naming": Twin("GET", "security/methods/{method}/rename"),
    "security.rename": Twin("POST", "security/methods/{method}/rename", 303, {"name": "Old phone"}),
    "devices.show": Twin("GET", "devices"),
    "devices.ending": Twin("GET", "devices/{session}/end"),
    "devices.end": Twin("POST", "devices/{session}/end", 303, YES),
    "devices.ending_others": Twin("GET", "devices/others/end"),
    "devices.end_others": Twin("POST", "devices/others/end", 303, YES),
    "activity.show": Twin("GET", "activity"),
    "linked.show": Twin("GET", "linked"),
    "linked.link": Twin("GET", "linked/{linkable}/link", 302),
    "linked.link_done": Twin("GET", "linked/done", 303),
    "linked.unlinking": Twin("GET", "linked/{linked}/unlink"),
    "linked.unlink": Twin("POST", "linked/{linked}/unlink", 303, YES),
    "applications.show": Twin("GET", "applications"),
    "applications.revoking": Twin("GET", "applications/revoke/{consent}"),
    "applications.revoke": Twin("POST", "applications/revoke/{consent}", 303, YES),
    "data.show": Twin("GET", "data"),
    "data.download": Twin("GET", "data/download"),
    "data.deleting": Twin("GET", "data/delete"),
    "data.delete": Twin("POST", "data/delete", 200, {"username": "{username}", "confirm": "yes"}),
    "data.leave": Twin("GET", "data/delete/leave", 302),
    "data.stayed": Twin("GET", "data/stayed", 303),
}

JSON: dict[str, Twin] = {
    "api.getProfile": Twin("GET", "profile"),
    "api.changeProfile": Twin("PATCH", "profile", json={"attributes": {"firstName": "Other"}}),
    "api.undoProfileChange": Twin("POST", "profile/changes/{record}/undo"),
    "api.listSignInMethods": Twin("GET", "sign-in-methods"),
    "api.renameSignInMethod": Twin("PATCH", "sign-in-methods/{method}", 204, json={"name": "Old phone"}),
    "api.listSessions": Twin("GET", "sessions"),
    "api.endSession": Twin("DELETE", "sessions/{session}", 204),
    "api.endOtherSessions": Twin("DELETE", "sessions", 204),
    "api.listLinkedAccounts": Twin("GET", "linked-accounts"),
    "api.unlinkAccount": Twin("DELETE", "linked-accounts/{linked}", 204),
    "api.listApplications": Twin("GET", "applications"),
    "api.revokeAccess": Twin("DELETE", "applications/{consent}/access", 204),
    "api.listActivity": Twin("GET", "activity"),
    "api.getData": Twin("GET", "data"),
    "api.listPermissions": Twin("GET", "permissions"),
}

# Routes for everybody: the path, and what a stranger gets. None of them may write at Keycloak.
PUBLIC: dict[str, tuple[str, str, int]] = {
    "site.root": ("GET", "/", 302),
    "site.healthz": ("GET", "/healthz", 200),
    "site.readyz": ("GET", "/readyz", 200),
    "site.figures": ("GET", "/metrics", 200),
    "site.favicon": ("GET", "/favicon.ico", 404),
    "site.robots": ("GET", "/robots.txt", 200),
    "assets.file": ("GET", "/static/nothing.css", 404),
    "signin.start": ("GET", "/demo/signin", 302),
    "signin.confirm": ("GET", "/demo/signin/confirm", 302),
    "signin.through": ("GET", "/demo/signin/through", 302),
    "signin.callback": ("GET", "/demo/signin/callback", 400),
    "signin.signed_out": ("GET", "/demo/signed-out", 200),
    "signin.backchannel_logout": ("POST", "/demo/signin/backchannel-logout", 400),
    "settings.callback": ("GET", "/demo/settings/callback", 400),
    "styles.sheet": ("GET", "/demo/branding/0.css", 200),
    "styles.colors": ("GET", "/demo/branding/0/colors.css", 200),
    "styles.picture": ("GET", "/demo/branding/logo-0", 404),
    "styles.organization_sheet": ("GET", "/demo/branding/organization/1b5e20-filled.css", 200),
    "answers.show": ("GET", "/demo/invitation", 410),
    "answers.sign_in": ("GET", "/demo/invitation/sign-in", 410),
    "answers.register": ("GET", "/demo/invitation/register", 404),
    "newcomers.join": ("POST", "/demo/invitation/join", 403),
    "newcomers.password": ("POST", "/demo/invitation/password", 403),
    "newcomers.joined": ("GET", "/demo/invitation/joined", 410),
    "launch.show": ("GET", "/portal/launch?token=none", 404),
    "launch.begin": ("POST", "/portal/launch/begin", 403),
    "launch.code": ("POST", "/portal/launch/code", 403),
    "launch.ask": ("POST", "/portal/launch/ask", 404),
    "tries.show": ("GET", "/demo/sso/test/open/none", 410),
    "tries.begin": ("POST", "/demo/sso/test/open/none/begin", 410),
    "tries.ready": ("GET", "/demo/sso/test", 410),
    "tries.go": ("GET", "/demo/sso/test/go", 410),
    "tries.callback": ("GET", "/demo/sso/test/callback", 410),
    "tries.own": ("GET", "/demo/sso/test/own", 410),
    "tries.oidc": ("GET", "/demo/sso/test/oidc", 410),
    "tries.acs": ("POST", "/demo/sso/test/acs", 404),
    "api.describe": ("GET", "/demo/api/v1/openapi.json", 200),
    "api.reference": ("GET", "/demo/api/v1/reference", 200),
    "api.listIntents": ("GET", "/demo/api/v1/intents", 200),
}
