"""`make features`: runs the tests that carry a row of the feature catalogue or a security case, and prints which of
those have a passing test and which have none. It runs as a plugin of pytest too, in each of its processes.

A row is done when its acceptance sentence holds; a test that bears its name is only evidence.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# The catalogue's ids by source, and the security cases' by group. Gaps are numbers that were never given.
ROWS = {"P2": "1-70", "SV": "1-124", "WO": "1-66", "UM": "1-18", "AS": "1-28"}
CASES = {
    "A": "1-8 10-13 15-16", "B": "1-2 4-9", "C": "1-4 7-11", "D": "1-3 5-6 8-10", "E": "3-7 9", "F": "1-3 5-7 9",
    "I": "1-2 4 6-12", "L": "1-10 13-15", "O": "1-7 9-12 14-16", "P": "1-2 4 6-11 13-14", "Q": "1-2 4-5",
    "R": "1-4 6-15 17-18", "S": "1-9", "T": "1-12 14-16", "U": "1 4-9", "X": "1", "Z": "1 3 5-7",
}  # fmt: skip
SHOWS = "shows"
PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each test's report carry the ids that the test shows."""
    for item in items:
        shown = [each for name in ("feature", "case") for mark in item.iter_markers(name) for each in mark.args]
        item.user_properties.extend((SHOWS, each) for each in shown)


class Evidence:
    """How many tests of each id passed, failed or did not run."""

    def __init__(self) -> None:
        self.counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Note an outcome: of the test itself, and of whatever did not go well around it."""
        if report.when == "call" or not report.passed:
            for key, value in report.user_properties:
                if key == SHOWS:
                    self.counts[value][report.outcome] += 1


def ids(group: str, spans: str, width: int) -> Iterator[str]:
    """`P2-01` … or `A1` …"""
    for span in spans.split():
        first, _, last = span.partition("-")
        for number in range(int(first), int(last or first) + 1):
            yield f"{group}-{number:0{width}}" if width else f"{group}{number}"


def table(evidence: Evidence) -> Iterator[str]:
    """A line for each source and group, then what failed and what is not in the catalogue."""
    known: set[str] = set()
    for title, groups, width in (("feature rows", ROWS, 2), ("security cases", CASES, 0)):
        yield f"{title}: with a passing test / in the catalogue"
        for group, spans in groups.items():
            every = list(ids(group, spans, width))
            known.update(every)
            shown = [each for each in every if good(evidence, each)]
            none = [each for each in every if each not in shown]
            yield f"  {group:<3}{len(shown):>4} /{len(every):>4}   with: {brief(every, shown) or 'none'}"
            yield f"{'':>16}without: {brief(every, none) or 'none'}"
    for each, counts in sorted(evidence.counts.items()):
        if counts[FAILED]:
            yield f"{each}: {counts[FAILED]} of its tests failed"
        elif not counts[PASSED]:
            yield f"{each}: its tests were skipped"
        if each not in known:
            yield f"{each}: not in the catalogue"


def brief(every: list[str], some: list[str]) -> str:
    """`some` of `every`, what follows on each other drawn together: `P2-01…P2-03 P2-05`."""
    runs: list[list[str]] = []
    for before, each in zip(["", *every], every, strict=False):
        if each in some and before in some:
            runs[-1].append(each)
        elif each in some:
            runs.append([each])
    return " ".join(run[0] if len(run) == 1 else f"{run[0]}…{run[-1]}" for run in runs)


def good(evidence: Evidence, each: str) -> bool:
    """Whether some test of this id passed and none failed."""
    counts = evidence.counts.get(each, {})
    return bool(counts.get(PASSED)) and not counts.get(FAILED)


def main() -> int:
    """Run the tests and print the table; exit code 1 if one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tests", nargs="*", help="tests to run (default: all)")
    chosen = parser.parse_args().tests
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    evidence, shared = Evidence(), ["-q", "-p", "features", *chosen]
    workers = os.environ.get("WORKERS", "2")
    code = pytest.main([*shared, "-m", "(feature or case) and not serial", "-n", workers], plugins=[evidence])
    later = pytest.main([*shared, "-m", "(feature or case) and serial"], plugins=[evidence])
    print("\n".join(["", *table(evidence)]))
    return int(any(each not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED} for each in (code, later)))


if __name__ == "__main__":
    sys.exit(main())
