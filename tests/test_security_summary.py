"""How well an account is protected: the judgement over a table, and the comparison of what was seen."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask_babel import Babel

from portal.security.actions import consequence, only_way_in
from portal.security.changes import Change, seen, told
from portal.security.kinds import APP, BY_TYPE, CODES, PASSKEY
from portal.security.overview import Group, Method, Overview
from portal.security.summary import Standing, summarize

EVERYTHING = frozenset({"passkey", "security-key", "app", "recovery-codes"})
NOTHING: frozenset[str] = frozenset()


@pytest.fixture(autouse=True)
def language() -> object:
    """English texts."""
    app = Flask(__name__)
    Babel(app)
    with app.test_request_context():
        yield


# what there is, headline, kinds of the three safeguards, next
TABLE = [
    (Standing(), "Protected by your password alone", "ok warn ok", "app"),
    (Standing(resets=False), "Protected by your password alone", "ok warn warn", "app"),
    (Standing(passkeys=1), "Your password alone opens your account", "ok warn ok", "app"),
    (Standing(codes=12), "Each sign-in uses up a recovery code", "ok warn ok", "app"),
    (Standing(factors=1), "Well protected, but one lost device could lock you out", "ok ok warn", "recovery-codes"),
    (Standing(factors=1, codes=12), "Well protected", "ok ok ok", ""),
    (Standing(factors=1, codes=2, few=True), "Well protected, but recovery codes run out", "ok ok warn",
     "recovery-codes"),
    (Standing(factors=2), "Well protected", "ok ok ok", ""),
    (Standing(factors=1, passkeys=1), "Well protected", "ok ok ok", ""),
    (Standing(password=False, passkeys=1), "Well protected, but one lost device could lock you out", "ok ok warn",
     "passkey"),
    (Standing(password=False, passkeys=1, codes=12), "Well protected, but one lost device could lock you out",
     "ok ok warn", "passkey"),
    (Standing(password=False, passkeys=2), "Well protected", "ok ok ok", ""),
    (Standing(password=False, elsewhere=True), "Your provider protects this account", "ok ok ok", ""),
    (Standing(password=False, elsewhere=True, passkeys=1), "Well protected", "ok ok ok", ""),
    (Standing(password=True, elsewhere=True), "Protected by your password alone", "ok warn ok", "app"),
    (Standing(password=False), "You may lose access", "warn warn warn", "passkey"),
    (Standing(password=False, factors=2, codes=9), "You may lose access", "warn warn warn", "passkey"),
]  # fmt: skip


@pytest.mark.parametrize(("found", "title", "kinds", "following"), TABLE)
def test_each_standing_has_its_headline_and_its_next_step(
    found: Standing, title: str, kinds: str, following: str
) -> None:
    summary = summarize(found, EVERYTHING)
    assert summary.title == title
    assert " ".join(each.kind for each in summary.safeguards) == kinds
    assert summary.next == following


@pytest.mark.parametrize(("found", "_title", "_kinds", "_following"), TABLE)
def test_nothing_is_advised_that_is_not_offered(found: Standing, _title: str, _kinds: str, _following: str) -> None:
    assert summarize(found, NOTHING).next == ""
    assert summarize(found, frozenset({"security-key"})).next in {"", "security-key"}


def test_one_safeguard_more_never_makes_it_worse() -> None:
    for before, after in ((Standing(), Standing(factors=1)), (Standing(factors=1), Standing(factors=1, codes=12))):
        counts = [
            sum(each.kind == "ok" for each in summarize(each_one, EVERYTHING).safeguards)
            for each_one in (before, after)
        ]
        assert counts[0] <= counts[1]


OLD, NEW = "2026-01-01T00:00:00", "2026-02-02T00:00:00"
BEFORE = {"p": ["password", "", OLD], "a": [APP, "Phone", OLD], "c": [CODES, "Recovery codes", OLD]}


@pytest.mark.parametrize(
    ("now", "changes", "words"),
    [
        (BEFORE, [], "Nothing was changed."),
        ({**BEFORE, "b": [APP, "Tablet", NEW]}, [Change("added", APP, "Tablet", "b")], "Tablet is added."),
        ({k: v for k, v in BEFORE.items() if k != "a"}, [Change("removed", APP, "Phone", "a")], "Phone is removed."),
        ({**BEFORE, "p": ["password", "", NEW]}, [Change("renewed", "password", "", "p")], "password was changed."),
        ({"p": BEFORE["p"], "a": BEFORE["a"], "d": [CODES, "Recovery codes", NEW]},
         [Change("renewed", CODES, "Recovery codes", "d")], "The old ones work no more."),
        ({"p": BEFORE["p"], "c": BEFORE["c"], "b": [APP, "Tablet", NEW]},
         [Change("added", APP, "Tablet", "b"), Change("removed", APP, "Phone", "a")],
         "Tablet is added. Phone is removed."),
    ],
)  # fmt: skip
def test_only_what_was_seen_is_told(now: dict[str, list[str]], changes: list[Change], words: str) -> None:
    assert seen(BEFORE, now) == changes
    assert words in told(changes, "success")


def test_what_keycloak_says_matters_only_when_nothing_was_seen() -> None:
    assert told([], "cancelled").startswith("Cancelled.")
    assert told([], "error").startswith("The sign-in page could not do this.")
    assert told([Change("added", PASSKEY, "Laptop", "x")], "cancelled") == "Laptop is added."


def overview(*types: str, password: bool = True, elsewhere: bool = False) -> Overview:
    made = Method("p", "password", "", datetime.now(UTC))
    groups = tuple(
        Group(kind, tuple(Method(f"{kind.slug}{n}", t, t, None) for n, t in enumerate(types) if t == kind.type),
              action="", removable=True, shown=False)
        for kind in BY_TYPE.values()
    )  # fmt: skip
    return Overview(made if password else None, "", True, groups, elsewhere, summarize(Standing(), NOTHING))


def first(found: Overview, kind: str) -> Method:
    return next(group.methods[0] for group in found.everything if group.kind.type == kind)


@pytest.mark.parametrize(
    ("found", "kind", "only"),
    [
        (overview(PASSKEY, password=False), PASSKEY, True),
        (overview(PASSKEY, APP, password=False), PASSKEY, True),
        (overview(PASSKEY, APP, password=False), APP, False),
        (overview(PASSKEY, PASSKEY, password=False), PASSKEY, False),
        (overview(PASSKEY, password=False, elsewhere=True), PASSKEY, False),
        (overview(PASSKEY), PASSKEY, False),
        (overview(APP), APP, False),
    ],
)
def test_the_only_way_in_is_known_even_where_its_section_is_hidden(found: Overview, kind: str, only: bool) -> None:
    assert only_way_in(found, first(found, kind)) is only


@pytest.mark.parametrize(
    ("found", "kind", "words"),
    [
        (overview(APP), APP, "your password alone opens your account"),
        (overview(APP, CODES), APP, "each sign-in would then use one up"),
        (overview(APP, APP), APP, ""),
        (overview(APP, CODES), CODES, "could lock you out"),
        (overview(APP, PASSKEY, CODES), CODES, ""),
        (overview(PASSKEY), PASSKEY, "with your password"),
        (overview(PASSKEY, password=False, elsewhere=True), PASSKEY, "through your other account"),
        (overview(PASSKEY, PASSKEY), PASSKEY, ""),
    ],
)
def test_what_removing_means_is_said(found: Overview, kind: str, words: str) -> None:
    said = consequence(found, first(found, kind))
    assert words in said if words else said == ""
