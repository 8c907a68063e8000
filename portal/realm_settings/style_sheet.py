"""The operator's own style sheet: what is wrong with it, and the draft that he looks at before he saves."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from portal.actor import Actor
from portal.preferences import actions as preferences
from portal.styles.branding import CSS, brand_of
from portal.styles.css import MOST_BYTES, MOST_SELECTORS, UNREADABLE, check_css

KEYS = (CSS,)
DRAFT = "style-draft"


@dataclass(frozen=True)
class Checked:
    """What a sheet comes to: why it is refused whole, and what is left out of it."""

    refused: str = ""
    removed: tuple[str, ...] = ()


def check(text: str) -> Checked:
    """Look at a sheet without keeping it."""
    found = check_css(text)
    return Checked(_refusal(found.refused) if found.refused else "", tuple(map(_left_out, found.removed)))


def _refusal(code: str) -> str:
    return {
        "size": _("It is longer than %(most)d KB.", most=MOST_BYTES // 1024),
        "selectors": _("It has more than %(most)d selectors, or too many :has().", most=MOST_SELECTORS),
        "depth": _("Its rules are nested too deeply."),
    }.get(code, code)


def _left_out(what: str) -> str:
    """Names of CSS stand for themselves."""
    return _("what cannot be read as CSS") if what == UNREADABLE else what


def keep_draft(actor: Actor, text: str) -> None:
    """Keep a draft for its author alone."""
    preferences.keep(actor, DRAFT, text)


def draft(actor: Actor) -> str:
    """The draft, or an empty text."""
    return preferences.kept(actor, DRAFT)


def drop_draft(actor: Actor) -> None:
    """Forget the draft."""
    preferences.drop(actor, DRAFT)


def draft_sheet(actor: Actor) -> str:
    """The realm's present colours and the draft, as pages would get them."""
    facts = actor.services.realm_facts(actor.realm.name)
    return brand_of({**facts.attributes, CSS: draft(actor)}, facts.display_name).sheet


def normal(text: str) -> str:
    """A sheet with the line ends that it had before a browser sent it."""
    return text.replace("\r\n", "\n").strip("\n") + "\n" if text.strip() else ""
