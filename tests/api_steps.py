"""Calling the JSON face as somebody, with the token that an application gets for him."""

from __future__ import annotations

import time
from typing import Any

import requests
from cast import Client
from holdings import api_token
from organization_holdings import Place

# Seconds; a token lives five minutes.
YOUNG = 120


class Api:
    """The API of a realm with one person's token. Paths that begin with `~` are below the organization of `place`.

    Tokens live minutes, so a new one is fetched in time; `token` is sent as it is, an empty one not at all.
    """

    def __init__(self, browser: Client, place: Place | None = None, token: str | None = None) -> None:
        self.browser, self.fixed, self.place = browser, token, place
        self.held, self.since = "", float("-inf")
        self.base = f"{browser.stack.portal_url}/{browser.realm}/api/v1"

    @property
    def token(self) -> str:
        """What is sent."""
        if self.fixed is not None:
            return self.fixed
        if time.monotonic() - self.since > YOUNG:
            self.held, self.since = api_token(self.browser), time.monotonic()
        return self.held

    def __call__(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        token = self.token
        head = {"Authorization": f"Bearer {token}"} if token else {}
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


def check(value: Any, schema: Any, known: Any) -> None:
    """A small part of JSON Schema: references, objects, arrays, types, and null beside one of them."""
    if "$ref" in schema:
        schema = known[schema["$ref"].rpartition("/")[2]]
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
    if "oneOf" in schema:
        if value is None:
            assert {"type": "null"} in schema["oneOf"]
            return
        check(value, next(each for each in schema["oneOf"] if each != {"type": "null"}), known)
        return
    if "type" in schema:
        assert isinstance(value, kinds[schema["type"]]), (value, schema)
    if "properties" in schema:
        assert set(schema.get("required", ())) <= set(value)
        for name, each in schema["properties"].items():
            if name in value:
                check(value[name], each, known)
    for each in value if "items" in schema else ():
        check(each, schema["items"], known)
