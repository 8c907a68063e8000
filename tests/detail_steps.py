"""What tests about details do again and again: read the form, change some of it, send it."""

from __future__ import annotations

import html
import re

import requests
from cast import Client
from organization_holdings import Place

VIEWER = ("view-organization",)


MANAGER = ("view-organization", "manage-organization")


def fields(page: str) -> list[tuple[str, str]]:
    """What a browser would send if the form were left as it is, without its token."""
    form = page.partition('id="details"')[2].partition("</form>")[0]
    found = re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', form)
    checked = re.findall(r'name="(choice\.[^"]+)" value="(\w+)" checked', form)
    return [(name, html.unescape(value)) for name, value in [*found, *checked] if name != "csrf_token"]


def filled(page: str, **changes: str) -> list[tuple[str, str]]:
    """The same with single fields changed."""
    return [(name, changes.get(name, value)) for name, value in fields(page)]


def details(place: Place, browser: Client | None = None) -> str:
    return str((browser or place.browser).get(f"o/{place.name}/details").text)


def save(place: Place, sent: list[tuple[str, str]], browser: Client | None = None) -> requests.Response:
    return (browser or place.browser).post(f"o/{place.name}/details", sent)  # type: ignore[no-any-return]


def text_of(page: str) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page.partition("<main")[2]).split()))
