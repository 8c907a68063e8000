"""Each section has its own page of help, linked from that section, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from cast import Client
from organization_holdings import Place
from realm_holdings import MANAGE, Realm
from stack import Stack

from portal.help.actions import PAGES, TOPICS, guides

OF = {"membership": "o/{org}/membership", "details": "o/{org}/details", "organizations": "organizations"}
OF |= {"links": "o/{org}/setup-link"}
OF |= {name: "o/{org}/" + name for name in ("members", "invitations", "roles", "domains", "sso", "events")}
OF |= {name: name for name in ("profile", "security", "devices", "linked", "applications", "activity", "data")}
REALM = {"overview": "overview", "style-sheet": "settings/style-sheet", "return": "settings/return"}
REALM |= {name: f"settings/{name}" for name in ("sections", "branding", "layout", "keys", "webhooks", "changes")}


def linked(page: str) -> str:
    """The topic that a page's link to help leads to."""
    return "".join(re.findall(r'href="/[^/]+/help/([a-z-]+)"', page)[:1])


@pytest.mark.feature("P2-70")
def test_each_section_links_its_own_help(stack: Stack, make_realm: Callable[..., str]) -> None:
    realm = Realm(stack, make_realm, (*MANAGE, "view-organizations", "manage-organizations"))
    place = Place(stack, realm=realm.name)
    for topic, path in OF.items():
        assert linked(place.browser.get(path.format(org=place.name)).text) == topic, topic
    for topic, path in REALM.items():
        assert linked(realm.browser.get(path).text) == topic, topic
    for topic in TOPICS:
        assert place.browser.get(f"help/{topic}").status_code == 200
    assert place.browser.get("help/nothing", follow=False).status_code == 404
    assert linked(realm.browser.get("settings/rules").text) == "sso", "its subject, where it has no page of its own"
    for browser, pages in ((place.browser, OF), (realm.browser, REALM)):
        browser.post("preferences/language", {"locale": "de"})
        for topic, path in list(pages.items())[:3]:
            assert linked(browser.get(path.format(org=place.name)).text) == topic, topic
        for topic in pages:
            german = (PAGES / f"{topic}.de.md").read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
            assert german in unescape(browser.get(f"help/{topic}").text), topic


@pytest.mark.feature("P2-70")
def test_help_says_what_it_takes_in_the_readers_language(client: Callable[..., Client], stack: Stack) -> None:
    someone = Place(stack).browser
    text = someone.get("help/profile").text
    assert "What applications know about you" in text and "Change your profile" in text and "manage-account" in text
    assert "view-members" in someone.get("help/members").text
    someone.post("preferences/language", {"locale": "de"})
    assert "Was Anwendungen über Sie wissen" in someone.get("help/profile").text


def test_every_topic_is_written_in_every_language() -> None:
    for topic in TOPICS:
        for name in (f"{topic}.md", f"{topic}.de.md"):
            assert (PAGES / name).read_text(encoding="utf-8").startswith("# "), name
    assert [each.title for each in guides("de")] != [each.title for each in guides("en")]
