"""One route, the requests that are sent to it, and what each of them must come to."""

from __future__ import annotations

import re
import time
import uuid

import requests
from cast import Client, age
from holdings import Holdings, make_holder
from proxy import Call
from recorder import Recorder
from stack import Stack
from twins import Twin

from portal.access import Right, Scope, Via

# Asking for tokens and about tokens, the realm's own settings, and an operator's roles: nobody's data.
HOUSEKEEPING = re.compile(
    r"/protocol/openid-connect/|/\.well-known/|"
    r"^/admin/realms/[^/]+(/authentication/required-actions|/localization/[\w-]+)?$|"
    # Whether somebody is an operator, and the id of the client whose roles say so.
    r"^/admin/realms/[^/]+/users/[^/]+/role-mappings(/clients/[^/]+/composite)?$"
)
# Facts that decide: where somebody belongs, and what no person's own token can read: roles, the address of an id, and
# by which kinds of credentials somebody gets in; and who comes in by an identity provider.
FACTS = re.compile(
    r"^/admin/realms/[^/]+/users/[^/]+(/role-mappings.*|/credentials)?$|"
    r"^/admin/realms/[^/]+/users$|"
    r"^/realms/[^/]+/(users/[^/]+/orgs/[^/]+/roles|orgs/me)$"
)
EVENTS = re.compile(r"^/admin/realms/\w+/events$")


class Door:
    """One route, and the requests that are sent to it."""

    def __init__(self, stack: Stack, recorder: Recorder, twin: Twin, holdings: Holdings) -> None:
        self.stack, self.recorder, self.twin, self.holdings = stack, recorder, twin, holdings
        self.path = twin.path.format_map(holdings)
        self.form = {key: value.format_map(holdings) for key, value in twin.form.items()}

    def send(self, client: Client, path: str = "", token: str | None = None, **headers: str) -> requests.Response:
        """The twin's request with this client's cookie and form token."""
        data = dict(self.form)
        if self.twin.method == "POST":
            data["csrf_token"] = client.token() if token is None else token
        head = {"Origin": self.stack.portal_url, "Sec-Fetch-Site": "same-origin"} if data else {}
        return client.http.request(
            self.twin.method, client.url(f"/{client.realm}/{path or self.path}"), data=data or None,
            headers={**head, **headers}, allow_redirects=False, timeout=30,
        )  # fmt: skip

    def refused(self, answer: requests.Response, status: int, reason: str = "") -> None:
        """The answer is this refusal, for this reason in the log, and nothing was written at Keycloak."""
        assert answer.status_code == status, (reason, answer.text[:500])
        assert [call for call in self.recorder.of(answer) if call.writes] == []
        if reason:
            assert reason in self.stack.refusal(answer.headers["X-Request-ID"])

    @property
    def get(self) -> bool:
        return self.twin.method == "GET"


def check_strangers(door: Door) -> None:
    answer = door.send(Client(door.stack))
    door.refused(answer, 302 if door.get else 401, "nobody is signed in")
    if door.get:
        assert answer.headers["Location"].startswith("/demo/signin?next=")


def check_forms(door: Door, bare: Client) -> None:
    """C1, C3, C4: a form of ours, from a page of ours, of this very session."""
    own = door.holdings.browser
    door.refused(door.send(own, token=""), 403, "csrf: token")
    door.refused(door.send(own, token=bare.token()), 403, "csrf: token")
    door.refused(door.send(own, Origin="https://evil.test"), 403, "csrf: origin")
    door.refused(door.send(own, Origin="null"), 403, "csrf: origin")
    door.refused(door.send(own, **{"Sec-Fetch-Site": "cross-site", "HX-Request": "true"}), 403, "csrf: site")


def check_ids(door: Door, stack: Stack) -> None:
    """U7: what is another's, unknown, or no id at all is not there."""
    name = door.twin.holds
    mine = door.holdings[name]
    for other in (uuid.uuid4().hex, str(uuid.uuid4()), "..%2f..%2fusers", "%00", "x" * 300):
        door.refused(door.send(door.holdings.browser, door.path.replace(mine, other)), 404)
    if name not in {"linked", "linkable", "consent"}:
        foreign = Holdings(make_holder(stack))[name]
        door.refused(door.send(door.holdings.browser, door.path.replace(mine, foreign)), 404)


def check_age(door: Door) -> None:
    """T15: an old sign-in leads to a new one."""
    someone = door.holdings.someone
    age(door.stack, someone, auth_time=int(time.time()) - 3600)
    answer = door.send(door.holdings.browser)
    door.refused(answer, 302 if door.get else 403)
    assert "/signin/confirm?" in (answer.headers["Location"] if door.get else answer.text)
    age(door.stack, someone, auth_time=int(time.time()))


def check_success(door: Door, right: Right) -> None:
    answer = door.send(door.holdings.browser)
    assert answer.status_code == door.twin.status, (door.stack.refusal(answer.headers["X-Request-ID"]), answer.text)
    check_tokens(right, door.recorder.of(answer), "portal")


def check_tokens(right: Right, calls: list[Call], own: str) -> None:
    """Whose token made the calls is what the row says (S2)."""
    data = [call for call in calls if not HOUSEKEEPING.search(call.path)]
    if right.scope in {Scope.ORG, Scope.REALM} or right.name.startswith("invitations."):
        data = [call for call in data if call.writes or not FACTS.match(call.path)]
    # Doctor looks with whatever the portal has, and without anything; it writes with the operator's own token alone.
    looks = right.name.startswith("overview.")
    used = {call.client for call in data if call.writes or not looks}
    wanted = {
        Via.NONE: set(), Via.OWN: {own}, Via.READ: {"portal-read"}, Via.SETUP: {own, "portal-setup"},
        Via.OPERATOR: {"portal-operator"},
    }[right.via]  # fmt: skip
    if right.name == "data.download":
        # The copy of one's data holds one's events too, which only the reader can see.
        used -= {call.client for call in data if EVENTS.match(call.path)}
    assert used <= wanted, data
    assert right.via is not Via.READ or used or looks, "nothing was read"
    assert not [call for call in data if call.client == own and not call.sid], "a token without a session"
