"""What doctor says on a page can be said in every language, and is the same finding in each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from babel.support import NullTranslations
from connect_bench import (  # the fixtures are found by their names
    Bench,
    bench_fixture,  # noqa: F401
    connected_fixture,  # noqa: F401
    probe_of,
)
from flask import Flask
from flask_babel import Babel, Domain

from portal.connect.changes import MERGE
from portal.doctor import command, work
from portal.doctor.finding import Finding, problem
from portal.overview.words import checks
from portal.styles.pictures import PictureRefused, checked, from_data

# What stands for itself in every language: commands, and the name of the product with its number.
SAME = re.compile(r"kcadm\.sh |portal (doctor|worker|org|connect|settings)\b|curl |flow=\$|Keycloak [0-9.]+$|$")


class Marked(NullTranslations):
    """A language in which each sentence that was asked for bears a mark."""

    def ugettext(self, message: str) -> str:
        return f"«{message}»"


@pytest.fixture
def foreign(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    app = Flask("portal")
    Babel(app)
    monkeypatch.setattr(Domain, "get_translations", lambda _self: Marked())
    with app.app_context():
        yield


def troubled(bench: Bench) -> None:
    """As many things wrong at once as a realm bears."""
    bench.send(MERGE, "authentication/required-actions/idp_link", {"enabled": False})
    bench.send(MERGE, "authentication/required-actions/UPDATE_EMAIL", {"enabled": False})
    bench.send(
        MERGE, "",
        {"smtpServer": {}, "internationalizationEnabled": False, "eventsListeners": ["jboss-logging", "gone"],
         "enabledEventTypes": ["LOGIN"], "eventsExpiration": 0, "adminEventsEnabled": False},
    )  # fmt: skip
    for key, value in (
        ("_providerConfig.portal.profile.enabled", "yes"), ("portal.accentColor", "#12"),
        ("portal.headerStyle", "loud"), ("_providerConfig.assets.portal.css", "@import 'x';"),
        ("portal.returnUrl", "http://app.example.com/"), ("_providerConfig.assets.logo.url", "ftp://x"),
    ):  # fmt: skip
        bench.console.set_attribute(key, value)


def untold(findings: list[Finding]) -> list[str]:
    """Sentences that are English whoever reads them."""
    texts = [text for each in findings for text in (each.text, each.mend)]
    return [text for text in texts if "«" not in text and not SAME.match(text)]


def test_every_sentence_about_a_realm_is_said_in_the_readers_language(connected: Bench, foreign: None) -> None:
    probe = probe_of(connected)
    assert untold([*work.check(probe.settings), *command.examine(probe)]) == []
    troubled(connected)
    wrong = probe_of(connected, read_client_secret=probe.realm.read_client_secret, client_secret="x")
    found = command.examine(wrong)
    assert len(found) > 20 and untold(found) == []
    wrong.__dict__["server"] = {"systemInfo": {"version": "26.5.7"}}
    public = replace(wrong, settings=replace(wrong.settings, demo=False), found=None)
    public.__dict__["server"] = wrong.__dict__["server"]
    assert untold(command.examine(public)) == []
    assert {each.check for each in found} <= set(checks()), "each has a name on the page"


def test_without_a_page_the_sentences_are_english(connected: Bench) -> None:
    texts = [each.text for each in command.examine(probe_of(connected))]
    assert "the realm has a mail server" in texts and not [text for text in texts if "%(" in text]


def test_a_finding_is_the_same_in_every_language_and_others_are_not(connected: Bench) -> None:
    bench = connected
    bench.send(MERGE, "events/config", {"eventsEnabled": False})
    (english,) = [each for each in command.examine(probe_of(bench)) if each.check == "events" and each.calls][:1]
    assert replace(english, text="anders").id == english.id
    one, other = (problem("service account", text, "portal connect") for text in ("this", "that"))
    assert one.id != other.id


def test_why_a_picture_is_refused_is_said_in_the_readers_language(foreign: None) -> None:
    for content in (b"no picture", b"<svg", b"<svg xmlns='http://www.w3.org/2000/svg'>" + b"<g/>" * 6000 + b"</svg>"):
        with pytest.raises(PictureRefused, match="«"):
            checked(content)
    with pytest.raises(PictureRefused, match="«"):
        from_data("data:text/plain,x")
