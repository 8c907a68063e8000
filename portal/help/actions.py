"""The guides of the sections, and which of them belongs to a page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from markupsafe import Markup

from portal.access import RIGHTS, Right, Scope
from portal.actor import Actor
from portal.errors import NotFound
from portal.home.permissions import label_of, roles_of
from portal.sso.guide_text import html

PAGES = files("portal.help") / "pages"
# Topics in the order of the navigation, with the beginnings of the names of their rights.
TOPICS: dict[str, tuple[str, ...]] = {
    "profile": ("profile.",), "security": ("security.",), "devices": ("devices.",), "linked": ("linked.",),
    "applications": ("applications.",), "activity": ("activity.",), "data": ("data.", "account.delete"),
    "organizations": (), "members": ("members.",), "invitations": ("invitations.",), "roles": ("roles.",),
    "domains": ("domains.",), "sso": ("sso.",), "events": ("events.",), "details": ("organization.",),
    "links": ("links.",), "membership": (), "overview": (), "sections": (), "branding": (), "style-sheet": (),
    "layout": (), "return": (), "keys": (), "webhooks": (), "changes": (),
}  # fmt: skip
# Where the name of a blueprint is not that of its topic.
_OF_BLUEPRINT = {
    "settings": "sections", "looks": "branding", "sheets": "style-sheet", "layouts": "layout", "returns": "return",
    "sent": "webhooks", "look": "details", "setup_links": "links",
    **dict.fromkeys(("many", "answers", "newcomers"), "invitations"),
    **dict.fromkeys(("reviews", "renewals", "policies", "sso_tests", "tries", "wizard", "rules", "attributes"), "sso"),
}  # fmt: skip
_OF_ENDPOINT = {"organizations.membership": "membership", "organizations.asking_to_leave": "membership"}


@dataclass(frozen=True)
class Guide:
    """One page of help."""

    topic: str
    title: str
    text: Markup


@dataclass(frozen=True)
class Need:
    """What one right in the section takes, and whether the reader has it. None: that depends on an organization."""

    label: str
    roles: str
    held: bool | None


def topic_of(endpoint: str) -> str:
    """The topic that belongs to a page; empty for a page that has none."""
    room = endpoint.rpartition(".")[0].split(".")[-1]
    found = _OF_ENDPOINT.get(endpoint) or _OF_BLUEPRINT.get(room, room)
    return found if found in TOPICS else ""


def guide(topic: str, locale: str) -> Guide:
    """The help of a section in the reader's language. Raises `NotFound`."""
    if topic not in TOPICS:
        raise NotFound("no such topic")
    return _read(topic, locale)


def guides(locale: str) -> list[Guide]:
    """All of them, in the order of the navigation."""
    return [_read(topic, locale) for topic in TOPICS]


@cache
def _read(topic: str, locale: str) -> Guide:
    own = PAGES / f"{topic}.{locale}.md"
    text = (own if own.is_file() else PAGES / f"{topic}.md").read_text(encoding="utf-8")
    title, _, rest = text.partition("\n")
    return Guide(topic, title.removeprefix("# ").strip(), html(rest))


def needs(actor: Actor, topic: str) -> list[Need]:
    """What the rights of a section take, from the table."""
    mine = [right for right in RIGHTS if TOPICS[topic] and right.name.startswith(TOPICS[topic]) and _told(right)]
    return [Need(label_of(right), roles_of(right, "or"), _held(actor, right)) for right in mine]


def _told(right: Right) -> bool:
    return bool(right.account or right.organization)


def _held(actor: Actor, right: Right) -> bool | None:
    return actor.may(right) if right.scope is Scope.SELF else None
