"""SVG by allow-list: elements, attributes and values that draw; nothing that runs, loads, links or animates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError, register_namespace, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from flask_babel import gettext as _

from portal.styles.css import check_css

SVG = "http://www.w3.org/2000/svg"
XLINK = "{http://www.w3.org/1999/xlink}href"
MOST_BYTES = 256 * 1024
MOST_ELEMENTS = 5000
MOST_USES = 64
DEEPEST = 64

_ELEMENTS = frozenset(
    """svg g defs symbol use title desc path rect circle ellipse line polyline polygon text tspan
    linearGradient radialGradient stop clipPath mask style""".split()  # noqa: SIM905
)
_ATTRIBUTES = frozenset(
    """id class style href width height viewBox preserveAspectRatio version transform x y x1 y1 x2 y2 cx cy r rx ry
    fx fy fr dx dy d points pathLength offset gradientUnits gradientTransform spreadMethod clipPathUnits maskUnits
    maskContentUnits fill fill-rule fill-opacity stroke stroke-width stroke-linecap stroke-linejoin stroke-miterlimit
    stroke-dasharray stroke-dashoffset stroke-opacity opacity color stop-color stop-opacity clip-path clip-rule mask
    mask-type display visibility overflow paint-order vector-effect shape-rendering text-rendering color-interpolation
    font-family font-size font-style font-weight font-stretch letter-spacing word-spacing text-anchor
    dominant-baseline alignment-baseline textLength lengthAdjust rotate""".split()  # noqa: SIM905
)
_FRAGMENT = re.compile(r"#[A-Za-z_][\w.:-]*")
_REFERENCE = re.compile(r"url\(\s*(['\"]?)#[A-Za-z_][\w.:-]*\1\s*\)")
_OUT_OF_BLOCK = re.compile(r"[{}\\]")

register_namespace("", SVG)


class SvgRefused(ValueError):
    """Not an SVG that can be made harmless."""


def clean_svg(content: bytes) -> bytes:
    """Parse, keep what draws, and write anew. Raises `SvgRefused` for entities, other roots and excess."""
    if len(content) > MOST_BYTES:
        raise SvgRefused(_("the SVG is too large"))
    try:
        root = fromstring(content, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    except (DefusedXmlException, ParseError, ValueError, LookupError, RecursionError) as error:
        raise SvgRefused(_("the SVG cannot be read")) from error
    if root.tag != f"{{{SVG}}}svg":
        raise SvgRefused(_("the file is not an SVG"))
    _prune(root, DEEPEST)
    if sum(1 for _ in root.iter()) > MOST_ELEMENTS:
        raise SvgRefused(_("the SVG has too many elements"))
    _tame_uses(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _prune(element: Element, depth: int) -> None:
    if depth == 0:
        raise SvgRefused(_("the SVG is nested too deeply"))
    _keep_attributes(element)
    if element.tag == f"{{{SVG}}}style":
        element.text = check_css("".join(element.itertext()), data_images=False).text
        element[:] = []
    for child in list(element):
        if _known(child):
            _prune(child, depth - 1)
        else:
            element.remove(child)


def _known(element: Element) -> bool:
    namespace, _, name = str(element.tag).rpartition("}")
    return namespace == "{" + SVG and name in _ELEMENTS


def _keep_attributes(element: Element) -> None:
    kept = {}
    for name, value in element.attrib.items():
        plain = "href" if name == XLINK else name
        if plain in _ATTRIBUTES and _harmless(plain, value):
            kept[plain] = value
    element.attrib.clear()
    element.attrib.update(kept)


def _harmless(name: str, value: str) -> bool:
    if name == "href":
        return bool(_FRAGMENT.fullmatch(value))
    if name == "style":
        checked = check_css(f"a{{{value}}}", data_images=False)
        return not (checked.removed or checked.refused or _OUT_OF_BLOCK.search(value))
    # Escapes in presentation attributes would be read as CSS; nothing that draws needs one.
    return "\\" not in value and "(" not in _REFERENCE.sub("", _calls(value))


def _calls(value: str) -> str:
    """The value without the functions that are known to draw only."""
    return re.sub(r"\b(rgba?|hsla?|matrix|translate|scale|rotate|skewX|skewY)\(", "", value)


def _tame_uses(root: Element) -> None:
    """A `use` of something that itself uses grows without bound: such ones go, and the rest is counted."""
    by_id = {element.get("id"): element for element in root.iter() if element.get("id")}
    uses = [(parent, child) for parent in root.iter() for child in parent if child.tag == f"{{{SVG}}}use"]
    for parent, use in [pair for pair in uses if not _simple(by_id.get(_target(pair[1])))]:
        parent.remove(use)
    if sum(1 for _ in _uses(root)) > MOST_USES:
        raise SvgRefused(_("the SVG repeats itself too often"))


def _target(use: Element) -> str:
    return (use.get("href") or "").removeprefix("#")


def _simple(target: Element | None) -> bool:
    return target is not None and next(_uses(target), None) is None


def _uses(element: Element) -> Iterator[Element]:
    return element.iter(f"{{{SVG}}}use")
