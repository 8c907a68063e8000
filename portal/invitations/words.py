"""What invitations and their outcomes are called."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.invitations.actions import ELSEWHERE, USED
from portal.mail.reasons import text as mail_reason


def state_text(state: str) -> str:
    """A state of an invitation."""
    texts = {
        "pending": _("Pending"),
        "accepted": _("Accepted"),
        "declined": _("Declined"),
        "expired": _("Expired"),
        "revoked": _("Taken back"),
        ELSEWHERE: _("Made elsewhere"),
        USED: _("Used at sign-in"),
    }
    return texts[state]


def states() -> list[tuple[str, str]]:
    """All states, to choose from."""
    return [(each, state_text(each)) for each in ("pending", "accepted", "declined", "expired", "revoked", ELSEWHERE)]


def mail_text(state: str) -> str:
    """How a mail stands; empty for one that was sent."""
    texts = {
        "queued": _("On its way"),
        "sending": _("On its way"),
        "failed": _("Not sent"),
        "stopped": _("Not sent"),
        "unknown": _("May not have arrived"),
    }
    return texts.get(state, "")


def outcome_text(state: str) -> str:
    """How a row of a bulk invitation stands."""
    texts = {
        "waiting": _("Waiting"),
        "working": _("Being sent"),
        "mailing": _("Mail on its way"),
        "sent": _("Sent"),
        "skipped": _("Skipped"),
        "failed": _("Failed"),
        "stopped": _("Stopped"),
        "unknown": _("Unknown"),
    }
    return texts[state]


def reason_text(reason: str) -> str:
    """Why a row ended as it did, or a mail was not sent."""
    texts = {
        "invited": _("Invited already."),
        "member": _("A member already."),
        "limit": _("Too many mails to this address within an hour."),
        "ceiling": _("You can no longer give one of these roles."),
        "invalid": _("The address was refused."),
        "upstream": _("The sign-in service did not answer."),
        "denied": _("Your right to invite ended."),
        "person": _("Stopped by a person."),
        "error": _("An error of the portal. It has been recorded."),
    }
    return texts.get(reason) or mail_reason(reason)
