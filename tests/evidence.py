"""Keeps what each test showed and how it ended, for `make features`: test-results/tests.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

RESULTS = Path(__file__).parent.parent / "test-results" / "tests.json"
RUNNING = {"stack"}  # the portal under its production server before a real Keycloak
_seen: dict[str, dict[str, Any]] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Send along with each result what the test shows, and whether it drives the running portal."""
    for item in items:
        for kind in ("feature", "case"):
            item.user_properties += [(kind, value) for mark in item.iter_markers(kind) for value in mark.args]
        if RUNNING & set(getattr(item, "fixturenames", ())):
            item.user_properties.append(("drives", "portal"))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note an outcome; a failure before or after the test proper counts too."""
    known = _seen.setdefault(report.nodeid, {"outcome": "passed", "shows": [], "drives": False})
    if report.outcome != "passed":
        known["outcome"] = report.outcome
    known["shows"] = sorted({value for kind, value in report.user_properties if kind in {"feature", "case"}})
    known["drives"] = ("drives", "portal") in report.user_properties


def write() -> None:
    """Add this run to what earlier runs left; a file that was run anew replaces its older results."""
    earlier = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    kept = {name: found for name, found in earlier.items() if name not in _seen and _exists(name)}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(kept | _seen, indent=0, sort_keys=True), encoding="utf-8")


def _exists(nodeid: str) -> bool:
    path, _, name = nodeid.partition("::")
    source = RESULTS.parent.parent / path
    return source.exists() and f"def {name.partition('[')[0]}(" in source.read_text(encoding="utf-8")
