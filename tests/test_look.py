"""The elements and the sheets as files: what they contain and may not contain, and that documents name them rightly."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from look_site import ROOT, environment

STATIC = ROOT / "static"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
DOCS = ROOT.parent / "docs"
SHEET = (STATIC / "tokens.css").read_text() + (STATIC / "site.css").read_text()
SYMBOLS = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text()))


def test_vendored_files_are_the_ones_recorded() -> None:
    rows = re.findall(r"\| `([^`]+)` \|.*`([0-9a-f]{64})` \|", (STATIC / "VENDORED.md").read_text())
    assert rows
    for name, digest in rows:
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == digest


def test_the_theme_derives_colours_as_the_portal_does() -> None:
    copy = ROOT.parent / "theme" / "login" / "resources" / "css" / "tokens.css"
    assert copy.read_text() == (STATIC / "tokens.css").read_text()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_carry_no_style_script_or_handler_of_their_own(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|\|\s*safe\b", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"(?:src|href)=\"https?://", text)
    assert len(text.splitlines()) <= 150


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_icons_named_in_templates_are_drawn(path: Path) -> None:
    named = re.findall(r"icon\(\"([a-z-]+)\"|icon=\"([a-z-]+)\"", path.read_text())
    assert {one or other for one, other in named} <= SYMBOLS


def test_documented_properties_exist() -> None:
    named = set(re.findall(r"`(--[a-z0-9-]+)`", (DOCS / "styling.md").read_text()))
    assert len(named) > 30
    assert {name for name in named if f"{name}:" not in SHEET} == set()


def test_documented_classes_and_ids_exist() -> None:
    part = (DOCS / "styling.md").read_text().split("## Classes and ids")[1].split("## Sign-in")[0]
    markup = SHEET + "".join(path.read_text() for path in TEMPLATES)
    missing = {name for name in re.findall(r"`[a-z]*[.#]([a-z-]+)`", part) if not re.search(rf"\b{name}\b", markup)}
    assert missing == set()


def test_elements_need_no_request() -> None:
    ui = environment().globals["ui"]
    assert 'href="/icons.svg#check"' in ui.icon("check")  # type: ignore[attr-defined]
    assert 'aria-describedby="f-a-hint f-a-error"' in ui.field("A", "a", hint="h", error="e")  # type: ignore[attr-defined]


def test_values_are_escaped_and_absent_ones_are_empty() -> None:
    ui = environment().globals["ui"]
    shown = ui.field("<b>", "n", '"><script>', hint="<i>")  # type: ignore[attr-defined]
    assert "<script" not in shown
    assert "<b>" not in shown
    assert 'value=""' in ui.field("A", "a", None)  # type: ignore[attr-defined]


def test_a_disabled_button_says_why() -> None:
    ui = environment().globals["ui"]
    shown = ui.button("Remove", disabled=True, why="It is the last one.")  # type: ignore[attr-defined]
    assert " disabled" in shown
    assert "It is the last one." in shown
