"""A tenant's style sheet, read by a CSS parser and written again without what could load or call anything.

The Content Security Policy is the wall; this is the second one.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import tinycss2
from tinycss2.ast import Node

MOST_BYTES = 64 * 1024
MOST_SELECTORS = 2000
MOST_HAS = 64
DEEPEST = 12
# Stands among the names of what was left out.
UNREADABLE = "what cannot be read as CSS"

_WITH_RULES = {"media", "supports", "container", "layer", "scope", "starting-style", "keyframes", "-webkit-keyframes"}
_WITH_DECLARATIONS = {"property", "page"}
_LOADING = {
    "src", "image", "image-set", "-webkit-image-set", "cross-fade", "-webkit-cross-fade", "element", "-moz-element",
    "paint", "expression",
}  # fmt: skip
_CODE = {"behavior", "-ms-behavior", "-moz-binding", "src"}
_DATA = re.compile(r"data:image/(png|gif|jpeg|webp|avif|svg\+xml)[;,]", re.IGNORECASE)


@dataclass(frozen=True)
class CheckedCss:
    """`text` is safe to serve; `removed` names what was left out; a sheet beyond the limits is empty and `refused`."""

    text: str = ""
    removed: tuple[str, ...] = ()
    refused: str = ""


class _TooMuch(Exception):
    """The sheet is beyond what a browser should be asked to work through."""


@functools.lru_cache(maxsize=32)
def check_css(text: str, *, data_images: bool = True) -> CheckedCss:
    """Check a style sheet. Left out are imports, fonts, addresses other than `data:` images, and code.

    Escaped spellings count as what they spell. A sheet over 64 KiB, 2,000 selectors or 64 `:has()` is refused whole.
    """
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        return CheckedCss(refused="size")
    try:
        checker = _Checker(data_images)
        rules = tinycss2.parse_stylesheet(text.replace("\0", ""), skip_comments=True, skip_whitespace=True)
        clean = "\n".join(checker.rules(rules, 0))
    except _TooMuch as error:
        return CheckedCss(refused=str(error))
    except RecursionError:
        return CheckedCss(refused="depth")
    return CheckedCss(clean, tuple(dict.fromkeys(checker.removed)))


class _Checker:
    def __init__(self, data_images: bool) -> None:
        self.removed: list[str] = []
        self._data_images = data_images
        self._selectors = 0
        self._has = 0

    def rules(self, nodes: Iterable[Any], depth: int) -> Iterator[str]:
        """The nodes of a sheet or block that may stay, as text."""
        if depth > DEEPEST:
            raise _TooMuch("depth")
        for node in nodes:
            text = self._node(node, depth)
            if text:
                yield text

    def _node(self, node: Any, depth: int) -> str:
        if node.type == "declaration":
            return self._declaration(node)
        if node.type == "at-rule":
            return self._at_rule(node, depth)
        if node.type == "qualified-rule":
            return self._qualified(node, depth)
        if node.type == "error":
            self.removed.append(UNREADABLE)
        return ""

    def _declaration(self, node: Any) -> str:
        if node.lower_name in _CODE:
            self.removed.append(node.lower_name)
            return ""
        if not self._harmless(node.value):
            return ""
        return str(node.serialize()) + ";"

    def _at_rule(self, node: Any, depth: int) -> str:
        name = node.lower_at_keyword
        if name == "layer" and node.content is None and self._harmless(node.prelude):
            return str(node.serialize())
        if name not in _WITH_RULES | _WITH_DECLARATIONS or node.content is None:
            self.removed.append(f"@{name}")
            return ""
        if not self._harmless(node.prelude):
            return ""
        return f"@{name}{tinycss2.serialize(node.prelude)}{{{self._block(node.content, depth)}}}"

    def _qualified(self, node: Any, depth: int) -> str:
        self._count(node.prelude)
        if not self._harmless(node.prelude):
            return ""
        return f"{tinycss2.serialize(node.prelude)}{{{self._block(node.content, depth)}}}"

    def _block(self, content: list[Node], depth: int) -> str:
        nodes = tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True)
        return "".join(self.rules(nodes, depth + 1))

    def _count(self, prelude: list[Any]) -> None:
        self._selectors += 1 + sum(node.type == "literal" and node.value == "," for node in prelude)
        self._has += sum(node.type == "function" and node.lower_name == "has" for node in _deep(prelude))
        if self._selectors > MOST_SELECTORS or self._has > MOST_HAS:
            raise _TooMuch("selectors")

    def _harmless(self, nodes: list[Any]) -> bool:
        found = next(filter(None, map(self._offence, _deep(nodes))), "")
        if found:
            self.removed.append(found)
        return not found

    def _offence(self, node: Any) -> str:
        if node.type == "error":
            return UNREADABLE
        if node.type == "url":
            return self._address(node.value)
        if node.type != "function":
            return ""
        if node.lower_name == "url":
            inner = [part for part in node.arguments if part.type != "whitespace"]
            return self._address(inner[0].value) if len(inner) == 1 and inner[0].type == "string" else "url()"
        return f"{node.lower_name}()" if node.lower_name in _LOADING or "image-set" in node.lower_name else ""

    def _address(self, value: str) -> str:
        allowed = self._data_images and _DATA.match(value)
        # Inside an image there is only the fragment of the image itself.
        return "" if allowed or (not self._data_images and re.fullmatch(r"#[\w.-]+", value)) else "url()"


def _deep(nodes: Iterable[Any]) -> Iterator[Any]:
    """All component values, those inside functions and brackets included."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        yield node
        pending.extend(getattr(node, "content", None) or getattr(node, "arguments", None) or ())
