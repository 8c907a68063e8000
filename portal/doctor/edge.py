"""What of Keycloak is open to the public: paths where a person's own token walks around the portal's rules."""

from __future__ import annotations

from collections.abc import Iterator

import requests
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from portal.doctor.finding import Finding, advice, ok, problem, unknown
from portal.doctor.probe import Probe

NOBODY = "00000000-0000-0000-0000-000000000000"
# For administrators and for the portal alone. They answer 401, or lead to a sign-in, where they can be reached.
PRIVATE = (
    "admin/",
    "admin/realms/{realm}",
    "realms/{realm}/orgs",
    f"realms/{{realm}}/users/{NOBODY}/orgs",
    f"realms/{{realm}}/users/{NOBODY}/invitations",
    "realms/{realm}/webhooks",
    "realms/{realm}/attributes",
)
# Not dangerous as such, and not needed beside the portal.
BETTER_PRIVATE = {
    "realms/{realm}/account": lazy_gettext("the section switches do not hold in Keycloak's own account console"),
    "realms/master/.well-known/openid-configuration": lazy_gettext("anybody can try the sign-in of administrators"),
}
REACHED = {200, 302, 303, 400, 401, 405, 500}
MEND = lazy_gettext(
    "put docs/edge/nginx.conf or docs/edge/Caddyfile before Keycloak and set internal_url, see docs/edge.md"
)


def check(probe: Probe) -> Iterator[Finding]:
    """The realm's public address, tried without credentials from where this runs."""
    base = probe.realm.keycloak_url
    answer = probe.discovery[base]
    if not isinstance(answer, requests.Response) or answer.status_code != requests.codes.ok:
        yield unknown(
            "open paths", _("%(base)s does not answer here; try from where it does", base=base), "portal doctor"
        )
        return
    found = _open(probe, PRIVATE)
    if probe.public and not probe.settings.demo:
        yield from _public(probe, found)
    elif found:
        text = _(
            "%(base)s is for this machine alone; a public address would have to close %(found)s (docs/edge.md)",
            base=base,
            found=_list(found),
        )
        yield ok("open paths", text)
    else:
        yield ok("open paths", _("%(base)s keeps administrative paths to itself", base=base))


def _public(probe: Probe, found: list[str]) -> Iterator[Finding]:
    base = probe.realm.keycloak_url
    if found:
        yield problem(
            "open paths", _("%(base)s lets the public reach %(found)s", base=base, found=_list(found)), str(MEND)
        )
    elif probe.realm.internal_url == base:
        text = _(
            "%(base)s keeps administrative paths to itself, and the portal has no other way to Keycloak", base=base
        )
        yield problem(
            "open paths", text, _("set internal_url of this realm to Keycloak's inner address, see docs/edge.md")
        )
    else:
        yield ok("open paths", _("%(base)s keeps administrative paths to itself", base=base))
    for path, why in BETTER_PRIVATE.items():
        for opened in _open(probe, (path,)):
            yield advice(
                "open paths",
                _("%(base)s lets the public reach /%(path)s: %(why)s", base=base, path=opened, why=why),
                str(MEND),
            )


def _open(probe: Probe, paths: tuple[str, ...]) -> list[str]:
    named = [path.format(realm=probe.realm.name) for path in paths]
    return [path for path in named if probe.status(f"{probe.realm.keycloak_url}/{path}") in REACHED]


def _list(paths: list[str]) -> str:
    return ", ".join("/" + path for path in paths)
