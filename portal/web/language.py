"""Which language a page speaks, and how it writes dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, format_date, format_datetime, format_timedelta, get_domain, get_locale
from markupsafe import Markup

from portal.errors import PortalError
from portal.return_addresses import languages
from portal.web.current import browser, realm, services

OURS = ("en", "de")


def init(app: Flask) -> None:
    """Speak the person's language; filters `date`, `datetime` and `ago` take aware UTC times."""
    Babel(app, default_locale="en", locale_selector=chosen)
    # Flask-Babel looks its catalogue up for each text, a sixth of the cost of a page; a request speaks one language.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: _catalogue().ugettext(text),
        lambda one, many, count: _catalogue().ungettext(one, many, count),
        newstyle=True,
    )
    app.jinja_env.globals["_"] = _said
    app.jinja_env.filters.update(date=date_text, datetime=datetime_text, ago=ago_text)
    app.jinja_env.globals["iso"] = lambda at: at.astimezone(UTC).isoformat(timespec="seconds") if at else ""


def _catalogue() -> Any:
    if "catalogue" not in g:
        g.catalogue = get_domain().get_translations()
    return g.catalogue


def _said(text: str, /, **values: Any) -> Markup:
    """`_()` of templates: what the extension's own answers, without its three calls for each text."""
    found = _marked(_catalogue(), text)
    return found % values if "%(" in text else found


@lru_cache(4096)
def _marked(catalogue: Any, text: str) -> Markup:
    """A text of ours in one language; one without values is finished (`%%` stands for a percent sign in all)."""
    said = Markup(catalogue.ugettext(text))  # noqa: S704 - from a template of ours or its translation
    return said if "%(" in text else said % {}


def chosen() -> str:
    """The person's own choice, else what the browser prefers, else the realm's default."""
    if not has_request_context():
        return "en"
    if "locale" not in g:
        g.locale = _chosen()
    return str(g.locale)


def _chosen() -> str:
    tags = [tag for tag, _ in offered()]
    row = browser().row
    wishes = [browser().get("locale"), row.claims.get("locale") if row and row.sub else None]
    for wish in wishes:
        found = _ours(str(wish or ""))
        if found in tags:
            return found
    return request.accept_languages.best_match(tags) or tags[0]


def _ours(tag: str) -> str:
    short = tag.replace("_", "-").split("-")[0].lower()
    return short if short in OURS else ""


def locale_tag() -> str:
    """The language of this answer as in `lang`."""
    return str(get_locale() or "en").replace("_", "-")


def offered() -> list[tuple[str, str]]:
    """Languages to choose from: those of the realm that the portal speaks, with their own names."""
    if "offered" not in g:
        g.offered = [(tag, _name(tag)) for tag in _offered_tags()]
    return list(g.offered)


def spoken() -> list[tuple[str, str]]:
    """All languages that the portal speaks, with their own names."""
    return [(tag, _name(tag)) for tag in OURS]


def _offered_tags() -> list[str]:
    here = realm()
    if here is None:
        return list(OURS)
    try:
        facts = services().realm_facts(here.name)
    except PortalError:
        return list(OURS)
    if not facts.internationalization:
        return list(OURS)
    tags = [tag for tag in OURS if tag in {_ours(each) for each in facts.supported_locales}] or ["en"]
    chosen_ones = languages(facts.attributes)
    tags = [tag for tag in tags if not chosen_ones or tag in chosen_ones] or tags
    default = _ours(facts.default_locale)
    return sorted(tags, key=lambda tag: tag != default)


def _name(tag: str) -> str:
    try:
        return (Locale.parse(tag).get_language_name(tag) or tag).capitalize()
    except (UnknownLocaleError, ValueError):
        return tag


def date_text(at: datetime | None) -> str:
    """A day, written out in the person's language."""
    return format_date(at.astimezone(UTC), "d MMM y" if locale_tag() == "en" else "d. MMM y") if at else ""


def datetime_text(at: datetime | None) -> str:
    """A day and a time of day in UTC, and so marked: the portal does not know the person's time zone."""
    if not at:
        return ""
    return (
        format_datetime(at.astimezone(UTC), "d MMM y, HH:mm" if locale_tag() == "en" else "d. MMM y, HH:mm", False)
        + " UTC"
    )


def ago_text(at: datetime | None) -> str:
    """How long ago, roughly ("2 hours ago")."""
    if not at:
        return ""
    return format_timedelta(at - datetime.now(UTC), granularity="minute", add_direction=True)


def in_text(seconds: int) -> str:
    """In how long, rounded up: who comes at the time that is named is not sent away once more."""
    unit = 1 if seconds < 120 else 60 if seconds < 7200 else 3600
    span = timedelta(seconds=-(-seconds // unit) * unit)
    return format_timedelta(span, granularity="second", add_direction=True, threshold=2)
