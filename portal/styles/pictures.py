"""Pictures from outside: whatever comes in leaves as a PNG or SVG that was written here."""

from __future__ import annotations

import base64
import binascii
import io
import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from flask_babel import gettext as _
from PIL import Image

from portal.styles.svg import SvgRefused, clean_svg

MOST_BYTES = 1024 * 1024
MOST_DATA = 200 * 1024
MOST_PIXELS = 4_194_304
LONGEST_SIDE = 8192
SHOWN = (1024, 512)
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "ICO")
_DATA = re.compile(
    r"data:image/[a-z0-9.+-]+(?:;[a-z0-9=-]+)*?(?P<base64>;base64)?,(?P<body>.*)", re.DOTALL | re.IGNORECASE
)

# An icon file hides pictures larger than it declares; Pillow measures those itself, against this.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


class PictureRefused(ValueError):
    """The content is not a picture that is accepted; the message says why, without quoting it."""


@dataclass(frozen=True)
class Picture:
    """A checked picture: PNG without metadata, or SVG without anything that acts."""

    content_type: str
    body: bytes


def checked(content: bytes) -> Picture:
    """Check and rewrite a picture. What it is, is read from the content: neither name nor declared type counts.

    Raises `PictureRefused`.
    """
    if len(content) > MOST_BYTES:
        raise PictureRefused(_("the file is too large"))
    start = content[:512].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"<?xml", b"<svg", b"<!--", b"<!DOCTYPE")):
        return _vector(content)
    return _raster(content)


def from_data(address: str) -> bytes:
    """The content of a `data:image/…` address of at most 200 KB. Raises `PictureRefused`."""
    found = _DATA.fullmatch(address.strip())
    if not found:
        raise PictureRefused(_("not a data: address of a picture"))
    try:
        raw = unquote_to_bytes(found["body"])
        content = base64.b64decode(raw, validate=True) if found["base64"] else raw
    except (binascii.Error, ValueError) as error:
        raise PictureRefused(_("the data: address cannot be read")) from error
    if len(content) > MOST_DATA:
        raise PictureRefused(_("the data: address is too long"))
    return content


def _vector(content: bytes) -> Picture:
    try:
        return Picture("image/svg+xml", clean_svg(content))
    except SvgRefused as error:
        raise PictureRefused(str(error)) from error


def _raster(content: bytes) -> Picture:
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
            _measure(picture)
            return Picture("image/png", _png(picture))
    except PictureRefused:
        raise
    except Exception as error:  # Pillow's readers raise whatever a broken file makes them raise
        raise PictureRefused(_("the file is not a picture that can be read")) from error


def _measure(picture: Image.Image) -> None:
    width, height = picture.size
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE or min(width, height) < 1:
        raise PictureRefused(_("the picture has too many pixels"))


def _png(picture: Image.Image) -> bytes:
    """The first frame, at most `SHOWN` in size, without any metadata."""
    still = picture.convert("RGBA")
    still.thumbnail(SHOWN)
    out = io.BytesIO()
    Image.frombytes("RGBA", still.size, still.tobytes()).save(out, "PNG", optimize=True)
    return out.getvalue()
