"""`make bench-organizations`: what organizations cost when they are large, written to docs/figures.md.

Lists and searches of members by size, the lists of people in many organizations, a steady load, and a long list of
invitations. Raw figures go to test-results/bench-organizations.json.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import requests
from bench_seed import REALM, House, house, members, organizations, write
from bench_server import family
from size import ROOT
from stage_run import demonstration, say

sys.path.insert(0, str(ROOT / "tests"))

import bench_organizations_table
import cast
from bench_load import bulk, load
from stack import Stack

from portal.demo import people
from portal.demo.admin import Admin
from portal.demo.portal_process import wait_until_it_answers
from portal.demo.stage import Stage

PASSWORD = "Correct-Horse-7-Battery"
TIMES, WARM = 15, 4
MANY = (1, 100, 1000)


@dataclass
class Bench:
    """One run: the running parts, and the people who look."""

    stage: Stage
    sizes: tuple[int, ...]
    rows: int
    minutes: float
    houses: dict[int, House] = field(default_factory=dict, init=False)
    people: dict[str, cast.Person] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        info = self.stage.info()
        self.stack = Stack(
            str(self.stage.folder.root), info["portal"], info["keycloak"], self.stage.keycloak.internal_url,
            info["inbox"], info["sample_app"], "", self.stage.keycloak.admin_username,
            self.stage.keycloak.admin_password, self.stage.ports.smtp, info["people"],
        )  # fmt: skip
        self.log = Path(self.stage.folder.root / "portal.log").open(encoding="utf-8")  # noqa: SIM115
        self.lines: dict[str, dict[str, Any]] = {}

    def seed(self) -> None:
        """Make everything, the many things in the stopped server's database."""
        admin = Admin(self.stage.keycloak.internal_url, self.stack.admin_user, self.stack.admin_password)
        realm_id, statements = str(admin.get(f"/admin/realms/{REALM}")["id"]), list[str]()
        for size in self.sizes:
            self.houses[size] = house(admin, size, self._person(admin, f"admin-{size}").id)
            statements += members(realm_id, self.houses[size])
        for size in MANY:
            statements += organizations(realm_id, self._person(admin, f"many-{size}").id, size)
        admin.close()
        self.stage.keycloak.stop()
        began = time.monotonic()
        write(self.stage.keycloak, statements)
        say(f"Written in {time.monotonic() - began:.0f} s.")
        self.stage.keycloak.start(wait=600)
        wait_until_it_answers(self.stage.portal, self.stage.ports)
        self._warm_up()

    def _warm_up(self) -> None:
        """Until the server that was just started shows its sign-in page as quickly as it will."""
        deadline = time.monotonic() + 300
        while "kc-form-login" not in cast.Client(self.stack).get("permissions").text:
            assert time.monotonic() < deadline, "no sign-in page"
            time.sleep(1)

    def _person(self, admin: Admin, name: str) -> cast.Person:
        email = f"{name}@seed.test"
        made = people.ensure_person(admin, REALM, people.Person(name, email, "Bench", name.capitalize()), PASSWORD)
        self.people[name] = cast.Person(self.stack, REALM, name, email, PASSWORD, made)
        return self.people[name]

    def browser(self, name: str) -> cast.Client:
        """Somebody signed in."""
        return cast.Client(self.stack).sign_in(self.people[name])

    def told(self, answer: requests.Response) -> dict[str, Any]:
        """What the portal's log says of an answer."""
        number = answer.headers["X-Request-ID"]
        for _ in range(100):
            for line in self.log:
                if '"event": "request"' in line:
                    entry = json.loads(line)
                    self.lines[entry["request_id"]] = entry
            if number in self.lines:
                return self.lines.pop(number)
            time.sleep(0.01)
        raise AssertionError(f"no log line of {answer.url}")

    def _used(self) -> float:
        """Seconds of processor time of the portal's server until now."""
        times = [each.cpu_times() for each in family(self.stage.portal.process.pid)]  # type: ignore[union-attr]
        return float(sum(each.user + each.system for each in times))

    def page(self, browser: cast.Client, path: str) -> dict[str, float]:
        """The medians of one page: milliseconds of the portal's own and of Keycloak's, calls, bytes."""
        deadline = time.monotonic() + 120
        good = 0
        while good < WARM:  # a server that was just started, or a busy machine, may refuse the first ones
            assert time.monotonic() < deadline, path
            good += browser.get(path).status_code == 200
        before = self._used()
        answers = [browser.get(path) for _ in range(TIMES)]
        used = self._used() - before
        answers = [answer for answer in answers if answer.status_code == 200]
        lines = [self.told(answer) for answer in answers]
        return {
            "portal": median(line["ms"] - line["upstream_ms"] for line in lines),
            "processor": used * 1000 / TIMES,
            "keycloak": median(line["upstream_ms"] for line in lines),
            "calls": max(line["upstream"] for line in lines),
            "bytes": median(len(answer.content) for answer in answers),
            "wire": float(answers[-1].headers.get("Content-Length", 0)),
        }


def sizes(bench: Bench) -> dict[str, dict[str, dict[str, float]]]:
    """The list of members, its later page and its search, by size."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for size, each in bench.houses.items():
        say(f"{size} members …")
        browser, path = bench.browser(f"admin-{size}"), f"o/{each.name}/members"
        found[str(size)] = {
            "list": bench.page(browser, path),
            "one member": bench.page(browser, f"{path}/{size:08d}-0000-4000-8000-{size // 2:012d}"),
            "search, found": bench.page(browser, f"{path}?q=person-{size}-{size // 2}@"),
            "search, nothing": bench.page(browser, f"{path}?q=nobody-of-this-name"),
        }
        browser.get(f"{path}?clear=1")
    return found


def many(bench: Bench) -> dict[str, dict[str, dict[str, float]]]:
    """List of organizations, a page with the selector, and the palette, by how many somebody belongs to."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for size in MANY:
        say(f"Somebody in {size} organizations …")
        browser = bench.browser(f"many-{size}")
        found[str(size)] = {
            "organizations": bench.page(browser, "organizations"),
            "palette": bench.page(browser, f"search?q=many-{size}-1"),
            "selector (on the profile)": bench.page(browser, "profile"),
            "membership": bench.page(browser, f"o/many-{size}-1/membership"),
        }
    return found


def measure(bench: Bench, figures: dict[str, Any]) -> None:
    """Everything in order; what is there is written after each part, so that a long run may be broken off."""
    say("Seeding …")
    bench.seed()
    middle = sorted(bench.sizes)[len(bench.sizes) // 2]
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "sizes": lambda: sizes(bench), "many": lambda: many(bench),
        "bulk": lambda: {**bulk(bench), "machine load": os.getloadavg()[0]},
        "load": lambda: {**load(bench, middle), "machine load": os.getloadavg()[0]},
    }  # fmt: skip
    for name, part in parts.items():
        figures[name] = part()
        keep(figures)


def keep(figures: dict[str, Any]) -> None:
    """Write raw figures and table."""
    (ROOT / "test-results").mkdir(exist_ok=True)
    raw = json.dumps(figures, indent=1)
    (ROOT / "test-results" / "bench-organizations.json").write_text(raw, encoding="utf-8")
    bench_organizations_table.write(json.loads(raw), ROOT / "docs" / "figures.md")


def main() -> int:
    """Run everything; exit code 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,10000,100000", help="members (default: 1000,10000,100000)")
    parser.add_argument("--rows", type=int, default=10_000, help="rows of the list of invitations (default: 10000)")
    parser.add_argument("--minutes", type=float, default=40, help="longest time for that list (default: 40)")
    asked = parser.parse_args()
    figures: dict[str, Any] = {"machine load": os.getloadavg()[0]}
    with demonstration() as stage:
        wanted = tuple(int(size) for size in asked.sizes.split(","))
        measure(Bench(stage, wanted, asked.rows, asked.minutes), figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
