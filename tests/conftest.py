"""Fixtures of all tests: one running stack per run, people, browsers."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import evidence
import pytest
from background import background_app
from cast import Client, Person, make_person
from databases import configuration, greet, postgresql, services, smtp, store  # noqa: F401
from evidence import pytest_collection_modifyitems, pytest_runtest_logreport  # noqa: F401
from playwright.sync_api import Browser, Page, sync_playwright
from realm_keys import with_keys
from recorder import Recorder
from stack import SPARE, Stack, make_spare_realm
from waiting import eventually

HERE = Path(__file__).parent
START_SECONDS = 600  # with a download the first time
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
# No animation with an end is under way.
SETTLED = """() => document.getAnimations().every(
  each => each.playState !== 'running' || each.effect.getComputedTiming().endTime === Infinity)"""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def _shared(config: pytest.Config) -> Path:
    """The folder of this run, the same in every worker; PORTAL_TEST_STACK names one that `python -m stack` keeps up."""
    if "PORTAL_TEST_STACK" in os.environ:
        return Path(os.environ["PORTAL_TEST_STACK"])
    own = Path(config._tmp_path_factory.getbasetemp())  # type: ignore[attr-defined]
    return (own.parent if hasattr(config, "workerinput") else own) / "stack"


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Stack:
    """The running parts; started by the first worker that asks, stopped when the run ends."""
    folder = _shared(request.config)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "stack.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "stack.json").exists():
            # Under xdist the parent is the process that runs the workers.
            _start(folder, os.getppid() if hasattr(request.config, "workerinput") else os.getpid())
    return Stack(**json.loads((folder / "stack.json").read_text()))


def _start(folder: Path, master: int) -> None:
    with (folder.parent / "stack.log").open("wb") as log:
        command = [sys.executable, "-m", "stack", str(folder), str(master)]
        process = subprocess.Popen(command, cwd=HERE, stdout=log, stderr=log, start_new_session=True)
    (folder.parent / "stack.pid").write_text(str(process.pid))
    eventually(
        lambda: (folder / "stack.json").exists() or process.poll() is not None, START_SECONDS, "the stack did not start"
    )
    # The process outlives this worker: its end is waited for by whoever ends the run.
    process.returncode = process.returncode or 0
    if not (folder / "stack.json").exists():
        raise RuntimeError((folder.parent / "stack.log").read_text()[-3000:])


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Keep the results and stop what was started, from the process that outlives the workers."""
    if hasattr(session.config, "workerinput") or not hasattr(session.config, "_tmp_path_factory"):
        return
    evidence.write()
    pid_file = _shared(session.config).parent / "stack.pid"
    if pid_file.exists():
        pid = int(pid_file.read_text())
        os.kill(pid, signal.SIGTERM)
        eventually(lambda: _gone(pid), 60, "the stack did not stop")


def _gone(pid: int) -> bool:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.fixture(name="eventually", scope="session")
def _eventually() -> Callable[..., Any]:
    """Waits for a condition."""
    return eventually


@pytest.fixture
def recorder(stack: Stack) -> Recorder:
    """What the portal asked Keycloak since the test began, and rules that hold or cut such calls (see recorder.py)."""
    return Recorder(stack.recorder_url)


@pytest.fixture
def person(stack: Stack) -> Callable[..., Person]:
    """Makes a new person in realm demo (or `realm=`), with the default roles or exactly `roles=`."""
    return lambda *args, **kwargs: make_person(stack, *args, **kwargs)


@pytest.fixture
def client(stack: Stack) -> Callable[..., Client]:
    """Makes a browser without scripts; with a person it is signed in."""

    def make(someone: Person | None = None, realm: str = "demo") -> Client:
        made = Client(stack, someone.realm if someone else realm)
        opened.append(made)
        return made.sign_in(someone) if someone else made

    opened: list[Client] = []
    yield make  # type: ignore[misc]
    for each in opened:
        each.http.close()


def _next_number(folder: Path, name: str) -> int:
    with (folder.parent / name).open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        number = int(file.read() or 0)
        file.truncate(0)
        file.write(str(number + 1))
    return number


@pytest.fixture(name="background_app")
def _background_app(stack: Stack) -> Iterator[str]:
    """The id of an application that may work while the person is away."""
    with background_app(stack) as client_id:
        yield client_id


@pytest.fixture(scope="session")
def make_realm(stack: Stack, request: pytest.FixtureRequest) -> Callable[..., str]:
    """Makes a realm like demo without its people, served by the running portal; keywords are further attributes."""

    def make(**attributes: str) -> str:
        name = SPARE[_next_number(_shared(request.config), "spare")]
        make_spare_realm(stack, name, attributes)
        return name

    return make


@pytest.fixture
def spare_realm(make_realm: Callable[..., str]) -> str:
    """A realm of this test's own, like demo without its people, served by the running portal."""
    return make_realm()


@pytest.fixture
def fresh_realm(stack: Stack, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty realm made without the portal; gone after the test."""
    name = f"fresh{_next_number(_shared(request.config), 'fresh')}"
    admin = stack.admin()
    admin.post("/admin/realms", with_keys({"realm": name, "enabled": True}))
    yield name
    admin.delete(f"/admin/realms/{name}")
    admin.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, one per worker."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(stack: Stack, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a path of the portal in a browser of its own; with a person it signs in on the way.

    Options are those of Playwright's `new_context`: `color_scheme`, `locale`, `java_script_enabled`, `viewport`.
    """
    contexts = []

    def make(path: str = "/demo/", someone: Person | None = None, **options: Any) -> Page:
        options = {"locale": "en-GB", "viewport": {"width": 1280, "height": 900}, **options}
        context = browser.new_context(base_url=stack.portal_url, **options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.goto(path)
        if someone:
            sign_in(page, someone)
        return page

    yield make
    for context in contexts:
        context.close()


def sign_in(page: Page, someone: Person) -> None:
    """Fill in Keycloak's login page and wait for the portal."""
    if page.locator("#username").count():
        page.fill("#username", someone.username)
    page.fill("#password", someone.password)
    page.click("#kc-login")
    page.wait_for_url(f"{someone.stack.portal_url}/**")


def violations(page: Page) -> list[str]:
    """What axe-core finds on a page, as sentences; the page must have been opened with `bypass_csp=True`.

    What is still fading in is waited for: half-faded words have too little contrast. What turns for ever is not.
    """
    page.wait_for_function(SETTLED)
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [
        f"{each['id']}: {each['help']} {[node['target'] for node in each['nodes']]}" for each in found["violations"]
    ]
