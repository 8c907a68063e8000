"""What is said about test sign-ins."""

from __future__ import annotations

from flask import url_for
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from portal.errors import NotFound
from portal.messages import label
from portal.sso import trial_rows
from portal.sso.faults import FAULTS
from portal.sso.guides import guide
from portal.sso.judgement import OK, WRONG
from portal.sso.trials import Report
from portal.store.models_sso import Trial

STATES: dict[str, tuple[LazyString, str]] = {
    trial_rows.WAITING: (lazy_gettext("Not opened yet"), "note"),
    trial_rows.OPENED: (lazy_gettext("Under way"), "note"),
    trial_rows.PASSED: (lazy_gettext("Passed"), "ok"),
    trial_rows.FAILED: (lazy_gettext("Failed"), "bad"),
    trial_rows.EXPIRED: (lazy_gettext("Nothing came back"), "warn"),
}
SOURCES: dict[str, LazyString] = {
    trial_rows.KEYCLOAK: lazy_gettext("A sign-in through Keycloak, as people will make it"),
    trial_rows.OIDC: lazy_gettext("The portal's own run"),
    trial_rows.SAML: lazy_gettext("The portal's own run"),
    trial_rows.PASTED: lazy_gettext("An answer that was pasted here"),
}
CHECKS: dict[str, LazyString] = {
    "signature": lazy_gettext("Signature"),
    "issuer": lazy_gettext("Issuer"),
    "audience": lazy_gettext("Audience"),
    "recipient": lazy_gettext("Recipient"),
    "times": lazy_gettext("Times"),
    "status": lazy_gettext("Status"),
    "nonce": lazy_gettext("Belongs to this test"),
}
FIELDS: dict[str, LazyString] = {
    "username": lazy_gettext("Username"),
    "email": lazy_gettext("Email"),
    "firstName": lazy_gettext("First name"),
    "lastName": lazy_gettext("Last name"),
}
# Names of faults in guides, by the codes of what was found.
_IN_GUIDES = {
    "audience-wrong": "wrong_audience", "audience-missing": "wrong_audience", "token-audience": "wrong_client",
    "recipient-wrong": "wrong_recipient", "recipient-missing": "wrong_recipient", "redirect-uri": "wrong_redirect",
    "issuer-wrong": "wrong_issuer", "certificate-expired": "expired_certificate",
    "certificate-exchanged": "wrong_certificate", "signature-wrong": "wrong_certificate",
    "key-unknown": "wrong_certificate", "event-signature": "wrong_certificate", "unsigned": "unsigned",
    "assertion-unsigned": "unsigned", "encrypted-without-key": "encrypted", "encrypted-other-key": "encrypted",
    "clock-ahead": "clock", "clock-behind": "clock", "token-expired": "clock", "email-missing": "missing_email",
    "email-invalid": "missing_email", "attribute-missing": "missing_name", "access-denied": "unassigned",
    "nothing-seen": "unassigned", "domain-foreign": "foreign_domain", "http-address": "insecure_address",
    "client-wrong": "wrong_secret", "client-not-allowed": "wrong_client",
}  # fmt: skip


def state_text(state: str) -> str:
    """A state in words."""
    return str(STATES[state][0])


def state_kind(state: str) -> str:
    """How a state is shown."""
    return STATES[state][1]


def source_text(source: str) -> str:
    """Where the answer was seen."""
    return str(SOURCES.get(source, ""))


def check_text(name: str) -> str:
    """What was compared."""
    return str(CHECKS.get(name, name))


def outcome_kind(outcome: str) -> str:
    """How the outcome of a comparison is shown."""
    return {OK: "ok", WRONG: "bad"}.get(outcome, "")


def outcome_text(outcome: str) -> str:
    """The outcome of a comparison in words."""
    return str(_OUTCOMES.get(outcome, _OUTCOMES["unseen"]))


_OUTCOMES = {
    OK: lazy_gettext("Right"),
    WRONG: lazy_gettext("Wrong"),
    "unseen": lazy_gettext("Not seen"),
}


def field_text(name: str) -> str:
    """A field of the account."""
    return str(FIELDS.get(name) or label("", name))


def fields_text(names: list[str] | str) -> str:
    """Several of them. Older reports hold one."""
    return ", ".join(map(field_text, [names] if isinstance(names, str) else names))


def now(row: Trial) -> str:
    """The present state."""
    return trial_rows.state_of(row)


def fault_title(code: str) -> str:
    """A fault in a few words."""
    return str(FAULTS[code].title).replace("%(value)s", "–") if code in FAULTS else code


def state_meaning(report: Report) -> str:
    """What the state of a test means for the connection."""
    if report.state == trial_rows.PASSED and report.row.source != trial_rows.KEYCLOAK:
        return _("The answer is as it should be. Keycloak has not seen it yet: test once more through Keycloak.")
    return str(_MEANINGS[report.state])


_MEANINGS = {
    trial_rows.WAITING: lazy_gettext("Nobody has opened the test address."),
    trial_rows.OPENED: lazy_gettext("Somebody has opened the test address. This page waits for the answer."),
    trial_rows.PASSED: lazy_gettext("The sign-in works. Its session is ended, and the account it made is deleted."),
    trial_rows.FAILED: lazy_gettext("The sign-in does not work yet. Nothing of the test is left."),
    trial_rows.EXPIRED: lazy_gettext("An hour has passed, and no answer was seen."),
}


def step_url(report: Report, code: str) -> str:
    """Where the step of the guide stands that mends a fault; empty where no guide tells."""
    if report.setup is None:
        return ""
    try:
        step = guide(report.setup.guide).faults.get(_IN_GUIDES.get(code, ""), "")
    except NotFound:
        return ""
    return url_for("wizard.step", setup=report.setup.id, step=step) if step else ""
