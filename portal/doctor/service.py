"""Do the portal's own clients work, and do the service accounts hold their rights and nothing more?"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask_babel import gettext as _

from portal.access_grant import system
from portal.clients.accounts_service import ACCOUNTS
from portal.clients.service_token import claims
from portal.connect.wanted import account_roles
from portal.doctor.finding import Finding, advice, failed, ok, problem, unknown
from portal.doctor.probe import Probe
from portal.errors import PortalError

# Roles that Keycloak counts in with another.
IMPLIED = {"view-users": {"query-users", "query-groups"}}


def check(probe: Probe) -> Iterator[Finding]:
    """The sign-in client's secret, redirect address and PKCE; the service accounts' rights."""
    yield from _missing(probe)
    yield _secret(probe)
    yield from _authorization(probe)
    realm, organizations = probe.realm, probe.organizations
    read, setup = (account_roles(kind, organizations=organizations) for kind in ("read", "setup"))
    yield from _service_account(probe, realm.read_client_id, realm.read_client_secret, read)
    if realm.setup_client_secret:
        yield from _service_account(probe, realm.setup_client_id, realm.setup_client_secret, setup)
    elif organizations:
        text = _(
            "no secret of client %(client)s is configured: organizations can be read, but accepting an invitation,"
            " proving a domain and sending invitations in bulk fail",
            client=realm.setup_client_id,
        )
        yield problem("service account", text, probe.connect_command)
    if realm.accounts_client_secret:
        yield from _accounts(probe)
    if organizations:
        yield _tests(probe)
    yield from _operators(probe)
    if not realm.operator_client_secret:
        text = _(
            "no secret of client %(client)s is configured: settings of the realm can only be looked at",
            client=realm.operator_client_id,
        )
        yield advice("operators", text, probe.connect_command)


def _missing(probe: Probe) -> Iterator[Finding]:
    """What the portal cannot do without, by the names it has in the file and in the environment."""
    for name in ("client_secret", "read_client_secret"):
        if not getattr(probe.realm, name):
            text = _(
                "%(name)s of realm %(realm)s is not set (PORTAL_%(variable)s in the environment)",
                name=name,
                realm=probe.realm.name,
                variable=name.upper(),
            )
            yield problem("configuration", text, probe.connect_command)


def _accounts(probe: Probe) -> Iterator[Finding]:
    """The client that makes accounts: optional, and the one that is worth most to a thief."""
    client, secret = probe.realm.accounts_client_id, probe.realm.accounts_client_secret
    yield from _service_account(probe, client, secret, account_roles(ACCOUNTS, organizations=probe.organizations))
    text = _(
        "whoever has the secret of %(client)s can take over any account, a realm administrator's too", client=client
    )
    mend = _(
        "leave accounts_client_secret out where nobody is invited who has no account and no test sign-in is needed"
    )
    yield advice("service account", text, mend)


def _tests(probe: Probe) -> Finding:
    """Test sign-ins need a client of their own, and the one that takes back what they leave."""
    realm = probe.realm
    clients = {realm.test_client_id: realm.test_client_secret, realm.accounts_client_id: realm.accounts_client_secret}
    missing = [name for name, secret in clients.items() if not secret]
    if not missing:
        return ok("test sign-ins", _("connections of single sign-on can be tested before they go live"))
    text = _(
        "no secret is configured of: %(missing)s. Connections of single sign-on cannot be tested",
        missing=", ".join(missing),
    )
    return advice("test sign-ins", text, f"{probe.connect_command} --accounts")


def _operators(probe: Probe) -> Iterator[Finding]:
    """Who may manage the realm is read from Keycloak, not from a token."""
    try:
        shown = probe.admin.shows_roles(system(probe.realm.name))
    except PortalError:
        return  # why the service account cannot read is said above
    if not shown:
        text = _("Keycloak hides people's roles from accounts that only view users: operators count as ordinary people")
        mend = _("run a server that shows them, such as 26.5.7; do not give view-clients instead: it shows all secrets")
        yield advice("operators", text, mend)


def _secret(probe: Probe) -> Finding:
    """Introspecting a token that is none tells whether the client's secret is right."""
    realm = probe.realm
    url = f"{realm.base}/protocol/openid-connect/token/introspect"
    try:
        answer = probe.http.send("POST", url, data={"token": "none"}, auth=(realm.client_id, realm.client_secret))
    except PortalError as error:
        return failed("client", _("the sign-in client could not be tried: %(why)s", why=error))
    if answer.status_code == 200:
        return ok("client", _("client %(client)s and its secret are accepted", client=realm.client_id))
    return problem(
        "client",
        _("Keycloak does not accept client %(client)s with its secret", client=realm.client_id),
        probe.connect_command,
    )


def _authorization(probe: Probe) -> Iterator[Finding]:
    """Ask for a sign-in the way a browser would, once rightly and once without PKCE."""
    endpoint = f"{probe.realm.base}/protocol/openid-connect/auth"
    callback = f"{probe.settings.public_url}/{probe.realm.name}/signin/callback"
    query = {
        "client_id": probe.realm.client_id,
        "redirect_uri": callback,
        "response_type": "code",
        "scope": "openid",
        "state": "doctor",
    }
    try:
        bare = probe.http.send("GET", endpoint, params=query)
        challenge = {"code_challenge": secrets.token_urlsafe(32), "code_challenge_method": "S256"}
        proper = probe.http.send("GET", endpoint, params={**query, **challenge})
    except PortalError as error:
        yield failed("redirect", _("a sign-in could not be tried: %(why)s", why=error))
        return
    refused = proper.status_code == 400
    if refused:
        text = _("Keycloak refuses a sign-in that returns to %(callback)s", callback=callback)
        yield problem("redirect", text, probe.connect_command)
        return
    yield ok("redirect", _("a sign-in may return to %(callback)s", callback=callback))
    if _error(bare.headers.get("Location", "")):
        yield ok("pkce", _("a sign-in without PKCE is refused"))
    else:
        text = _("client %(client)s accepts a sign-in without PKCE", client=probe.realm.client_id)
        yield problem("pkce", text, probe.connect_command)


def _service_account(probe: Probe, client: str, secret: str, roles: frozenset[str]) -> Iterator[Finding]:
    try:
        token = probe.token_of(client, secret)
    except PortalError as error:
        text = _("client %(client)s cannot fetch a token (%(why)s)", client=client, why=error or type(error).__name__)
        yield problem("service account", text, probe.connect_command)
        return
    try:
        held = held_roles(claims(token))
    except ValueError:
        yield unknown(
            "service rights", _("the token of %(client)s's service account does not show its roles", client=client)
        )
        return
    yield from _rights(probe, client, roles, held)


def _rights(probe: Probe, client: str, roles: frozenset[str], held: set[str]) -> Iterator[Finding]:
    wanted = {f"realm-management/{role}" for role in roles}
    implied = {f"realm-management/{also}" for role in roles for also in IMPLIED.get(role, ())}
    missing, surplus = sorted(wanted - held), sorted(held - wanted - implied)
    if missing:
        text = _("the service account of %(client)s lacks %(missing)s", client=client, missing=", ".join(missing))
        yield problem("service rights", text, probe.connect_command)
    if surplus:
        text = _(
            "the service account of %(client)s holds more than it needs: %(surplus)s",
            client=client,
            surplus=", ".join(surplus),
        )
        yield problem("service rights", text, _removal(probe, client, surplus))
    if not missing and not surplus:
        yield ok("service rights", _("the service account of %(client)s can use exactly what it needs", client=client))


def held_roles(token: dict[str, Any]) -> set[str]:
    """Roles a token carries, as `client/role`; realm roles as `realm/role`."""
    clients = token.get("resource_access") or {}
    held = {f"{client}/{role}" for client, access in clients.items() for role in access.get("roles", [])}
    return held | {f"realm/{role}" for role in (token.get("realm_access") or {}).get("roles", [])}


def _removal(probe: Probe, client_id: str, surplus: list[str]) -> str:
    lines = []
    for item in surplus:
        client, _, role = item.partition("/")
        where = "" if client == "realm" else f" --cclientid {client}"
        user = f"service-account-{client_id}"
        lines.append(f"kcadm.sh remove-roles -r {probe.realm.name} --uusername {user}{where} --rolename {role}")
    return "; ".join(lines)


def _error(location: str) -> bool:
    return "error" in parse_qs(urlsplit(location).query)
