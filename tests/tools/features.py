"""`make features`: which rows and cases have a passing test that drives the running portal, and which have none.

Reads what the last runs of the tests left; runs them if there is nothing yet.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent.parent
RESULTS = TESTS.parent / "test-results" / "tests.json"


def main() -> int:
    """Print the table; 1 if a test of a row fails."""
    if not RESULTS.exists():
        for marks in ("not serial", "serial"):
            subprocess.run([sys.executable, "-m", "pytest", "-q", "-m", marks], cwd=TESTS.parent, check=False)
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    with (TESTS / "features.csv").open(encoding="utf-8") as file:
        rows = [(row["id"], row["what is shown"], standing(row["id"], results)) for row in csv.DictReader(file)]
    for name, said, stands in rows:
        print(f"{name:<6} {stands:<34} {said}")
    open_rows = [name for name, _said, stands in rows if not stands.startswith("shown")]
    print(f"\n{len(rows) - len(open_rows)} of {len(rows)} are shown on the running portal.")
    print(f"Not yet: {', '.join(open_rows)}" if open_rows else "None is missing.")
    unknown = {name for found in results.values() for name in found["shows"]} - {name for name, *_ in rows}
    if unknown:
        print(f"Shown beyond the list: {', '.join(sorted(unknown))}")
    return int(any(stands.startswith("FAILED") for _name, _said, stands in rows))


def standing(name: str, results: dict[str, Any]) -> str:
    """How things stand with one row."""
    found = [result for result in results.values() if name in result["shows"]]
    passed = [result for result in found if result["outcome"] == "passed"]
    driving = [result for result in passed if result["drives"]]
    if failed := len([result for result in found if result["outcome"] == "failed"]):
        return f"FAILED ({failed} of {len(found)})"
    if driving:
        return f"shown ({len(driving)} live, {len(passed)} in all)"
    return f"only away from the portal ({len(passed)})" if passed else "no test"


if __name__ == "__main__":
    sys.exit(main())
