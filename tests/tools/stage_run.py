"""The demonstration for the tools: everything on free ports, in a folder that is thrown away, and a browser."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from portal.demo.folder import Folder
from portal.demo.ports import Ports, any_free
from portal.demo.stage import Stage


def say(text: str) -> None:
    """Progress, apart from what a tool prints as its result."""
    print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def demonstration() -> Iterator[Stage]:
    """Keycloak in production mode with its people, and the portal under its production server."""
    root = Path(tempfile.mkdtemp(prefix="portal-tools-"))
    folder = Folder(root)
    ports = Ports(**{port.name: any_free() for port in fields(Ports)})
    stage = Stage(folder, ports, say, threading.Event())
    try:
        with folder.in_use():
            folder.prepare()
            stage.prepare()
            stage.start()
            yield stage
    finally:
        stage.stop()
        shutil.rmtree(root, ignore_errors=True)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium if there is one, else Playwright's own."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def sign_in(context: BrowserContext, address: str, username: str, password: str) -> Page:
    """Open `address` and sign in on Keycloak's form; the page that follows."""
    page = context.new_page()
    page.goto(address)
    page.fill("#username", username)
    if not page.is_visible("#password"):
        page.click("[type=submit]")
    page.fill("#password", password)
    page.click("[type=submit]")
    page.wait_for_url(lambda url: "/protocol/openid-connect/" not in url and "/login-actions/" not in url)
    page.wait_for_load_state("networkidle")
    return page
