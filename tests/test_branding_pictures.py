"""Logos and favicons: what is accepted, and what is left of it."""

from __future__ import annotations

import base64
import io
import struct
import time

import pytest
from PIL import Image as Pillow

from portal.styles.pictures import MOST_BYTES, PictureRefused, checked, from_data

NS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def raster(kind: str = "PNG", size: tuple[int, int] = (64, 32), **options) -> bytes:
    out = io.BytesIO()
    Pillow.new("RGB", size, "#336699").save(out, kind, **options)
    return out.getvalue()


def svg(inner: str, attributes: str = "") -> bytes:
    return f'<svg {NS} viewBox="0 0 8 8" {attributes}>{inner}</svg>'.encode()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "ICO"])
def test_rasters_leave_as_png(kind):
    picture = checked(raster(kind, (64, 64)))
    assert picture.content_type == "image/png"
    with Pillow.open(io.BytesIO(picture.body), formats=["PNG"]) as opened:
        assert opened.size == (64, 64)


def test_large_pictures_are_made_smaller():
    with Pillow.open(io.BytesIO(checked(raster(size=(2000, 500))).body)) as opened:
        assert opened.size == (1024, 256)


@pytest.mark.case("B8")
def test_nothing_but_pixels_survives():
    payload = b"<script>alert(1)</script>"
    for content in (
        raster("GIF") + payload,
        raster("JPEG", comment=payload),
        raster("JPEG", exif=b"Exif\0\0" + payload),
    ):
        assert payload in content
        assert b"script" not in checked(content).body
    frames = [Pillow.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    with Pillow.open(io.BytesIO(checked(out.getvalue()).body)) as opened:
        assert getattr(opened, "n_frames", 1) == 1


def icon_that_lies() -> bytes:
    """An icon that declares 16 by 16 and holds a picture of 4096 by 4096."""
    inner = raster(size=(4096, 4096))
    return struct.pack("<HHH", 0, 1, 1) + struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(inner), 22) + inner


@pytest.mark.case("B8")
@pytest.mark.parametrize(
    "content",
    [
        raster("GIF", (30000, 20)),
        raster(size=(4000, 4000)),
        icon_that_lies(),
        b"GIF89a/*" + b"x" * 64 + b"*/=1;alert(1)",
        raster()[:60],
        b"",
        b"<html><script>alert(1)</script></html>",
        b"%PDF-1.4",
        b"P6 3 3 255 " + b"x" * 27,
        b"BM" + b"\0" * 64,
        raster() + b"\0" * MOST_BYTES,
    ],
    ids=["wide", "pixels", "icon", "polyglot", "cut", "empty", "html", "pdf", "ppm", "bmp", "bytes"],
)
def test_what_is_no_picture_or_too_much_of_one_is_refused(content):
    with pytest.raises(PictureRefused):
        checked(content)


@pytest.mark.case("B8")
def test_a_bomb_is_refused_by_its_declared_size_without_being_opened():
    head = raster(size=(8, 8))
    bomb = head[:16] + struct.pack(">II", 30000, 30000) + head[24:]
    began = time.monotonic()
    with pytest.raises(PictureRefused):
        checked(bomb)
    assert time.monotonic() - began < 1


@pytest.mark.case("B7")
@pytest.mark.parametrize(
    "inner",
    [
        "<script>alert(1)</script>",
        "<foreignObject><p xmlns='http://www.w3.org/1999/xhtml' onclick='alert(1)'>x</p></foreignObject>",
        "<path d='M0 0' onload='alert(1)' onclick='alert(1)'/>",
        "<image href='https://evil.example/x.png'/>",
        "<image xlink:href='data:image/svg+xml,alert'/>",
        "<use href='https://evil.example/x.svg#a'/>",
        "<use xlink:href='data:image/svg+xml,alert#a'/>",
        "<a href='javascript:alert(1)'><path d='M0 0'/></a>",
        "<rect fill='url(https://evil.example/x#y)'/>",
        "<rect fill='u\\72l(https://evil.example/x#y)'/>",
        "<rect style='fill:url(https://evil.example/x)'/>",
        "<rect style='fill:red}} @import url(https://evil.example/x);'/>",
        "<style>@import 'https://evil.example/x'; rect{fill:url(https://evil.example/x)}</style>",
        "<animate attributeName='href' to='javascript:alert(1)'/>",
        "<set attributeName='onload' to='alert(1)'/>",
        "<feImage href='https://evil.example/x'/>",
        "<iframe src='https://evil.example/'/>",
        "<html:script xmlns:html='http://www.w3.org/1999/xhtml'>alert(1)</html:script>",
        "<?xml-stylesheet href='https://evil.example/x'?>",
    ],
)
def test_an_svg_keeps_what_draws(inner):
    picture = checked(svg(inner + "<circle id='dot' r='3' fill='#336699'/>", "onload='alert(1)'"))
    text = picture.body.decode()
    assert picture.content_type == "image/svg+xml"
    assert 'r="3" fill="#336699"' in text
    for word in ("alert", "evil", "script", "foreign", "onload", "image", "animate", "iframe", "@import"):
        assert word not in text


def test_gradients_and_classes_as_drawing_programs_write_them_survive():
    picture = checked(
        b'<?xml version="1.0" encoding="utf-8"?>\n<!-- Generator -->\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
        b'"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n'
        + svg(
            "<style type='text/css'>.st0{fill:#F00;} .st1{fill:url(#g)}</style>"
            "<defs><linearGradient id='g'><stop offset='0' stop-color='rgb(1, 2, 3)'/></linearGradient>"
            "<path id='p' d='M0 0'/></defs>"
            "<g transform='translate(1 2) rotate(3)'><path class='st0' d='M0 0h8v8z' fill='url(#g)'/>"
            "<use xlink:href='#p'/></g>"
        )
    ).body.decode()
    for part in (
        ".st0{fill:#F00;}",
        "url(#g)",
        'transform="translate(1 2) rotate(3)"',
        '<use href="#p"',
        "rgb(1, 2, 3)",
    ):
        assert part in picture


@pytest.mark.case("B7")
@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE svg [<!ENTITY a "b">]>' + svg("<text>&a;</text>"),
        b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + svg("<text>&a;</text>"),
        b'<!DOCTYPE svg [<!ENTITY % a SYSTEM "http://evil.example/x.dtd"> %a;]>' + svg(""),
        b'<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>' + svg("<text>&b;</text>"),
        b"<svg/>",
        b"<svg",
        b"<!-- x --><html xmlns='http://www.w3.org/2000/svg'/>",
        svg("<g>" * 100 + "</g>" * 100),
        svg("<g/>" * 6000),
        svg("<path d='" + "M0 0" * 80000 + "'/>"),
        svg("<g id='a'/>" + "<use href='#a'/>" * 100),
    ],
)
def test_an_svg_with_entities_or_excess_is_refused(content):
    began = time.monotonic()
    with pytest.raises(PictureRefused):
        checked(content)
    assert time.monotonic() - began < 1


def test_a_use_of_what_uses_is_left_out():
    levels = "".join(f"<g id='g{n}'>" + f"<use href='#g{n - 1}'/>" * 3 + "</g>" for n in range(1, 12))
    text = checked(svg("<g id='g0'><path d='M0 0'/></g>" + levels)).body.decode()
    assert text.count("<use") == 3


def test_data_addresses_are_read():
    encoded = base64.b64encode(raster()).decode()
    assert checked(from_data(f"data:image/png;base64,{encoded}")).content_type == "image/png"
    assert from_data("data:image/svg+xml;charset=utf-8,%3Csvg/%3E") == b"<svg/>"
    for bad in (
        "data:text/html,x",
        "data:image/png;base64,???",
        "data:image/png;base64," + "A" * 300_000,
        "data:image/png",
    ):
        with pytest.raises(PictureRefused):
            from_data(bad)
