"""What setup links, what they are for, and how they stand are called on pages."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.access_links import DOMAINS, EVENTS, RENEWAL, SSO
from portal.links.progress import BEGUN, DONE, WAITING


def feature(intent: str) -> str:
    """What is set up."""
    return _features()[intent][0]


def features(intents: list[str]) -> str:
    """A list in words."""
    return ", ".join(feature(intent) for intent in intents)


def choices(intents: list[str]) -> list[dict[str, str]]:
    """Options with what each means."""
    return [
        {"value": intent, "label": _features()[intent][0], "hint": _features()[intent][1]} for intent in intents
    ]  # fmt: skip


def _features() -> dict[str, tuple[str, str]]:
    return {
        SSO: (_("Single sign-on"), _("Connect the organization's identity provider, test it, and switch it on.")),
        DOMAINS: (_("Domains"), _("Prove with a DNS record that a domain belongs to the organization.")),
        RENEWAL: (_("Certificates"), _("Put in a new certificate of the identity provider before the old one ends.")),
        EVENTS: (_("Events"), _("Read and download what happened in the organization.")),
    }


def step_text(state: str) -> str:
    """How far one thing is."""
    return {WAITING: _("Not begun"), BEGUN: _("Begun"), DONE: _("Done")}[state]


def state_text(state: str) -> str:
    """Why a link works no more."""
    return {
        "active": _("Active"), "revoked": _("Revoked"), "completed": _("Finished"), "expired": _("Expired"),
        "maker": _("Ended with the rights of its maker"), "parent": _("Ended with the link it came from"),
    }.get(state, state)  # fmt: skip
