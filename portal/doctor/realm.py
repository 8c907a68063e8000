"""The realm's settings as the service account sees them: events, required actions, mail, switches, colours."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from portal.clients.admin import RealmFacts
from portal.connect.changes import MERGE, Call
from portal.connect.plan_settings import EVENT_TYPES, NEEDED_ACTIONS, RECOMMENDED_ACTIONS
from portal.doctor.finding import Finding, advice, failed, ok, problem
from portal.doctor.probe import Probe
from portal.errors import PortalError
from portal.styles.branding import brand_of

SWITCHES = "_providerConfig.portal."
STYLES = {
    "colour": "not a colour, so the portal's own stands; write it as",
    "address": "not an address of an image, so none is shown",
    "css-refused": "the style sheet is not used:",
    "css-removed": "a part of the style sheet is left out:",
}
ORIGINS = "portal.returnOrigins"
LANGUAGES = {"en", "de"}
DAY = 24 * 3600


def check(probe: Probe) -> Iterator[Finding]:
    """Everything `view-realm` shows."""
    try:
        facts = probe.facts
    except PortalError as error:
        yield failed("realm", f"the realm's settings cannot be read: {error}", probe.connect_command)
        return
    if not facts.enabled:
        mend = f"kcadm.sh update realms/{facts.name} -s enabled=true"
        yield problem("realm", "the realm is disabled: nobody can sign in", mend, _set(enabled=True))
    yield from _events(probe, facts)
    yield from _listeners(probe, facts)
    yield from _actions(facts)
    yield from _mail(facts)
    yield from _attributes(facts)
    yield from _languages(facts)


def _events(probe: Probe, facts: RealmFacts) -> Iterator[Finding]:
    if not facts.events_enabled:
        text = "sign-in events are not stored: recent activity stays empty"
        mend = f"kcadm.sh update events/config -r {facts.name} -s eventsEnabled=true"
        yield problem("events", text, mend, _set(eventsEnabled=True))
        return
    # A realm that names none stores Keycloak's own choice, which has all that is needed.
    lacking = sorted(EVENT_TYPES - set(facts.event_types)) if facts.event_types else []
    if lacking:
        text = f"some sign-in events are not stored, so activity has gaps: {', '.join(lacking)}"
        yield problem(
            "events", text, probe.connect_command, _set(enabledEventTypes=sorted({*facts.event_types, *lacking}))
        )
    if facts.events_expiration:
        yield ok("events", f"sign-in events are stored for {facts.events_expiration / DAY:g} days")
    else:
        mend = f"kcadm.sh update events/config -r {facts.name} -s eventsExpiration={90 * DAY}"
        text = "events are kept for ever; the table grows without end"
        yield advice("events", text, mend, _set(eventsExpiration=90 * DAY))
    if not facts.admin_events_enabled:
        mend = f"{probe.connect_command} --class recommended"
        calls = _set(adminEventsEnabled=True, adminEventsDetailsEnabled=True)
        yield advice("events", "changes made by administrators are not stored", mend, calls)


def _listeners(probe: Probe, facts: RealmFacts) -> Iterator[Finding]:
    """Listeners that the realm names: without its extension, one of them hears nothing."""
    there = ((probe.server.get("providers") or {}).get("eventsListener") or {}).get("providers")
    missing = sorted(set(facts.event_listeners) - set(there)) if there else []
    if missing:
        kept = sorted(set(facts.event_listeners) - set(missing))
        text = f"event listeners are named that the server does not have: {', '.join(missing)}"
        mend = f"kcadm.sh update events/config -r {facts.name} -s 'eventsListeners={json.dumps(kept)}'"
        yield advice("event listeners", text, f"install the extension, or: {mend}", _set(eventsListeners=kept))
    elif there:
        yield ok("event listeners", "every event listener that the realm names is installed")


def _set(**values: Any) -> Call:
    """Fields of the realm itself: those of its events are among them, and ask for no right of their own."""
    return Call(MERGE, "", values)


def _actions(facts: RealmFacts) -> Iterator[Finding]:
    off = [alias for alias in NEEDED_ACTIONS if not facts.required_actions.get(alias)]
    for alias in off:
        text = f"required action {alias} is off, but {NEEDED_ACTIONS[alias]}"
        yield problem("required actions", text, _enable(facts, alias), _enabling(alias))
    for alias, why in RECOMMENDED_ACTIONS.items():
        if facts.required_actions.get(alias) is False:
            text = f"required action {alias} is off; with it {why}"
            yield advice("required actions", text, _enable(facts, alias), _enabling(alias))
    if not off:
        yield ok("required actions", "the required actions the portal starts are on")


def _enable(facts: RealmFacts, alias: str) -> str:
    return f"kcadm.sh update authentication/required-actions/{alias} -r {facts.name} -s enabled=true"


def _enabling(alias: str) -> Call:
    return Call(MERGE, f"authentication/required-actions/{alias}", {"enabled": True})


def _mail(facts: RealmFacts) -> Iterator[Finding]:
    if facts.smtp_configured:
        yield ok("mail", "the realm has a mail server")
    else:
        mend = f"kcadm.sh update realms/{facts.name} -s smtpServer.host=HOST -s smtpServer.from=ADDRESS"
        yield problem("mail", "the realm has no mail server: no address can be confirmed, no password reset", mend)


def _attributes(facts: RealmFacts) -> Iterator[Finding]:
    wrong = [*_switches(facts.attributes), *_styles(facts.attributes), *_origins(facts.attributes)]
    for key, why in wrong:
        mend = f"kcadm.sh update realms/{facts.name} -s 'attributes.\"{key}\"=VALUE'"
        yield problem("attributes", f"realm attribute {key}: {why}", mend)
    if not wrong:
        yield ok("attributes", "section switches, colours and return addresses are valid")


def _switches(attributes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key, value in attributes.items():
        if key.startswith(SWITCHES) and key.endswith(".enabled") and value not in {"true", "false"}:
            yield key, f"{value!r} counts as off; write true or false"


def _styles(attributes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for finding in brand_of(attributes, "").findings:
        yield finding.attribute, f"{STYLES[finding.code]} {finding.detail}".strip()


def _origins(attributes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for line in attributes.get(ORIGINS, "").splitlines():
        origin = (line.split() or [""])[0]
        parts = urlsplit(origin)
        if origin and (parts.scheme not in {"https", "http"} or not parts.netloc or parts.path or "*" in origin):
            yield ORIGINS, f"{origin!r} is not an exact origin like https://orders.example.com"


def _languages(facts: RealmFacts) -> Iterator[Finding]:
    if not facts.internationalization:
        mend = f"kcadm.sh update realms/{facts.name} -s internationalizationEnabled=true"
        text = "internationalization is off: Keycloak's pages speak one language only"
        yield advice("languages", text, mend, _set(internationalizationEnabled=True))
        return
    both = LANGUAGES & set(facts.supported_locales)
    if both:
        yield ok("languages", f"portal and Keycloak share {', '.join(sorted(both))}")
    else:
        mend = f'kcadm.sh update realms/{facts.name} -s \'supportedLocales=["en","de"]\''
        calls = _set(supportedLocales=["en", "de"])
        yield advice("languages", "the realm supports no language the portal speaks", mend, calls)
