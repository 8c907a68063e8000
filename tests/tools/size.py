"""`make size`: how long files, functions and templates are, and what is over its limit.

A function's length is what stands between its `def` and its last line, both counted, with its docstring.
Written by machine and therefore not measured: migrations, vendored scripts, translation catalogues.
"""

from __future__ import annotations

import ast
import math
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
UNMEASURED = ("portal/store/migrations/", "portal/static/htmx", "portal/translations/")
SHOWN = 15

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Measure:
    """Lengths of one kind of thing by name, with the limits for them. A limit of 0 is none."""

    kind: str
    lengths: dict[str, int]
    highest: int
    middle: int = 0
    ninetieth: int = 0

    def figures(self) -> tuple[int, float, int, int]:
        """How many, median, 90th percentile, longest."""
        ordered = sorted(self.lengths.values()) or [0]
        return len(self.lengths), median(ordered), ordered[math.ceil(len(ordered) * 0.9) - 1], ordered[-1]

    def line(self) -> str:
        """One row of the printed table, limits in brackets."""
        count, middle, ninetieth, longest = self.figures()
        cells = ((f"{middle:g}", self.middle), (str(ninetieth), self.ninetieth), (str(longest), self.highest))
        shown = "".join(f"{f'{value} (≤ {limit})' if limit else value:>14}" for value, limit in cells)
        return f"{self.kind:<22}{count:>7}{shown}"

    def broken(self) -> Iterator[str]:
        """What is over a limit, longest first."""
        _, middle, ninetieth, _ = self.figures()
        if self.middle and middle > self.middle:
            yield f"{self.kind}: the median is {middle:g}, the limit {self.middle}"
        if self.ninetieth and ninetieth > self.ninetieth:
            yield f"{self.kind}: the 90th percentile is {ninetieth}, the limit {self.ninetieth}"
        for name, length in sorted(self.lengths.items(), key=lambda item: -item[1]):
            if length > self.highest:
                yield f"{name}: {length} lines, the limit is {self.highest}"


def main() -> int:
    """Print the measures; exit code 1 if a limit is broken."""
    measures = list(measured())
    bare = list(unannotated())
    print(f"{'':<22}{'count':>7}{'median':>14}{'90 %':>14}{'longest':>14}")
    for measure in measures:
        print(measure.line())
    print(f"{'not fully annotated':<22}{len(bare):>7}")
    broken = [fault for measure in measures for fault in measure.broken()]
    broken += [f"{name}: not fully annotated" for name in bare]
    for fault in broken[:SHOWN]:
        print(f"over the limit: {fault}")
    if len(broken) > SHOWN:
        print(f"… and {len(broken) - SHOWN} more")
    return 1 if broken else 0


def measured() -> Iterator[Measure]:
    """Everything that has a limit."""
    portal, tests = list(files("portal", ".py")), list(files("tests", ".py"))
    yield Measure("files", lengths(portal), 250, middle=60)
    yield Measure("functions", dict(functions(portal)), 50, middle=8, ninetieth=25)
    yield Measure("templates", lengths(files("portal/templates", ".html")), 150)
    yield Measure("other templates", lengths([*files("portal/demo", ".html"), *files("theme", ".ftl")]), 150)
    yield Measure("scripts and sheets", lengths([*files("portal/static", ".js"), *files("portal/static", ".css")]), 250)
    yield Measure("files of tests", lengths(tests), 250)
    yield Measure("functions of tests", dict(functions(tests)), 50)


def files(folder: str, ending: str) -> Iterator[Path]:
    """Files that people write, in order of their names."""
    for path in sorted((ROOT / folder).rglob(f"*{ending}")):
        if not name_of(path).startswith(UNMEASURED):
            yield path


def lengths(paths: Iterable[Path]) -> dict[str, int]:
    """Lines of each file. Empty files (a package's mark) are left out."""
    counted = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    return {name: lines for name, lines in counted.items() if lines}


def functions(paths: Iterable[Path]) -> Iterator[tuple[str, int]]:
    """Name and length of every function and method, nested ones too."""
    for name, node in defined(paths):
        yield name, (node.end_lineno or node.lineno) - node.lineno + 1


def unannotated() -> Iterator[str]:
    """Functions of the portal that lack the type of a parameter or of their result."""
    for name, node in defined(files("portal", ".py")):
        given = node.args
        named = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
        typed = all(a.annotation for a in named if a and a.arg not in {"self", "cls"})
        if not (typed and node.returns):
            yield name


def defined(paths: Iterable[Path]) -> Iterator[tuple[str, Function]]:
    """Every function with a name that can be found: `portal/cli.py:17 main`."""
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, Function):
                yield f"{name_of(path)}:{node.lineno} {node.name}", node


def name_of(path: Path) -> str:
    """The path as it is written in the repository."""
    return path.relative_to(ROOT).as_posix()


if __name__ == "__main__":
    sys.exit(main())
