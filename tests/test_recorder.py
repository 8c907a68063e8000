"""The recorder itself: what it tells is true, and what it is asked to do happens."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from door import HOUSEKEEPING
from recorder import Recorder


def test_calls_are_told_by_the_answer_that_needed_them(person: Any, client: Any, recorder: Recorder) -> None:
    browser = client(person())
    answer = browser.get("profile")
    calls = [call for call in recorder.of(answer) if not HOUSEKEEPING.search(call.path)]
    assert [(call.method, call.path, call.client) for call in calls] == [("GET", "/realms/demo/account/", "portal")]
    assert calls[0].sid
    assert calls[0].status == 200
    assert not calls[0].writes


def test_a_held_call_goes_on_when_it_is_let_go(person: Any, client: Any, recorder: Recorder) -> None:
    browser = client(person())
    sid = recorder.session(browser.get("profile"))
    with ThreadPoolExecutor(1) as pool:
        with recorder.rule("hold", path="/account/$", sid=sid) as held:
            answer = pool.submit(browser.get, "profile")
            held.wait()
            assert not answer.done()
        assert answer.result().status_code == 200


def test_a_cut_call_is_an_honest_page(person: Any, client: Any, recorder: Recorder) -> None:
    browser = client(person())
    sid = recorder.session(browser.get("profile"))
    with recorder.rule("cut", path="/account/$", sid=sid) as cut:
        assert browser.get("profile").status_code == 503
        assert cut.count == 2, "a read is tried twice"
    assert browser.get("profile").status_code == 200
