"""Finds what is wrong in guides before they are released: file, line, reason. `make guides` prints it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal.sso import guide_lint_facts, guide_lint_steps, guide_lint_words
from portal.sso.guide_source import Broken, Source, read
from portal.sso.guide_types import Guide
from portal.sso.guides import FOLDER, load

LANGUAGES = ("de",)


@dataclass(frozen=True)
class Problem:
    """What keeps one file from being released."""

    file: Path
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file.name}:{self.line}: {self.reason}"


def problems(folder: Path = FOLDER) -> list[Problem]:
    """Everything wrong in this folder, by file."""
    files = sorted(file for file in folder.glob("*.md") if "." not in file.stem)
    strays = [file for file in sorted(folder.iterdir()) if not _belongs(file, files)]
    found = [Problem(file, 1, "belongs to no guide") for file in strays]
    return found + [problem for file in files for problem in _of(file)]


def _belongs(file: Path, files: list[Path]) -> bool:
    names = [one.stem for one in files]
    return file in files or any(file.name == f"{name}.{language}.md" for name in names for language in LANGUAGES)


def _of(file: Path) -> Iterator[Problem]:
    try:
        source = read(file)
    except Broken as broken:
        yield Problem(file, broken.line, broken.reason)
        return
    told = list(_in_english(source))
    yield from told
    if not told:
        for language in LANGUAGES:
            yield from _in(language, source, load(file))


def _in_english(source: Source) -> Iterator[Problem]:
    wrong = list(guide_lint_facts.check(source))
    if not wrong:
        wrong = [*guide_lint_steps.check(source), *guide_lint_words.check(source)]
    return (Problem(source.file, line, reason) for line, reason in sorted(wrong))


def _in(language: str, source: Source, guide: Guide) -> Iterator[Problem]:
    file = source.file.with_name(f"{guide.key}.{language}.md")
    try:
        other = read(file)
    except FileNotFoundError:
        yield Problem(source.file, 1, f"there is no {file.name}")
        return
    except Broken as broken:
        yield Problem(file, broken.line, broken.reason)
        return
    wrong = [*guide_lint_steps.compare(source, other), *guide_lint_words.check(other)]
    yield from (Problem(file, line, reason) for line, reason in sorted(wrong))


def main() -> int:
    """Print every problem; 1 if there is one."""
    found = problems()
    for problem in found:
        print(problem)  # noqa: T201 - a command's answer
    print(f"{len(list(FOLDER.glob('*.md')))} files, {len(found)} problems")  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
