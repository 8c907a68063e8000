"""What is asked, before anybody reads it: text that no database and no page takes is refused here, once for all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Flask, Request
from flask.json.provider import DefaultJSONProvider
from werkzeug.datastructures import MultiDict
from werkzeug.utils import cached_property

from portal import foreign_json
from portal.errors import Invalid

# PostgreSQL and XML have no such letter, and no keyboard either.
NOTHING = "\0"


class Asked(Request):
    """A request. A zero byte in a field raises `Invalid`, where the field is first asked for."""

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The fields of the address."""
        found: MultiDict[str, str] = super().args
        _check(found.items(multi=True))
        return found

    def _load_form_data(self) -> None:
        if "form" not in self.__dict__:
            super()._load_form_data()
            _check(self.form.items(multi=True))


def _check(fields: Iterable[tuple[str, str]]) -> None:
    for name, value in fields:
        if NOTHING in name or NOTHING in value:
            raise Invalid({name.replace(NOTHING, ""): "error-invalid-value"})


class StrictJson(DefaultJSONProvider):
    """As Flask writes it; read as from a stranger."""

    def loads(self, s: str | bytes, **_: Any) -> Any:
        """Raises `ValueError` for what is no JSON, is deeper than anybody needs, or cannot be kept."""
        return foreign_json.read(s)


def init(app: Flask) -> None:
    """Let the application read requests that way, whatever else its requests know."""
    app.request_class = type("Request", (Asked, app.request_class), {})
    app.json = StrictJson(app)
