"""What of a realm's attributes reaches a page: colours, style sheet, and how well the result can be read."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.styles import branding
from portal.styles.branding import ACCENT, CSS, FAVICON, HEADER, LOGO, PRIMARY, SECONDARY, Brand, brand_of
from portal.styles.colour import contrast
from portal.styles.contrast import contrast_report, palettes
from portal.styles.css import MOST_BYTES, check_css


def test_a_realm_without_attributes_has_the_house_look():
    look = brand_of({}, "Demo")
    assert (look.name, look.primary, look.secondary, look.accent) == ("Demo", None, None, None)
    assert (look.sheet, look.colors, look.logo_url, look.findings) == ("", "", "", ())
    assert look.effective("primary") == branding.HOUSE["primary"]


def test_the_three_colours_and_the_sheet_are_read_under_the_vendors_keys():
    attributes = {
        "_providerConfig.assets.portal.primaryColor600": "#FFD60A",
        "_providerConfig.assets.portal.secondaryColor800": " #7a1fa2 ",
        "portal.accentColor": "#eef3fb",
        "_providerConfig.assets.portal.css": ".btn { border-radius: 0 }",
        "_providerConfig.assets.logo.url": "https://orders.example/logo.svg",
        "_providerConfig.assets.favicon.url": "data:image/png;base64,AAAA",
    }
    look = brand_of(attributes, "Demo")
    assert look.colors == ":root { --brand-primary: #ffd60a; --brand-secondary: #7a1fa2; --brand-accent: #eef3fb; }\n"
    assert look.sheet.startswith(look.colors)
    assert re.sub(r"\s", "", look.sheet.removeprefix(look.colors)) == ".btn{border-radius:0;}"
    assert look.logo_url == "https://orders.example/logo.svg"
    assert look.favicon_url.startswith("data:image/png")
    assert look.findings == ()


@pytest.mark.case("B6")
@pytest.mark.parametrize(
    "value",
    ["red;} body{display:none", "var(--x)", "red", "#fff", "#12345g", "#1234567", "url(https://evil.example/)",
     "#" + "a" * 10240, "#ffffff;}", "#ffffff\n}", "\\23ffffff"],
)  # fmt: skip
def test_a_colour_is_six_hexadecimal_digits_or_nothing(value):
    for key in (PRIMARY, SECONDARY, ACCENT):
        look = brand_of({key: value}, "Demo")
        assert look.sheet == ""
        assert [(finding.attribute, finding.code) for finding in look.findings] == [(key, "colour")]


@pytest.mark.parametrize(
    "value", ["javascript:alert(1)", "/logo.svg", "//evil.example/x", "data:text/html,x", "ftp://x.example/"]
)
def test_pictures_are_addresses_of_pictures(value):
    look = brand_of({LOGO: value, FAVICON: value}, "Demo")
    assert (look.logo_url, look.favicon_url) == ("", "")
    assert [finding.code for finding in look.findings] == ["address", "address"]


def test_a_logo_in_the_colour_of_a_filled_bar_stands_on_a_plate():
    sheets = {style: brand_of({HEADER: style}, "Umbrella").colors for style in ("", "plain", "filled")}
    assert "--plate: #fff" in sheets["filled"] and "--plate: initial" in sheets["plain"] and not sheets[""]


def test_the_version_changes_with_what_is_served_and_with_nothing_else():
    base = brand_of({PRIMARY: "#112233", CSS: "a{color:red}"}, "Demo")
    assert (
        base.version == brand_of({PRIMARY: "#112233", CSS: "a{color:red}", LOGO: "https://x.example/"}, "Other").version
    )
    assert base.version != brand_of({PRIMARY: "#112234", CSS: "a{color:red}"}, "Demo").version
    assert base.version != brand_of({SECONDARY: "#112233", CSS: "a{color:red}"}, "Demo").version
    assert base.version != brand_of({PRIMARY: "#112233", CSS: "a{color:blue}"}, "Demo").version


LOADING = [
    "@import 'https://evil.example/x.css';",
    "@import url(https://evil.example/x.css);",
    r"@\69mport 'https://evil.example/x.css';",
    "@import/**/'https://evil.example/x.css';",
    "a{background:url(https://evil.example/x)}",
    "a{background:url( 'https://evil.example/x' )}",
    "a{background:url(//evil.example/x)}",
    "a{background:url(x.png)}",
    r"a{background:u\72l(https://evil.example/x)}",
    r"a{background:\55RL('https://evil.example/x')}",
    "a{background:URL(https://evil.example/x)}",
    "a{background:url(https://evil.example/x",
    "a{background:image-set('https://evil.example/x' 1x)}",
    "a{background:-webkit-image-set(url(https://evil.example/x) 1x)}",
    "a{background:image('https://evil.example/x')}",
    "a{background:cross-fade('https://evil.example/x', red)}",
    "a{background:src('https://evil.example/x')}",
    "a{background:var(--u, url(https://evil.example/x))}",
    ":root{--u:url(https://evil.example/x)} a{background:var(--u)}",
    ":root{--u:{background:url(https://evil.example/x)}}",
    "@font-face{font-family:x;src:url(https://evil.example/x)} a{font-family:x}",
    r"@font-f\61 ce{font-family:x;src:url(https://evil.example/x)}",
    "@media all{@font-face{font-family:x;src:url(https://evil.example/x)}}",
    "@media all{a{&:hover{background:url(https://evil.example/x)}}}",
    "@supports (background: url(https://evil.example/x)){a{color:red}}",
    "@namespace url(https://evil.example/x);",
    "a{behavior:url(#default#x)}",
    "a{-moz-binding:url(https://evil.example/x)}",
    r"a{-moz-bin\64ing:url(https://evil.example/x)}",
    "a{width:expression(alert(1))}",
    "a{background:url(data:text/html;base64,AAAA)}",
    "a{cursor:url(https://evil.example/x),auto}",
    "a{filter:url(https://evil.example/x#y)}",
    "a{background:url(javascript:alert(1))}",
    "@counter-style x{symbols:url(https://evil.example/x)}",
    "a[href=url(https://evil.example/x)]{color:red}",
]


@pytest.mark.case("B1")
@pytest.mark.parametrize("text", LOADING)
def test_what_would_load_or_run_is_left_out(text):
    checked = check_css(text + "\nb{color:blue}") if text.endswith(("}", ";")) else check_css(text)
    assert checked.removed
    written = checked.text.lower()
    for word in ("evil", "import", "font-face", "binding", "behavior", "expression", "javascript", "text/html"):
        assert word not in written
    assert "b{color:blue;}" in written or not text.endswith(("}", ";"))


def test_ordinary_sheets_come_through():
    text = """
    @layer base, tenant;
    :root { --r2: 0px; --sans: "Inter", sans-serif; }
    @media (max-width: 40rem) and (prefers-color-scheme: dark) { .btn:hover { letter-spacing: calc(1px + .1em) } }
    @supports (color: light-dark(#000, #fff)) {
      .side { background: light-dark(#fff, oklch(from var(--brand-accent) .2 c h)) } }
    @container (width > 10rem) { .card { padding: 1px !important } }
    @keyframes in { from { opacity: 0 } 50% { opacity: .5 } to { opacity: 1 } }
    .head { &::before { content: "\\201C" ; } .btn:not(.quiet) > & { color: red } }
    .logo { background: url("data:image/svg+xml,%3Csvg/%3E"), linear-gradient(90deg, red 0 50%, #00f8) }
    """
    checked = check_css(text)
    assert (checked.removed, checked.refused) == ((), "")
    for part in ("@layer base, tenant;", "calc(1px + .1em)", "oklch(from var(--brand-accent) .2 c h)", "!important",
                 "@keyframes",
                 "linear-gradient(", "data:image/svg+xml", ".btn:not(.quiet) > &", "@container"):  # fmt: skip
        assert part in checked.text
    assert check_css(checked.text).text == checked.text


PIECES = st.sampled_from(
    [*"ab{}()[]:;@\\\"'/*#,.<>-! \n0", "url(", "@import", "\\75 rl(", "/*", "*/", "a{b:", "data:image/png,"]
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_what_was_written_is_read_the_same_way_again(text):
    once = check_css(text)
    again = check_css(once.text)
    assert again.text == once.text
    assert not again.removed


@pytest.mark.case("B5")
@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("a{}" + " " * MOST_BYTES, "size"),
        (",".join(["a"] * 3000) + "{color:red}", "selectors"),
        ("a{color:red}" * 2500, "selectors"),
        ("a:has(b){color:red}" * 100, "selectors"),
        ("a:is(:has(b)){color:red}" * 100, "selectors"),
        ("@media all{" * 40, "depth"),
        ("a{" * 5000, "depth"),
        ("a{b:" + "(" * 30000, "depth"),
    ],
    ids=["size", "list", "rules", "has", "nested-has", "media", "rules-in-rules", "brackets"],
)
def test_a_sheet_beyond_the_limits_is_refused_whole(text, limit):
    checked = check_css(text)
    assert (checked.text, checked.refused) == ("", limit)
    look = brand_of({CSS: text, PRIMARY: "#112233"}, "Demo")
    assert look.sheet == look.colors
    assert [(finding.code, finding.detail) for finding in look.findings] == [("css-refused", limit)]


@pytest.mark.feature("P2-49")
def test_every_palette_reaches_aa_and_says_what_was_adjusted():
    rng = random.Random(7)
    palettes = [tuple(f"#{rng.randrange(1 << 24):06x}" for _ in range(3)) for _ in range(200)]
    palettes += [("#ffd60a", "#7a1fa2", "#eef3fb"), ("#000000", "#ffffff", "#ff0000"),
                 ("#ffffff", "#000000", "#000000"), ("#808080", "#ff00ff", "#00ffff")]  # fmt: skip
    for palette in palettes:
        for pair in contrast_report(Brand("x", *palette)):
            assert pair.passes, (palette, pair)


@pytest.mark.feature("P2-49")
@pytest.mark.parametrize(
    ("fill", "lettering"), [("#1f883d", "#ffffff"), ("#635bff", "#ffffff"), ("#ffc72c", "#000000")]
)
def test_lettering_on_buttons_is_white_as_long_as_that_can_be_read(fill, lettering):
    palette, _dark = palettes(brand_of({PRIMARY: fill}, "Umbrella"))
    assert palette.on_primary.hex == lettering
    assert contrast(palette.primary, palette.on_primary) >= 4.5


def test_a_yellow_is_warned_about_and_a_dark_blue_is_not():
    yellow = {pair.where: pair for pair in contrast_report(Brand("x", "#ffd60a"))}
    blue = {pair.where: pair for pair in contrast_report(Brand("x", "#1d3f94"))}
    assert yellow["button"].light.ratio > 14
    assert yellow["link"].light.as_chosen < 1.5
    assert yellow["link"].light.adjusted
    assert not blue["link"].light.adjusted
    assert blue["link"].light.as_chosen > 7
