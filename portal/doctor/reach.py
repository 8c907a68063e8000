"""Is Keycloak there, is it who the configuration says, does its clock agree?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import requests
from flask_babel import gettext as _

from portal.clients.service_token import claims
from portal.doctor.finding import Finding, ok, problem, unknown
from portal.doctor.probe import Probe
from portal.errors import PortalError

CLOCK_TOLERANCE = 30
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint")


def check(probe: Probe) -> Iterator[Finding]:
    """Both addresses, the issuer, the endpoints' hosts, the clock."""
    for address, answer in probe.discovery.items():
        yield _reached(probe, address, answer)
    if probe.document:
        yield _issuer(probe)
        yield from _endpoints(probe)
        yield _clock(probe)


def _reached(probe: Probe, address: str, answer: object) -> Finding:
    name = "reach"
    if not isinstance(answer, requests.Response):
        mend = _("start Keycloak, or correct keycloak_url and internal_url of this realm in the configuration")
        return problem(name, _("%(address)s does not answer (%(why)s)", address=address, why=answer), mend)
    if answer.status_code == 404:
        return problem(
            name,
            _("%(address)s has no realm %(realm)s", address=address, realm=probe.realm.name),
            _("correct the realm's name"),
        )
    if answer.status_code != 200:
        return problem(
            name,
            _("%(address)s answers %(status)s", address=address, status=answer.status_code),
            f"curl -i {answer.url}",
        )
    return ok(name, _("%(address)s answers", address=address))


def _issuer(probe: Probe) -> Finding:
    issuer = probe.document.get("issuer")
    if issuer == probe.realm.issuer:
        return ok("issuer", _("tokens are issued by %(issuer)s", issuer=issuer))
    address = str(issuer).partition("/realms/")[0]
    mend = _(
        'set keycloak_url = "%(address)s" for this realm, or start Keycloak with --hostname=%(expected)s',
        address=address,
        expected=probe.realm.keycloak_url,
    )
    return problem(
        "issuer",
        _(
            "Keycloak calls itself %(issuer)s, the configuration expects %(expected)s",
            issuer=issuer,
            expected=probe.realm.issuer,
        ),
        mend,
    )


def _endpoints(probe: Probe) -> Iterator[Finding]:
    allowed = {urlsplit(address).netloc for address in probe.addresses}
    named = {str(probe.document.get(key)) for key in ENDPOINTS}
    strays = sorted(address for address in named if urlsplit(address).netloc not in allowed)
    if strays:
        mend = _("start Keycloak with --hostname-backchannel-dynamic=true, or correct internal_url")
        yield problem("endpoints", _("endpoints on neither address: %(addresses)s", addresses=", ".join(strays)), mend)
    else:
        yield ok("endpoints", _("all endpoints are on the configured addresses"))
    methods = probe.document.get("code_challenge_methods_supported") or []
    if "S256" not in methods:
        yield problem("pkce", _("the server does not offer PKCE with S256"), _("run a current Keycloak"))


def _clock(probe: Probe) -> Finding:
    there = _date(probe) or _issued(probe)
    if there is None:
        return unknown("clock", _("Keycloak told no time: no Date header, and no token for the service account"))
    skew = abs((datetime.now(UTC) - there).total_seconds())
    if skew > CLOCK_TOLERANCE:
        mend = _("run a time service (chrony, systemd-timesyncd) on both machines")
        return problem(
            "clock", _("the clocks of portal and Keycloak differ by %(seconds)s s", seconds=f"{skew:.0f}"), mend
        )
    return ok("clock", _("the clocks agree to %(seconds)s s", seconds=max(1, round(skew))))


def _date(probe: Probe) -> datetime | None:
    """The Date header of the internal address, asked for now. Keycloak alone sends none, proxies do."""
    try:
        answer = probe.http.send("GET", f"{probe.realm.base}/.well-known/openid-configuration")
        return parsedate_to_datetime(answer.headers["Date"])
    except (KeyError, ValueError, PortalError):
        return None


def _issued(probe: Probe) -> datetime | None:
    """When Keycloak says it issued the token that was fetched a moment ago."""
    try:
        return datetime.fromtimestamp(int(claims(probe.fresh_token())["iat"]), UTC)
    except (KeyError, ValueError, PortalError):
        return None
