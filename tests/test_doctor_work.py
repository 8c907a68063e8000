"""`portal doctor` sees whether mails and long work get done."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from mail_double import ScriptedMail

from portal import worker
from portal.doctor import work
from portal.doctor.finding import Finding, State
from portal.jobs import periodic
from portal.services import Services
from portal.settings import Settings


def found(settings: Settings) -> dict[str, Finding]:
    return {finding.check: finding for finding in work.check(settings)}


def test_a_worker_that_runs_is_seen_and_one_that_does_not_is_missed(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(periodic, "TASKS", {})
    assert found(services.settings)["worker"].mend == "portal worker"
    worker.register()
    worker.Worker(services, threading.Event()).turn()
    assert found(services.settings)["worker"].state is State.OK
    monkeypatch.setattr(work, "LATE", -work.ALIVE)
    assert found(services.settings)["worker"].state is State.ADVICE


def test_the_mail_server_is_tried(services: Services, smtp: ScriptedMail) -> None:
    assert found(services.settings)["mail"].state is State.OK
    assert smtp.messages() == []
    mail = replace(services.settings.mail or pytest.fail(), tls="starttls")
    assert "offers no encryption" in found(replace(services.settings, mail=mail))["mail"].text
    mail = replace(services.settings.mail or pytest.fail(), user="u", password="p")
    assert "does not accept user u" in found(replace(services.settings, mail=mail))["mail"].text
    smtp.stop()
    assert "does not answer" in found(services.settings)["mail"].text
    assert "sends no mails" in found(replace(services.settings, mail=None))["mail"].text
