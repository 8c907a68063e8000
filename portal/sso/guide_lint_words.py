"""Whether the text of a guide is short, plain and harmless."""

from __future__ import annotations

import re
from collections.abc import Iterator

from portal.sso.guide_lint_facts import Wrong
from portal.sso.guide_source import Part, Prose, Section, Source
from portal.sso.guide_text import copied, links, secure
from portal.sso.guide_words import NOTES

LONGEST = 180  # words of a step
LONGEST_TITLE = 60  # characters
_CODE = re.compile(r"`[^`]*`")
_REFUSED = (
    (re.compile(r"<[/!?a-zA-Z]"), "HTML is not understood"),
    (re.compile(r"!\["), "pictures are not understood"),
    (re.compile(r"^\s*(```|~~~)"), "blocks of code are not understood"),
    (re.compile(r"^\s+::"), "a directive stands at the beginning of its line"),
)
_LINK = re.compile(r"\]\([^)]*\)")


def check(source: Source) -> Iterator[Wrong]:
    """Each thing wrong with the words of a guide, with its line."""
    for section in source.sections:
        words = len(section.title.split()) + sum(len(_text(part).split()) for part in section.parts)
        if words > LONGEST:
            yield section.line, f"the step has {words} words, {LONGEST} at most: make two of it"
        if len(section.title) > LONGEST_TITLE:
            yield section.line, f"a title has {LONGEST_TITLE} characters at most"
        yield from _lines(section)


def _text(part: Part) -> str:
    """What is read of it."""
    if isinstance(part, Prose) or part.name in NOTES:
        return part.text
    return copied(part)[part.name != "text"]


def _lines(section: Section) -> Iterator[Wrong]:
    yield from ((section.line, reason) for reason in _reasons(section.title))
    for part in section.parts:
        for number, line in enumerate(_text(part).splitlines(), part.line):
            yield from ((number, reason) for reason in _reasons(line))


def _reasons(line: str) -> Iterator[str]:
    plain = _CODE.sub("", line)
    for pattern, reason in _REFUSED:
        if pattern.search(plain):
            yield reason
    for address in links(line):
        if not secure(address):
            yield f"a link leads to https addresses only, not to {address}"
    if re.search(r"https?://", _LINK.sub("", plain)):
        yield "an address stands in a link or between backquotes"
