"""The realm's settings as the service account sees them: events, required actions, mail, switches, colours."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext as _

from portal.clients.admin import RealmFacts
from portal.connect.changes import MERGE, Call
from portal.connect.plan_settings import EVENT_TYPES, NEEDED_ACTIONS, RECOMMENDED_ACTIONS
from portal.doctor.finding import Finding, advice, failed, ok, problem
from portal.doctor.probe import Probe
from portal.errors import PortalError
from portal.styles.branding import brand_of

SWITCHES = "_providerConfig.portal."
ORIGINS = "portal.returnOrigins"
LANGUAGES = {"en", "de"}
DAY = 24 * 3600


def check(probe: Probe) -> Iterator[Finding]:
    """Everything `view-realm` shows."""
    try:
        facts = probe.facts
    except PortalError as error:
        yield failed("realm", _("the realm's settings cannot be read: %(why)s", why=error), probe.connect_command)
        return
    if not facts.enabled:
        mend = f"kcadm.sh update realms/{facts.name} -s enabled=true"
        yield problem("realm", _("the realm is disabled: nobody can sign in"), mend, _set(enabled=True))
    yield from _events(probe, facts)
    yield from _listeners(probe, facts)
    yield from _actions(facts)
    yield from _mail(facts)
    yield from _attributes(facts)
    yield from _languages(facts)


def _events(probe: Probe, facts: RealmFacts) -> Iterator[Finding]:
    if not facts.events_enabled:
        text = _("sign-in events are not stored: recent activity stays empty")
        mend = f"kcadm.sh update events/config -r {facts.name} -s eventsEnabled=true"
        yield problem("events", text, mend, _set(eventsEnabled=True))
        return
    # A realm that names none stores Keycloak's own choice, which has all that is needed.
    lacking = sorted(EVENT_TYPES - set(facts.event_types)) if facts.event_types else []
    if lacking:
        text = _("some sign-in events are not stored, so activity has gaps: %(lacking)s", lacking=", ".join(lacking))
        yield problem(
            "events", text, probe.connect_command, _set(enabledEventTypes=sorted({*facts.event_types, *lacking}))
        )
    if facts.events_expiration:
        yield ok("events", _("sign-in events are stored for %(days)s days", days=f"{facts.events_expiration / DAY:g}"))
    else:
        mend = f"kcadm.sh update events/config -r {facts.name} -s eventsExpiration={90 * DAY}"
        text = _("events are kept for ever; the table grows without end")
        yield advice("events", text, mend, _set(eventsExpiration=90 * DAY))
    if not facts.admin_events_enabled:
        mend = f"{probe.connect_command} --class recommended"
        calls = _set(adminEventsEnabled=True, adminEventsDetailsEnabled=True)
        yield advice("events", _("changes made by administrators are not stored"), mend, calls)


def _listeners(probe: Probe, facts: RealmFacts) -> Iterator[Finding]:
    """Listeners that the realm names: without its extension, one of them hears nothing."""
    there = ((probe.server.get("providers") or {}).get("eventsListener") or {}).get("providers")
    missing = sorted(set(facts.event_listeners) - set(there)) if there else []
    if missing:
        kept = sorted(set(facts.event_listeners) - set(missing))
        text = _("event listeners are named that the server does not have: %(missing)s", missing=", ".join(missing))
        mend = f"kcadm.sh update events/config -r {facts.name} -s 'eventsListeners={json.dumps(kept)}'"
        yield advice(
            "event listeners", text, _("install the extension, or: %(mend)s", mend=mend), _set(eventsListeners=kept)
        )
    elif there:
        yield ok("event listeners", _("every event listener that the realm names is installed"))


def _set(**values: Any) -> Call:
    """Fields of the realm itself: those of its events are among them, and ask for no right of their own."""
    return Call(MERGE, "", values)


def _actions(facts: RealmFacts) -> Iterator[Finding]:
    off = [alias for alias in NEEDED_ACTIONS if not facts.required_actions.get(alias)]
    for alias in off:
        text = _("required action %(alias)s is off, but %(why)s", alias=alias, why=str(NEEDED_ACTIONS[alias]))
        yield problem("required actions", text, _enable(facts, alias), _enabling(alias))
    for alias, why in RECOMMENDED_ACTIONS.items():
        if facts.required_actions.get(alias) is False:
            text = _("required action %(alias)s is off; with it %(why)s", alias=alias, why=str(why))
            yield advice("required actions", text, _enable(facts, alias), _enabling(alias))
    if not off:
        yield ok("required actions", _("the required actions the portal starts are on"))


def _enable(facts: RealmFacts, alias: str) -> str:
    return f"kcadm.sh update authentication/required-actions/{alias} -r {facts.name} -s enabled=true"


def _enabling(alias: str) -> Call:
    return Call(MERGE, f"authentication/required-actions/{alias}", {"enabled": True})


def _mail(facts: RealmFacts) -> Iterator[Finding]:
    if facts.smtp_configured:
        yield ok("mail", _("the realm has a mail server"))
    else:
        mend = f"kcadm.sh update realms/{facts.name} -s smtpServer.host=HOST -s smtpServer.from=ADDRESS"
        yield problem("mail", _("the realm has no mail server: no address can be confirmed, no password reset"), mend)


def _attributes(facts: RealmFacts) -> Iterator[Finding]:
    wrong = [*_switches(facts.attributes), *_styles(facts.attributes), *_origins(facts.attributes)]
    for key, why in wrong:
        mend = f"kcadm.sh update realms/{facts.name} -s 'attributes.\"{key}\"=VALUE'"
        yield problem("attributes", _("realm attribute %(key)s: %(why)s", key=key, why=why), mend)
    if not wrong:
        yield ok("attributes", _("section switches, colours and return addresses are valid"))


def _switches(attributes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key, value in attributes.items():
        if key.startswith(SWITCHES) and key.endswith(".enabled") and value not in {"true", "false"}:
            yield key, _("%(value)s counts as off; write true or false", value=repr(value))


def _styles(attributes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for finding in brand_of(attributes, "").findings:
        yield finding.attribute, _style(finding.code, finding.detail)


def _style(code: str, detail: str) -> str:
    """What of a look was not taken as it stands, by the codes of `portal.styles.branding.Finding`."""
    if code == "colour":
        return _("not a colour, so the portal's own stands; write it as %(form)s", form=detail)
    if code == "header":
        return _("not a style of the bar on top; write one of %(names)s", names=detail)
    if code == "css-refused":
        return _("the style sheet is not used: %(why)s", why=detail)
    if code == "css-removed":
        return _("a part of the style sheet is left out: %(part)s", part=detail)
    return _("not an address of an image, so none is shown")


def _origins(attributes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for line in attributes.get(ORIGINS, "").splitlines():
        origin = (line.split() or [""])[0]
        parts = urlsplit(origin)
        if origin and (parts.scheme not in {"https", "http"} or not parts.netloc or parts.path or "*" in origin):
            yield ORIGINS, _("%(origin)s is not an exact origin like https://orders.example.com", origin=repr(origin))


def _languages(facts: RealmFacts) -> Iterator[Finding]:
    if not facts.internationalization:
        mend = f"kcadm.sh update realms/{facts.name} -s internationalizationEnabled=true"
        text = _("internationalization is off: Keycloak's pages speak one language only")
        yield advice("languages", text, mend, _set(internationalizationEnabled=True))
        return
    both = LANGUAGES & set(facts.supported_locales)
    if both:
        yield ok("languages", _("portal and Keycloak share %(languages)s", languages=", ".join(sorted(both))))
    else:
        mend = f'kcadm.sh update realms/{facts.name} -s \'supportedLocales=["en","de"]\''
        calls = _set(supportedLocales=["en", "de"])
        yield advice("languages", _("the realm supports no language the portal speaks"), mend, calls)
