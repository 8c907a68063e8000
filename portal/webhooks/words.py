"""What the pages of webhooks call things."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from portal.events.words import groups as _of_organizations
from portal.store.models_webhooks import Delivery, Webhook
from portal.store.webhooks import ACTIVE, DELIVERED, DISABLED, FAILED, FILTERED, SKIPPED, STOPPED, SUSPENDED, WAITING
from portal.webhooks import letters, sending
from portal.webhooks.kinds import GROUPS, LINKS, PEOPLE, REALM
from portal.webhooks.single import by_group


def groups() -> dict[str, str]:
    """The groups to choose from."""
    named = _of_organizations()
    own = {
        LINKS: _("Setup links"), PEOPLE: _("What people change about themselves in this portal"),
        REALM: _("Settings of the realm"),
    }  # fmt: skip
    return {group: own.get(group) or named[group] for group in GROUPS}


def kinds() -> list[tuple[str, str]]:
    """The names of all kinds, by the label of their group."""
    return [(groups()[group], ", ".join(names)) for group, names in by_group().items() if names]


def state(row: Webhook) -> tuple[str, str]:
    """A word for the state and the kind of its badge."""
    if row.state == ACTIVE:
        return (_("Failing"), "warn") if row.attempts else (_("On"), "ok")
    return {DISABLED: (_("Off"), ""), STOPPED: (_("Switched off"), "bad"), SUSPENDED: (_("Suspended"), "bad")}[
        row.state
    ]


def why(row: Webhook) -> str:
    """Why it is off."""
    return {
        letters.FAILING: _("Its address has taken nothing for a day, however often it was tried."),
        letters.GONE: _("Its address answered that it is gone for good (410)."),
        letters.MAKER: _("Whoever made it may no longer manage this realm. Another operator can adopt it."),
        letters.UNREADABLE: _("Its secret cannot be read with the portal’s present keys. Make a new one."),
    }.get(row.reason, "")


def states() -> list[tuple[str, str]]:
    """The states of deliveries, to filter by."""
    return [
        (WAITING, _("Waiting")), (DELIVERED, _("Delivered")), (FAILED, _("Failed")), (SKIPPED, _("Left out")),
    ]  # fmt: skip


def delivery_state(each: Delivery) -> tuple[str, str]:
    """A word for the state of a delivery and the kind of its badge."""
    kinds = {DELIVERED: "ok", FAILED: "bad", WAITING: "warn" if each.attempts else "", SKIPPED: ""}
    return dict(states())[each.state], kinds[each.state]


def answer(each: Delivery) -> str:
    """What came of the last attempt."""
    if each.state == SKIPPED and each.said == FILTERED:
        return _("Not among the events it gets by now")
    if not each.tried:
        return ""
    if 300 <= each.status < 400:
        return _("%(status)d: redirects are not followed", status=each.status)
    if each.status:
        return f"{each.status} {each.said}".strip()
    return {
        sending.REFUSED: _("The address is no public https address"),
        sending.LATE: _("No answer within 5 seconds"),
        sending.NAME: _("The name could not be found"),
        sending.TLS: _("No trusted encryption"),
        sending.UNREACHABLE: _("The connection failed"),
    }.get(each.said, "")


def brief(each: Delivery) -> str:
    """The same for a list: of an answer that was no success only the status."""
    return str(each.status) if each.status >= 400 else answer(each)


@dataclass(frozen=True)
class Question:
    """What is asked before a deed."""

    title: str
    text: str
    deed: str
    danger: bool = False


def question(deed: str, row: Webhook) -> Question:
    """The question before a deed upon this webhook."""
    name = row.name
    return {
        "test": Question(
            _("Send a test event to %(name)s?", name=name),
            _("It is sent now, signed like every other, whatever else waits."), _("Send a test event"),
        ),
        "rotate": Question(
            _("Make a new secret for %(name)s?", name=name),
            _("For 24 hours every delivery carries two signatures, one by each secret. Then the present one is void."),
            _("Make a new secret"),
        ),
        "disable": Question(
            _("Switch %(name)s off?", name=name),
            _("Nothing is sent until it is on again. What happens meanwhile waits."),
            _("Switch off"),
        ),
        "enable": Question(
            _("Switch %(name)s on?", name=name), _("What waits is sent at once, in its order."), _("Switch on"),
        ),
        "adopt": Question(
            _("Adopt %(name)s?", name=name),
            _("You answer for it from now on, and what waits is sent at once. Its secret stays: make a new one if its "
              "last maker shall know it no longer."), _("Adopt"),
        ),
        "skip": Question(
            _("Leave out what waits for %(name)s?", name=name),
            _("What waits is not sent. It stays in the list and can be sent again while it is kept."),
            _("Leave out what waits"), danger=True,
        ),
        "delete": Question(
            _("Delete %(name)s?", name=name), _("What waits is not sent, and the list of deliveries goes with it."),
            _("Delete the webhook"), danger=True,
        ),
    }[deed]  # fmt: skip
