"""How often a worker reads the log of each realm."""

from __future__ import annotations

import threading
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

from portal.events import tasks
from portal.realms import RealmDirectory

OFF = {"_providerConfig.portal.org.events.enabled": "false"}
ATTRIBUTES: dict[str, dict[str, str]] = {"busy": {}, "quiet": {}, "busy and off": OFF, "without organizations": {}}
ATTRIBUTES["without organizations"] = {"_providerConfig.portal.org.enabled": "false"}


def test_realms_are_read_as_often_as_somebody_can_see_it(monkeypatch: pytest.MonkeyPatch) -> None:
    read: Counter[str] = Counter()
    present = [0.0]

    def poll(_services: Any, realm: str) -> int:
        read[realm] += 1
        return 0 if realm == "quiet" else 1

    monkeypatch.setattr(tasks, "poll", poll)
    monkeypatch.setattr(tasks, "_resting", {})
    monkeypatch.setattr("portal.events.tasks.time", SimpleNamespace(monotonic=lambda: present[0]))
    services: Any = SimpleNamespace(
        settings=SimpleNamespace(realms=ATTRIBUTES), store=SimpleNamespace(url=""),
        realms=SimpleNamespace(peek=lambda realm, _oldest: SimpleNamespace(attributes=ATTRIBUTES[realm])),
    )  # fmt: skip
    for _ in range(600 // tasks.EVERY):
        tasks.poll_all(services)
        present[0] += tasks.EVERY
    assert read["busy"] == 120, "every five seconds"
    assert read["quiet"] in range(30, 35), "every twenty"
    for realm in ("busy and off", "without organizations"):
        assert read[realm] in range(10, 16), "once a minute, whatever happens there"


def test_what_is_read_for_the_log_is_not_kept_young() -> None:
    asked: list[Any] = []
    directory = RealmDirectory(SimpleNamespace(realm_facts=lambda grant: asked.append(grant) or SimpleNamespace()))  # type: ignore[arg-type]
    found = directory.peek("quiet", 0.0)
    assert directory.peek("quiet", 60.0) is found and len(asked) == 1, "one reading serves both questions"
    assert directory.peek("quiet", 0.0) and len(asked) == 2
    assert "realm-facts" not in {thread.name for thread in threading.enumerate()}
    assert directory.facts("quiet") is not None and len(asked) == 2, "a page asks no more than the worker did"
