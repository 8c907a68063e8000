"""What a page needs to know of a realm's look."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import current_app

from portal.clients.orgs_types import Organization
from portal.clients.outbound import policy_from
from portal.errors import PortalError, Upstream
from portal.store.realm_settings import version as written
from portal.styles.branding import Brand, brand_of
from portal.styles.extras import Extras, extras_of
from portal.styles.images import Images
from portal.styles.organization import look_of


@dataclass(frozen=True)
class PageBrand:
    """What `layout.html` shows. Addresses are paths of the portal, None where the house look stands."""

    name: str
    logo_url: str | None = None
    favicon_url: str | None = None
    css_url: str | None = None
    colors_url: str | None = None
    organization_logo_url: str | None = None
    organization_css_url: str | None = None
    organization_name: str = ""


def brand(realm: str) -> PageBrand:
    """The look of a realm for a page. Needs neither Keycloak nor the store once both have been asked.

    While Keycloak cannot be asked the last known look stays, at first the house's.
    """
    look = current_brand(realm)
    base = f"/{realm}/branding"
    return PageBrand(
        look.name,
        _picture_url(realm, "logo", look.logo_url),
        _picture_url(realm, "favicon", look.favicon_url),
        f"{base}/{look.version}.css" if look.sheet else None,
        f"{base}/{look.version}/colors.css" if look.colors else None,
    )


def brand_for(page: PageBrand, realm: str, organization: Organization) -> PageBrand:
    """The look of a realm on a page about one organization: what that one overrides wins."""
    look = look_of(organization.look)
    logo = _picture_url(realm, "logo", look.logo_url, organization.id)
    sheet = f"/{realm}/branding/organization/{look.version}.css" if look.version else None
    return replace(
        page, logo_url=logo or page.logo_url, organization_logo_url=logo, organization_css_url=sheet,
        organization_name=organization.label,
    )  # fmt: skip


def current_brand(realm: str) -> Brand:
    """The checked look of a realm. Raises `NotFound` for a realm that is not served."""
    last: dict[str, Brand] = current_app.extensions.setdefault("portal.styles.last", {})
    try:
        facts = current_app.extensions["portal"].realm_facts(realm)
    except Upstream:
        return last.get(realm) or brand_of({}, realm)
    last[realm] = brand_of(facts.attributes, facts.display_name or realm)
    return last[realm]


def extras(realm: str) -> Extras:
    """The layout of a realm, the reach of its style sheet, its script; the house's while Keycloak cannot be asked."""
    portal = current_app.extensions["portal"]
    try:
        values = portal.realm_facts(realm).attributes
    except PortalError:
        return Extras()
    return extras_of(values, loopback=portal.settings.loopback)


def brand_at(realm: str, version: str) -> Brand:
    """The look that an address names, if it is the present one; another worker may have written it just now."""
    look = current_brand(realm)
    if version == look.version:
        return look
    portal = current_app.extensions["portal"]
    portal.realms.expect(realm, written(portal.store, realm))
    return current_brand(realm)


def images() -> Images:
    """The keeper of logos and favicons of this application."""
    found: Images | None = current_app.extensions.get("portal.styles.images")
    if found is None:
        portal = current_app.extensions["portal"]
        found = Images(portal.store, policy_from(portal.settings), portal.settings.public_url)
        current_app.extensions["portal.styles.images"] = found
    return found


def picture_shown(realm: str, kind: str, source: str, organization: str = "") -> str | None:
    """Where pages find the picture from `source`, None while there is none."""
    return _picture_url(realm, kind, source, organization)


def _picture_url(realm: str, kind: str, source: str, organization: str = "") -> str | None:
    key = images().key(realm, source, organization)
    return f"/{realm}/branding/{kind}-{key}" if key else None
