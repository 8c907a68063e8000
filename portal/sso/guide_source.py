"""Takes a guide's file apart: facts between +++ lines, then steps of prose and directives, each with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FENCE = "+++"
_STEP = re.compile(r"## (?P<title>.+?) \{#(?P<id>[a-z][a-z0-9-]*)\}")
_DIRECTIVE = re.compile(r"::(?P<name>[a-z]+)(?: +(?P<text>.*))?")


class Broken(Exception):
    """The file cannot be read as a guide: in which line, and why."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


@dataclass(frozen=True)
class Prose:
    """Markdown, as written."""

    line: int
    text: str


@dataclass(frozen=True)
class Directive:
    """`::name text`. The text of a directive goes on until an empty line."""

    line: int
    name: str
    text: str


Part = Prose | Directive


@dataclass(frozen=True)
class Section:
    """A step, as written."""

    line: int
    id: str
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Source:
    """A whole file, as written."""

    file: Path
    facts: dict[str, Any]
    sections: tuple[Section, ...]

    def directives(self, name: str) -> Iterator[Directive]:
        """Every directive of this name."""
        parts = (part for section in self.sections for part in section.parts)
        return (part for part in parts if isinstance(part, Directive) and part.name == name)


def read(file: Path) -> Source:
    """The parts of this file. Raises Broken."""
    lines = file.read_text("utf-8").splitlines()
    end = _end_of_facts(lines)
    return Source(file, _facts(lines[1:end]), tuple(_sections(lines, end + 1)))


def _end_of_facts(lines: list[str]) -> int:
    if not lines or lines[0] != FENCE:
        raise Broken(1, f"begins with a line {FENCE}, then come the facts")
    if FENCE not in lines[1:]:
        raise Broken(len(lines), f"the facts end with a line {FENCE}")
    return lines.index(FENCE, 1)


def _facts(lines: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        raise Broken(int(found[1]) + 1 if found else 1, f"the facts are not TOML: {error}") from error


def _sections(lines: list[str], start: int) -> Iterator[Section]:
    heads = [number for number in range(start, len(lines)) if lines[number].startswith("#")]
    first = heads[0] if heads else len(lines)
    stray = next((number for number in range(start, first) if lines[number].strip()), None)
    if stray is not None:
        raise Broken(stray + 1, "text before the first step")
    for number, after in zip(heads, [*heads[1:], len(lines)], strict=True):
        head = _STEP.fullmatch(lines[number])
        if not head:
            raise Broken(number + 1, "a step begins with: ## Title {#step-id}")
        yield Section(number + 1, head["id"], head["title"], tuple(_parts(lines, number + 1, after)))


def _parts(lines: list[str], start: int, end: int) -> Iterator[Part]:
    number = start
    while number < end:
        if not lines[number].strip():
            number += 1
        elif lines[number].startswith("::"):
            after = _until(lines, number + 1, end, lambda line: not line.strip() or line.startswith("::"))
            yield _directive(number + 1, lines[number:after])
            number = after
        else:
            after = _until(lines, number + 1, end, lambda line: line.startswith("::"))
            yield Prose(number + 1, "\n".join(lines[number:after]).rstrip())
            number = after


def _until(lines: list[str], start: int, end: int, stop: Any) -> int:
    return next((number for number in range(start, end) if stop(lines[number])), end)


def _directive(line: int, lines: list[str]) -> Directive:
    head = _DIRECTIVE.fullmatch(lines[0])
    if not head:
        raise Broken(line, f"not a directive: {lines[0]}")
    text = " ".join([head["text"] or "", *(more.strip() for more in lines[1:])])
    return Directive(line, head["name"], text.strip())
