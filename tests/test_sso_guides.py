"""Guides to identity providers' screens: all released ones are in order, and what is not in order is found."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portal.errors import NotFound
from portal.sso import guide_lint, guide_text, guides
from portal.sso.guide_types import Copy, Fields, Guide, Note, Text

TOMORROW = (datetime.now(UTC).date() + timedelta(days=2)).isoformat()
FIRST_ONES = {
    "generic-saml", "generic-oidc", "keycloak-saml", "keycloak-oidc", "okta-saml", "okta-oidc", "entra-saml",
    "entra-oidc", "google-saml",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of one guide, in both languages, to spoil."""
    for name in ("okta-saml.md", "okta-saml.de.md"):
        shutil.copy(guides.FOLDER / name, tmp_path / name)
    return tmp_path


def spoil(folder: Path, old: str, new: str, name: str = "okta-saml.md") -> None:
    """Put `new` in the place of `old`, which must be there."""
    file = folder / name
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def test_every_released_guide_is_in_order() -> None:
    assert [str(problem) for problem in guide_lint.problems()] == []


def test_none_is_left_out_and_each_is_written_in_both_languages() -> None:
    files = {file.stem for file in guides.FOLDER.glob("*.md") if "." not in file.stem}
    assert {one.key for one in guides.every()} == files >= FIRST_ONES
    for one in guides.every():
        german = guides.guide(one.key, "de")
        assert german.steps != one.steps
        assert [step.id for step in german.steps] == [step.id for step in one.steps]


def test_the_list_is_by_name_and_ends_with_the_generic_ones() -> None:
    keys = [one.key for one in guides.every()]
    assert keys[-2:] == ["generic-saml", "generic-oidc"]
    names = [one.name.casefold() for one in guides.every() if not one.generic]
    assert names == sorted(names)


def test_a_guide_that_there_is_not_is_not_found() -> None:
    for key in ("nobody-saml", "okta", "okta-saml.de", "../guides/okta-saml"):
        with pytest.raises(NotFound):
            guides.guide(key)


def test_a_language_that_there_is_not_gives_english() -> None:
    assert guides.guide("okta-saml", "fr") is guides.guide("okta-saml", "../de") is guides.guide("okta-saml")


def test_steps_are_text_values_to_copy_fields_and_notes_in_the_order_written() -> None:
    step = guides.guide("generic-saml").step("addresses")
    assert step is not None
    assert [type(block) for block in step.blocks] == [Text, Copy, Text, Copy, Text, Copy, Text]
    assert step.blocks[1] == Copy("acs_url")
    third = step.blocks[4]
    assert isinstance(third, Text) and '<ol start="3"' in third.html
    labelled = guides.guide("okta-saml").step("addresses")
    assert labelled is not None and Copy("acs_url", "Single sign-on URL") in labelled.blocks
    assert guides.guide("generic-oidc").steps[-1].fields() == ("client",)
    addon = guides.guide("auth0-saml", "de").step("addon")
    pasted = [block for block in addon.blocks if isinstance(block, Copy) and block.text] if addon else []
    assert [(each.value, each.label, each.text[:13]) for each in pasted] == [("", "Settings", '{"mappings": ')]


def texts(one: Guide) -> str:
    """All HTML of a guide."""
    blocks = [block for step in one.steps for block in step.blocks]
    return "".join(block.html for block in blocks if isinstance(block, Text | Note))


@pytest.mark.parametrize("language", ["en", "de"])
def test_released_text_holds_no_script_no_style_and_no_unsafe_link(language: str) -> None:
    for one in guides.every(language):
        assert set(re.findall(r"<([a-z0-9]+)", texts(one))) <= {"p", "ol", "ul", "li", "strong", "em", "code", "a"}
        assert all(href.startswith("https://") for href in re.findall(r'href="([^"]*)"', texts(one)))
        assert not re.search(r"\s(on\w+|style|src)=", texts(one))


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[here](javascript:alert(1))",
        "[here](JAVASCRIPT:alert(1))",
        "[here](data:text/html,x)",
        "[here](http://plain.example)",
        "[here](//plain.example)",
        "![x](http://pictures.example/a.png)",
        "<https://auto.example>",
        "[x]: http://plain.example\n\n[x]",
        '<a href="https://x.example" onclick="alert(1)">x</a>',
        "&lt;script&gt;",
        "```\n<b>\n```",
        "# Title",
    ],
)
def test_hostile_text_stays_text(hostile: str) -> None:
    html = guide_text.html(hostile)
    assert set(re.findall(r"<([a-z0-9]+)", html)) <= {"p", "code"}


def test_a_picture_is_at_most_a_link() -> None:
    assert "<img" not in guide_text.html("![x](https://pictures.example/a.png)")


def test_a_link_to_a_vendor_opens_beside_and_tells_nothing_of_us() -> None:
    html = guide_text.html('[Help](https://help.example/a?b=1&c="x")')
    assert 'href="https://help.example/a?b=1&amp;c=%22x%22"' in html
    assert 'target="_blank"' in html and 'rel="noopener noreferrer"' in html


SPOILT = [
    ('protocol = "saml"', 'protocol = "ldap"', r"okta-saml.md:4: protocol must be one of saml, oidc"),
    ('name = "Okta"\n', "", r"the fact name is missing"),
    ('name = "Okta"', 'name = ""', r":3: name must be a str that is not empty"),
    ('kind = "vendor page"', 'kind = "hearsay"', r":8: kind must be"),
    ("checked = 2026-11-21", f"checked = {TOMORROW}", r":5: checked lies in the future"),
    ("checked = 2026-11-21", "checked = 2026-11-21T10:00:00Z", r":5: dates stand without a time"),
    ("checked = 2026-11-21", 'checked = "yesterday"', r":5: checked must be a date"),
    ("checked = 2026-11-21", "checked = 2026-11-21\nedition = 2026-11-22", r":6: edition is later than checked"),
    ('source = "https:', 'source = "http:', r":7: source must be an https address"),
    ('vendor = "okta"', 'vendor = "acme"', r":2: the file must be called acme-saml.md"),
    ('metadata = ["url"', 'metadata = ["fax"', r":9: metadata knows url, file, text, manual, not fax"),
    ("second_reply = true", "second_reply = false", r":10: second_reply is true exactly if"),
    ("second_reply = true", "second_reply = true\ncolour = 3", r":11: there is no fact colour"),
    ('email = "email"', 'mail = "email"', r"attributes lacks email"),
    ('email = "email"', 'email = "mail"', r":14: the text does not tell the name of email: mail"),
    ('unassigned = "people"', 'unassigned = "nowhere"', r"unassigned is mended in step nowhere, which there is not"),
    ('unassigned = "people"', 'bad_weather = "people"', r"faults knows .*, not bad_weather"),
    ("[faults]", "[faults", r":19: the facts are not TOML"),
    ("+++\nvendor", "vendor", r":1: begins with a line"),
    ("{#people}", "{#test}", r"test is a step of the portal's own"),
    ("{#people}", "{#attributes}", r"the step attributes is there twice"),
    ("## Choose who may sign in {#people}", "### Choose who", r"a step begins with: ## Title"),
    ("::copy acs_url | Single sign-on URL", "", r":1: ::copy acs_url is missing"),
    ("::copy acs_url", "::copy acs_uri", r"::copy knows acs_url, .*, not acs_uri"),
    ("::copy entity_id", "::copy redirect_uri", r"::copy knows .*, not redirect_uri"),
    ("::fields metadata", "::fields client", r"::fields knows metadata, attributes, manual, not client"),
    ("::fields metadata", "::fields metadata\n\n::fields metadata", r"::fields metadata is there twice"),
    ("::fields metadata", "::fields metadata\n\n::fields manual", r":9: ::fields manual needs the way manual"),
    ("::note ", "::hint ", r"there is no directive ::hint"),
    ("::note Older", "::note\n\nOlder", r"::note says nothing"),
    ("::note Older", "::text Older", r"::text is written so: ::text Label"),
    ("Okta now shows", "<b>Okta</b> now shows", r"HTML is not understood"),
    ("Okta now shows", "[Okta](http://okta.example) shows", r"a link leads to https addresses only, not to http:"),
    ("Okta now shows", "[Okta](javascript:alert(1)) shows", r"https addresses only, not to javascript:"),
    ("Okta now shows", "https://okta.example shows", r"an address stands in a link or between backquotes"),
    ("Okta now shows", "![Okta](https://okta.example/a.png) shows", r"pictures are not understood"),
    ("Okta now shows", "Okta " * 200 + "shows", r"the step has \d+ words, 180 at most"),
    ("::copy second_acs_url", "  ::copy second_acs_url", r"a directive stands at the beginning of its line"),
]


@pytest.mark.parametrize(("old", "new", "reason"), SPOILT)
def test_what_is_wrong_is_said_with_file_and_line(folder: Path, old: str, new: str, reason: str) -> None:
    assert guide_lint.problems(folder) == []
    spoil(folder, old, new)
    told = "\n".join(str(problem) for problem in guide_lint.problems(folder))
    assert re.search(r"^okta-saml\.md:.*", told) and re.search(reason, told), told


def test_the_line_is_where_the_word_stands(folder: Path) -> None:
    spoil(folder, "::fields metadata", "::fields everything")
    lines = (folder / "okta-saml.md").read_text("utf-8").splitlines()
    assert [problem.line for problem in guide_lint.problems(folder)][-1] == lines.index("::fields everything") + 1


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("{#people}", "{#leute}", "steps must be application, addresses"),
        ("::copy entity_id", "::copy acs_url", "the directives of this step differ"),
        ("::note ", "::warning ", "the directives of this step differ"),
        ("+++\n+++", '+++\nchecked = 2026-11-21\n+++', r"okta-saml.de.md:2: facts stand in okta-saml.md alone"),
        ("Okta zeigt nun", "<i>Okta</i> zeigt", "HTML is not understood"),
    ],
)  # fmt: skip
def test_a_translation_agrees_with_the_original(folder: Path, old: str, new: str, reason: str) -> None:
    spoil(folder, old, new, "okta-saml.de.md")
    told = [str(problem) for problem in guide_lint.problems(folder)]
    assert told and told[0].startswith("okta-saml.de.md:") and re.search(reason, told[0]), told


def test_a_missing_translation_and_a_stray_file_are_found(folder: Path) -> None:
    (folder / "okta-saml.de.md").rename(folder / "acme-saml.de.md")
    told = [str(problem) for problem in guide_lint.problems(folder)]
    assert told == ["acme-saml.de.md:1: belongs to no guide", "okta-saml.md:1: there is no okta-saml.de.md"]


def test_a_contributor_adds_a_guide_by_files_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for language in ("", ".de"):
        text = (folder / f"okta-saml{language}.md").read_text("utf-8")
        (folder / f"acme-saml{language}.md").write_text(text.replace('"okta"', '"acme"'), "utf-8")
    assert guide_lint.problems(folder) == []
    monkeypatch.setattr(guides, "FOLDER", folder)
    forget()
    try:
        assert {one.key for one in guides.every()} == {"acme-saml", "okta-saml"}
        assert Fields("metadata") in guides.guide("acme-saml", "de").steps[-1].blocks
    finally:
        forget()


def test_a_broken_guide_is_left_out_and_the_others_stay(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(folder / "okta-saml.md", folder / "acme-saml.md")
    spoil(folder, "::fields metadata", "::field metadata", "acme-saml.md")
    spoil(folder, "::note", "::hint", "okta-saml.de.md")
    monkeypatch.setattr(guides, "FOLDER", folder)
    forget()
    try:
        assert [one.key for one in guides.every("de")] == ["okta-saml"]
        assert guides.guide("okta-saml", "de").steps[0].title == "Create an app integration"
    finally:
        forget()


def forget() -> None:
    """What was read once is read again."""
    guides._all.cache_clear()
    guides._languages.cache_clear()
