"""Markdown of guides to HTML. The only place where their text becomes Markup.

Few things are understood: paragraphs, lists, bold, italic, code and links to https addresses. Everything else,
HTML before all, stays the text it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from portal.sso.guide_source import Directive, Part, Prose
from portal.sso.guide_types import Block, Copy, Fields, Note, Text
from portal.sso.guide_words import NOTES

_RULES = ("list", "emphasis", "link", "backticks", "escape")


class _Reader(MarkdownIt):
    """Of links, only safe ones are links."""

    def validateLink(self, url: str) -> bool:
        return secure(url)


class _Finder(MarkdownIt):
    """Every link is one."""

    def validateLink(self, url: str) -> bool:  # noqa: ARG002 - the library asks
        return True


def _new() -> MarkdownIt:
    reader = _Reader("zero", {"html": False}).enable(list(_RULES))
    reader.add_render_rule("link_open", _link)
    reader.add_render_rule("ordered_list_open", _list)
    reader.add_render_rule("bullet_list_open", _list)
    return reader


def secure(address: str) -> bool:
    """Whether a link may lead there."""
    return address.startswith("https://")


def _link(renderer: Any, tokens: Sequence[Token], index: int, options: Any, _env: Any) -> str:
    """A vendor's page opens beside the guide and does not learn where it was opened from."""
    tokens[index].attrSet("target", "_blank")
    tokens[index].attrSet("rel", "noopener noreferrer")
    return str(renderer.renderToken(tokens, index, options, _env))


def _list(renderer: Any, tokens: Sequence[Token], index: int, options: Any, _env: Any) -> str:
    """Lists bear the class that the style sheet knows."""
    tokens[index].attrSet("class", "prose")
    return str(renderer.renderToken(tokens, index, options, _env))


_READER = _new()
_FINDER = _Finder("zero").enable(list(_RULES))


def html(text: str) -> Markup:
    """This Markdown as HTML; what is not understood is escaped."""
    return Markup(_READER.render(text).strip())  # noqa: S704 - made with the few rules above, HTML switched off


def links(text: str) -> Iterator[str]:
    """Where the links of this Markdown lead, also those that `html` leaves out."""
    for token in _FINDER.parse(text):
        yield from (str(child.attrGet("href")) for child in token.children or () if child.type == "link_open")


def blocks(parts: Sequence[Part]) -> tuple[Block, ...]:
    """The blocks of a step. Raises ValueError for a directive that there is not."""
    return tuple(_block(part) for part in parts)


def _block(part: Part) -> Block:
    if isinstance(part, Prose):
        return Text(html(part.text))
    if part.name == "copy":
        return Copy(*copied(part))
    if part.name == "text":
        label, text = copied(part)
        return Copy("", label, text)
    if part.name == "fields":
        return Fields(part.text)
    if part.name in NOTES:
        return Note(part.name, html(part.text))
    raise ValueError(f"there is no directive ::{part.name}")


def copied(part: Directive) -> tuple[str, str]:
    """Both sides of `::copy value | label` and of `::text label | text`."""
    left, _bar, right = part.text.partition("|")
    return left.strip(), right.strip()
