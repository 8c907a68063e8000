"""The shell and the elements in a browser: both themes, all widths, by keyboard, with and without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from look_site import ROOT, Site
from playwright.sync_api import Browser, Page, expect

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
SAMPLE = re.findall(r"```css\n(.*?)```", (ROOT.parent / "docs" / "styling.md").read_text(), re.DOTALL)[0]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ENDLESS = "move.effect.getTiming().iterations > 1"
SETTLED = f"document.getAnimations().every((move) => {ENDLESS} || move.playState !== 'running')"
WORK_LAPTOP = 'summary[aria-label="Actions for Work laptop"]'


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    server = Site(SAMPLE)
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def new_page(browser: Browser, site: Site) -> Iterator[Any]:
    opened = []

    def make(path: str, **options: Any) -> Page:
        context = browser.new_context(base_url=site.url, **options)
        opened.append(context)
        page = context.new_page()
        page.goto(path)
        return page

    yield make
    for context in opened:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1440])
@pytest.mark.parametrize("path", ["/elements?long&toast&undo", "/form?wrong", "/lists?long", "/error?long", "/confirm"])
def test_pages_are_accessible_and_fit(new_page: Any, path: str, width: int, scheme: str) -> None:
    page = new_page(path, color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True)
    page.wait_for_function(SETTLED)
    page.evaluate(AXE)
    found = page.evaluate("(tags) => axe.run(document, {runOnly: tags})", TAGS)
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0


def test_the_documented_sample_works_unedited(new_page: Any) -> None:
    def looks(page: Page) -> list[str]:
        return [
            page.locator(selector).first.evaluate(f"(node) => getComputedStyle(node).{rule}")
            for selector, rule in (
                (".btn.primary", "backgroundColor"),
                ("h1", "fontFamily"),
                (".card", "borderTopLeftRadius"),
                (".side", "backgroundColor"),
            )
        ]

    plain, styled = (
        looks(new_page("/elements", color_scheme="light")),
        looks(new_page("/elements?sample", color_scheme="light")),
    )
    assert all(one != other for one, other in zip(plain, styled, strict=True))
    assert styled[1].startswith("Georgia")


def test_following_a_link_moves_focus_to_the_heading(new_page: Any) -> None:
    page = new_page("/form")
    page.evaluate("window.same = true")
    page.get_by_role("link", name="Security").click()
    expect(page).to_have_title("Security · Umbrella")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert page.evaluate("window.same")
    page.go_back()
    expect(page).to_have_title("Profile · Umbrella")


def test_saving_keeps_focus_and_says_so(new_page: Any, site: Site) -> None:
    page = new_page("/form")
    page.get_by_label("First name").fill("Livia")
    page.get_by_label("First name").press("Enter")
    expect(page.locator(".toast")).to_contain_text("Name saved.")
    expect(page.locator("html > [role=status]")).to_have_text("Name saved.")
    expect(page.get_by_label("First name")).to_be_focused()
    path, fields, headers = site.posts[-1]
    assert (path, fields["first"], headers["X-CSRFToken"]) == ("save", ["Livia"], "token")
    assert "_remove" not in fields


def test_a_refused_form_leads_to_the_first_mistake_and_keeps_the_address(new_page: Any) -> None:
    page = new_page("/form?wrong")
    page.get_by_role("button", name="Save name").click()
    expect(page.get_by_label("Phone")).to_be_focused()
    assert page.url.endswith("/form?wrong")


def test_unsaved_input_is_asked_about(new_page: Any) -> None:
    page, asked = new_page("/form"), []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.get_by_label("First name").fill("Livia")
    page.get_by_role("link", name="Security").click()
    expect(page).to_have_title("Profile · Umbrella")
    assert len(asked) == 1


def test_a_question_opens_in_place_and_gives_focus_back(new_page: Any) -> None:
    page = new_page("/lists")
    page.locator(WORK_LAPTOP).press("ArrowDown")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Remove Work laptop?")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator(WORK_LAPTOP)).to_be_focused()


def test_menus_close_by_escape_and_by_a_click_outside(new_page: Any) -> None:
    page = new_page("/lists")
    for leave in (lambda: page.keyboard.press("Escape"), lambda: page.get_by_role("heading", level=1).click()):
        page.locator(WORK_LAPTOP).click()
        expect(page.locator("details[open]")).to_have_count(1)
        leave()
        expect(page.locator("details[open]")).to_have_count(0)


def test_the_theme_applies_at_once(new_page: Any, site: Site) -> None:
    page = new_page("/form", color_scheme="light")
    page.locator(".person summary").click()
    with page.expect_response("**/theme"):
        page.get_by_text("Dark").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert site.posts[-1][1]["theme"] == ["dark"]


def test_a_slow_page_shows_that_it_is_on_its_way(new_page: Any, site: Site) -> None:
    page = new_page("/form")
    page.get_by_role("link", name="Slow").click()
    expect(page.locator(".loading")).to_have_count(1)
    site.gate.set()
    expect(page.locator(".loading")).to_have_count(0)


def test_an_error_page_takes_the_whole_place(new_page: Any) -> None:
    page = new_page("/form")
    page.get_by_role("link", name="An address that is gone").click()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.locator("#nav")).to_have_count(0)


def test_rows_of_several_values_are_numbered_again(new_page: Any) -> None:
    page = new_page("/form")
    page.get_by_role("button", name="Add a nickname").click()
    page.keyboard.type("Third")
    page.get_by_role("button", name="Remove Nicknames 1").click()
    expect(page.get_by_label("Nicknames 2", exact=True)).to_have_value("Third")


def test_without_scripts_everything_is_a_form_or_a_page(new_page: Any, site: Site) -> None:
    page = new_page("/lists", java_script_enabled=False)
    page.locator(WORK_LAPTOP).click()
    page.get_by_role("link", name="Remove…").first.click()
    page.get_by_role("button", name="Remove Work laptop").click()
    assert site.posts[-1][0] == "do"
    page.locator(".person summary").click()
    page.get_by_text("Dark").click()
    page.get_by_role("button", name="Apply appearance").click()
    assert site.posts[-1][1]["theme"] == ["dark"]
    page.goto("/elements")
    expect(page.locator("[data-copy]")).to_be_hidden()


def test_the_drawer_of_a_phone(new_page: Any) -> None:
    page = new_page("/form", viewport={"width": 360, "height": 700}, has_touch=True, is_mobile=True)
    expect(page.locator("#nav")).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Security").click()
    expect(page).to_have_title("Security · Umbrella")
    expect(page.locator("#nav")).to_be_hidden()
