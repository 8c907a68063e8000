"""Calling the JSON face as somebody, with the token that an application gets for him."""

from __future__ import annotations

from typing import Any

import requests
from cast import Client
from holdings import api_token
from organization_holdings import Place


class Api:
    """The API of a realm with one person's token. Paths that begin with `~` are below the organization of `place`."""

    def __init__(self, browser: Client, place: Place | None = None, token: str | None = None) -> None:
        self.token = api_token(browser) if token is None else token
        self.base = f"{browser.stack.portal_url}/{browser.realm}/api/v1"
        self.place = place

    def __call__(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        head = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if path.startswith("~"):
            assert self.place is not None
            path = f"/organizations/{self.place.id}{path[1:]}"
        headers = {**head, **kwargs.pop("headers", {})}
        return requests.request(method, f"{self.base}{path}", headers=headers, timeout=30, **kwargs)

    def every(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """All pages of a list."""
        found: list[dict[str, Any]] = []
        while True:
            page = self("GET", path, params=query).json()
            found += page["data"]
            if page["next_cursor"] is None:
                return found
            query = {**query, "cursor": page["next_cursor"]}


def api_of(place: Place) -> Api:
    """The API as the holder of a place."""
    return Api(place.browser, place)
