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
    """A request. A zero byte in a field of a form raises `Invalid`, where the field is first asked for."""

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The fields of the address. A zero byte is read as what cannot be read, and so names nothing."""
        found: MultiDict[str, str] = super().args
        if b"%00" not in self.query_string:
            return found
        return type(found)([(_shown(name), _shown(value)) for name, value in found.items(multi=True)])

    def _load_form_data(self) -> None:
        if "form" not in self.__dict__:
            super()._load_form_data()
            _check(self.form.items(multi=True))


def _shown(text: str) -> str:
    return text.replace(NOTHING, "\N{REPLACEMENT CHARACTER}")


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
