"""Style sheets and pictures of a realm, under addresses that change with their content."""

from __future__ import annotations

from flask import Blueprint, Response, g

from portal.errors import NotFound
from portal.store.images import image
from portal.styles.actions import brand_at
from portal.styles.organization import look_of_address
from portal.styles.organization import sheet as sheet_of
from portal.web import right, services

styles = Blueprint("styles", __name__, url_prefix="/<realm>/branding")

FOREVER = "public, max-age=31536000, immutable"
# Pictures are shown by `img`; opened on their own they are a download that may do nothing. Styles inside an SVG stay.
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@styles.get("/<version>.css")
@right("branding.read")
def sheet(version: str) -> Response:
    """The realm's colours and style sheet."""
    look = brand_at(g.realm.name, version)
    return _css(look.sheet, current=version == look.version)


@styles.get("/<version>/colors.css")
@right("branding.read")
def colors(version: str) -> Response:
    """The realm's colours alone, for pages on which something is decided."""
    look = brand_at(g.realm.name, version)
    return _css(look.colors, current=version == look.version)


@styles.get("/organization/<background>-<header>.css")
@right("branding.read")
def organization_sheet(background: str, header: str) -> Response:
    """What an organization overrides. The address says all of it, so that nobody has to be asked whose it is."""
    look = look_of_address(background, header)
    if look.version != f"{background}-{header}":
        raise NotFound("no such look")
    return _sealed(Response(sheet_of(look), content_type="text/css; charset=utf-8"), FOREVER)


@styles.get("/<any(logo, favicon):kind>-<key>")
@right("branding.read")
def picture(kind: str, key: str) -> Response:
    """A logo or favicon as checked and stored."""
    found = image(services().store, g.realm.name, key)
    if found is None:
        raise NotFound(kind)
    suffix = "svg" if found.content_type == "image/svg+xml" else "png"
    response = Response(found.body, content_type=found.content_type)
    response.headers["Content-Security-Policy"] = PICTURE_POLICY
    response.headers["Content-Disposition"] = f'attachment; filename="{kind}.{suffix}"'
    return _sealed(response, FOREVER)


def _css(text: str, *, current: bool) -> Response:
    """An older or newer version is answered with the present one, which nobody may then keep."""
    return _sealed(Response(text, content_type="text/css; charset=utf-8"), FOREVER if current else "no-cache")


def _sealed(response: Response, cache: str) -> Response:
    response.headers["Cache-Control"] = cache
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
