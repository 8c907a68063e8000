"""What every page shows around its own content: navigation, person, look, notices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from portal.access import BY_NAME, operator
from portal.actor import Actor
from portal.signin.guests import GuestBrowser
from portal.web import portal_link, tenant_script
from portal.web.current import browser, realm
from portal.web.language import locale_tag, offered

SAFE_STYLE = tenant_script.SAFE_STYLE


@dataclass(frozen=True)
class Entry:
    """One entry of the navigation; shown to those who have the right."""

    right: str
    endpoint: str
    label: Any
    icon: str


YOU = (
    Entry("profile.view", "profile.show", lazy_gettext("Profile"), "user"),
    Entry("security.view", "security.show", lazy_gettext("Security"), "shield"),
    Entry("devices.view", "devices.show", lazy_gettext("Devices"), "laptop"),
    Entry("linked.view", "linked.show", lazy_gettext("Linked accounts"), "link"),
    Entry("applications.view", "applications.show", lazy_gettext("Applications"), "apps"),
    Entry("activity.view", "activity.show", lazy_gettext("Recent activity"), "pulse"),
    Entry("data.download", "data.show", lazy_gettext("Your data"), "download"),
)

ORGANIZATION = (
    Entry("members.view", "members.index", lazy_gettext("Members"), "users"),
    Entry("invitations.view", "invitations.index", lazy_gettext("Invitations"), "mail"),
    Entry("roles.view", "roles.index", lazy_gettext("Roles"), "shield"),
    Entry("domains.view", "domains.index", lazy_gettext("Domains"), "globe"),
    Entry("sso.view", "sso.index", lazy_gettext("Single sign-on"), "lock"),
    Entry("events.view", "events.index", lazy_gettext("Events"), "pulse"),
    Entry("links.view", "setup_links.show", lazy_gettext("Setup link"), "link"),
    Entry("organization.view", "details.show", lazy_gettext("Details"), "building"),
    Entry("organizations.open", "organizations.membership", lazy_gettext("Your membership"), "key"),
)

REALM = (
    Entry("overview.view", "overview.show", lazy_gettext("Overview"), "grid"),
    Entry("settings.view", "settings.sections", lazy_gettext("Sections"), "sliders"),
    Entry("settings.view", "looks.show", lazy_gettext("Branding"), "drop"),
    Entry("settings.style", "sheets.edit", lazy_gettext("Style sheet"), "file"),
    Entry("settings.view", "layouts.show", lazy_gettext("Layout and script"), "apps"),
    Entry("settings.view", "returns.show", lazy_gettext("Return and links"), "back"),
    Entry("keys.view", "keys.index", lazy_gettext("API keys"), "key"),
    Entry("webhooks.view", "webhooks.index", lazy_gettext("Webhooks"), "bell"),
    Entry("sso.review", "reviews.index_of_realm", lazy_gettext("Rules to review"), "key"),
    Entry("settings.view", "changes.index", lazy_gettext("Changes"), "history"),
)


def entries(person: Actor) -> list[Entry]:
    """The entries about oneself that this person may open, in order."""
    return [entry for entry in YOU if person.may(BY_NAME[entry.right])]


def organization_entries(person: Actor) -> list[Entry]:
    """The entries of the organization at hand that this person may open, in order."""
    return [entry for entry in ORGANIZATION if person.organization and person.may(BY_NAME[entry.right])]


def realm_entries(person: Actor) -> list[Entry]:
    """The entries about the realm as a whole that this person may open, in order."""
    return [entry for entry in REALM if person.may(BY_NAME[entry.right])]


def shell() -> dict[str, Any]:
    """The context of `layout.html` and `bare.html`."""
    here, person = realm(), g.get("actor")
    context: dict[str, Any] = {"lang": locale_tag(), "theme": browser().get("theme", ""), "brand": None}
    if here is None:
        return context
    context.update(brand=_brand(here.name), return_link=_return_link(), toasts=_toasts(), extras=_extras(here.name))
    if isinstance(visitor := browser(), GuestBrowser):
        return {**context, **_guest_shell(context, visitor, person)}
    if person is not None:
        context.update(nav=_nav(person), person=_person(person), urls=_urls(), locales=_locales())
        context.update(
            managed=lambda: _managed(person),
            ending=lambda: _ending(person),
            organization=person.organization,
            selector=_selector(person),
        )
        context["brand"] = _within_reach(_worn(context["brand"], person), context["extras"], person)
        context["additional_script"] = lambda: tenant_script.allowed(person, context["extras"])
    return context


def _guest_shell(context: dict[str, Any], visitor: GuestBrowser, person: Actor | None) -> dict[str, Any]:
    """Around the pages of a setup link's guest: his own steps, the organization's look, the way back."""
    # Imported late: the room of links has views, and those import this package.
    from portal.links.pages import rail, way_back

    found: dict[str, Any] = {"managed": lambda: False, "return_link": way_back(visitor.link)}
    if person is not None and person.organization is not None and visitor.link is not None:
        found |= {
            "nav": rail(person, visitor.link),
            "organization": person.organization,
            "urls": {"home": url_for("home.show")},
        }
        found["brand"] = _within_reach(_worn(context["brand"], person), context["extras"], person)
    return found


def _help() -> str:
    """The page of help for the section at hand, or the list of all."""
    from portal.help.actions import topic_of

    topic = topic_of(request.endpoint or "")
    return url_for("help.show", topic=topic) if topic else url_for("help.index")


def _managed(person: Actor) -> bool:
    """Whether people of the organization come from its identity provider alone."""
    from portal.sso.policy import present

    return person.organization is not None and present(person).managed


def _ending(person: Actor) -> Any:
    """Connections of the organization whose certificate ends soon."""
    from portal.sso.ending import ending

    return ending(person)


def _brand(name: str) -> Any:
    # Imported late: the room of styles has views, and those import this package.
    from portal.errors import PortalError
    from portal.styles.actions import brand

    try:
        found = brand(name)
    except PortalError:
        return None
    # The way out for whoever made a page unusable with his own style sheet.
    return replace(found, css_url=None) if SAFE_STYLE in request.args else found


def _worn(brand: Any, person: Actor) -> Any:
    """The look with what the organization of the request overrides."""
    from portal.styles.actions import brand_for

    if brand is None or person.organization is None:
        return brand
    worn = brand_for(brand, person.realm.name, person.organization)
    return replace(worn, organization_css_url=None) if SAFE_STYLE in request.args else worn


def _extras(name: str) -> Any:
    from portal.styles.actions import extras

    return extras(name)


def _within_reach(brand: Any, extras: Any, person: Actor) -> Any:
    """The look without the tenant's style sheet where the operator does not want it."""
    if brand is None or brand.css_url is None or extras.wears_sheet(organization=person.organization is not None):
        return brand
    return replace(brand, css_url=brand.colors_url)


def _return_link() -> dict[str, str] | None:
    """The address the person came with, else the operator's for everybody."""
    return browser().get("return_link") or portal_link.usual()


def _toasts() -> list[dict[str, str]]:
    return list(browser().pop("toasts", None) or [])


def _nav(person: Actor) -> list[dict[str, Any]]:
    groups = [{"title": _("Your account"), "items": _items(entries(person))}]
    if person.organization:
        groups.insert(0, {"title": person.organization.label, "items": _items(organization_entries(person))})
    groups.append({"title": _("Realm"), "items": _items(realm_entries(person))})
    return [group for group in groups if group["items"]]


def _items(shown: list[Entry]) -> list[dict[str, Any]]:
    """Links; the current one is the longest whose address the present one begins with."""
    urls = [url_for(entry.endpoint) for entry in shown]
    inside = [url for url in urls if request.path == url or request.path.startswith(f"{url}/")]
    current = max(inside, key=len, default="")
    return [
        {"label": entry.label, "url": url, "icon": entry.icon, "current": url == current}
        for entry, url in zip(shown, urls, strict=True)
    ]


def _selector(person: Actor) -> dict[str, Any] | None:
    """The organization selector, for those who have one to choose."""
    # Imported late, as the styles are.
    from portal.organizations.actions import selector

    if not person.standing.read or not person.may("organizations.list"):
        return None
    found = selector(person)
    if not (found["starred"] or found["others"] or person.standing.many or operator(person.facts)):
        return None
    current = person.organization.id if person.organization else ""
    return {**found, "current": current, "url": url_for("organizations.index")}


def _person(person: Actor) -> dict[str, str]:
    words = (person.name or person.username or person.email).split()
    initials = "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words[:1])).upper()
    return {"id": person.sub, "name": person.label, "email": person.email, "initials": initials}


def _urls() -> dict[str, str]:
    return {
        "theme": url_for("preferences.theme"),
        "language": url_for("preferences.language"),
        "signout": url_for("signin.sign_out"),
        "home": url_for("home.show"),
        "search": url_for("search.show"),
        "help": _help(),
    }


def _locales() -> list[dict[str, Any]]:
    present = locale_tag()
    return [{"tag": tag, "label": label, "current": tag == present} for tag, label in offered()]
