"""The one style sheet, the one script and the icons: joined at start, named after their content, kept for ever."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import brotli
from flask import Blueprint, Flask, Response, current_app, request

from portal.errors import NotFound
from portal.web.rights import right

STATIC = Path(__file__).parent.parent / "static"
PARTS = {
    "portal.css": (("tokens.css", "site.css"), "text/css; charset=utf-8"),
    "portal.js": (("htmx.min.js", "portal.js", "forms.js", "palette.js"), "text/javascript; charset=utf-8"),
    "icons.svg": (("icons.svg",), "image/svg+xml"),
}
_COMMENT = re.compile(rb"/\*.*?\*/", re.DOTALL)
FOREVER = "public, max-age=31536000, immutable"

assets = Blueprint("assets", __name__, url_prefix="/static")


@dataclass(frozen=True)
class Asset:
    """A file as served, in three encodings."""

    address: str
    content_type: str
    plain: bytes
    br: bytes
    gz: bytes


def init(app: Flask) -> None:
    """Join and compress once, at start."""
    made = {name: _made(name, *parts) for name, parts in PARTS.items()}
    app.extensions["portal.assets"] = {asset.address.rpartition("/")[2]: asset for asset in made.values()}
    app.jinja_env.globals["asset"] = lambda name: made[name].address
    app.jinja_env.globals["icon_url"] = made["icons.svg"].address


def _made(name: str, files: tuple[str, ...], content_type: str) -> Asset:
    body = (b";\n" if name.endswith(".js") else b"\n").join((STATIC / file).read_bytes() for file in files)
    if name.endswith(".css"):
        body = _COMMENT.sub(b"", body)
    stem, _, suffix = name.partition(".")
    address = f"/static/{stem}-{hashlib.sha256(body).hexdigest()[:12]}.{suffix}"
    return Asset(address, content_type, body, brotli.compress(body, quality=11), gzip.compress(body, 9, mtime=0))


def accepts(encoding: str) -> bool:
    """Whether the browser takes this content encoding."""
    return request.accept_encodings.quality(encoding) > 0


@assets.get("/<name>")
@right("assets.read")
def file(name: str) -> Response:
    """One file, in the encoding the browser likes best."""
    asset: Asset | None = current_app.extensions["portal.assets"].get(name)
    if asset is None:
        raise NotFound(name)
    body, encoding = asset.plain, ""
    if accepts("br"):
        body, encoding = asset.br, "br"
    elif accepts("gzip"):
        body, encoding = asset.gz, "gzip"
    response = Response(body, content_type=asset.content_type)
    response.headers.update({"Cache-Control": FOREVER, "Vary": "Accept-Encoding"})
    if encoding:
        response.headers["Content-Encoding"] = encoding
    return response
