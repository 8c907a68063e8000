"""Is Keycloak there, is it who the configuration says, does its clock agree?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import requests

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
        mend = "start Keycloak, or correct keycloak_url and internal_url of this realm in the configuration"
        return problem(name, f"{address} does not answer ({answer})", mend)
    if answer.status_code == 404:
        return problem(name, f"{address} has no realm {probe.realm.name}", "correct the realm's name")
    if answer.status_code != 200:
        return problem(name, f"{address} answers {answer.status_code}", f"curl -i {answer.url}")
    return ok(name, f"{address} answers")


def _issuer(probe: Probe) -> Finding:
    issuer = probe.document.get("issuer")
    if issuer == probe.realm.issuer:
        return ok("issuer", f"tokens are issued by {issuer}")
    address = str(issuer).partition("/realms/")[0]
    mend = (
        f'set keycloak_url = "{address}" for this realm, or start Keycloak with --hostname={probe.realm.keycloak_url}'
    )
    return problem("issuer", f"Keycloak calls itself {issuer}, the configuration expects {probe.realm.issuer}", mend)


def _endpoints(probe: Probe) -> Iterator[Finding]:
    allowed = {urlsplit(address).netloc for address in probe.addresses}
    named = {str(probe.document.get(key)) for key in ENDPOINTS}
    strays = sorted(address for address in named if urlsplit(address).netloc not in allowed)
    if strays:
        mend = "start Keycloak with --hostname-backchannel-dynamic=true, or correct internal_url"
        yield problem("endpoints", f"endpoints on neither address: {', '.join(strays)}", mend)
    else:
        yield ok("endpoints", "all endpoints are on the configured addresses")
    methods = probe.document.get("code_challenge_methods_supported") or []
    if "S256" not in methods:
        yield problem("pkce", "the server does not offer PKCE with S256", "run a current Keycloak")


def _clock(probe: Probe) -> Finding:
    there = _date(probe) or _issued(probe)
    if there is None:
        return unknown("clock", "Keycloak told no time: no Date header, and no token for the service account")
    skew = abs((datetime.now(UTC) - there).total_seconds())
    if skew > CLOCK_TOLERANCE:
        mend = "run a time service (chrony, systemd-timesyncd) on both machines"
        return problem("clock", f"the clocks of portal and Keycloak differ by {skew:.0f} s", mend)
    return ok("clock", f"the clocks agree to {max(1, round(skew))} s")


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
