"""No secret leaves the server: logs, database, pages, headers, figures."""

from __future__ import annotations

import base64
import os
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from cast import Client, Person
from recorder import Recorder
from sqlalchemy import select
from stack import SECRETS, Stack

from portal.services import build
from portal.settings import load
from portal.store.models import SessionRow

ROOMS = ("profile", "security", "devices", "linked", "applications", "activity", "data", "data/download", "permissions")


LOGS = ("portal.log", "worker.log")


def secrets_of(stack: Stack, someone: Person, browser: Client) -> list[str]:
    """The tokens of the session in the clear, the cookie, the client's secrets, the keys."""
    services = build(load({**os.environ, "PORTAL_CONFIG": str(Path(stack.folder, "portal.toml"))}))
    with services.store.read() as transaction:
        row = transaction.scalars(select(SessionRow).where(SessionRow.sub == someone.id)).one()
    tokens = [services.sessions.secret(row, name) for name in ("access_token", "refresh_token", "id_token")]
    realm = services.settings.realms["demo"]
    services.store.engine.dispose()
    assert all(len(token) > 100 for token in tokens)
    keys = Path(services.settings.key_file).read_text(encoding="ascii").split()
    # What stands in the middle of a token is enough to know it by; its head is the same for all.
    return [*(token[-60:] for token in tokens), browser.cookie(), realm.client_secret, realm.read_client_secret, *keys]


def found_in(text: str, secrets: list[str]) -> list[str]:
    """Secrets that occur raw or in base64."""
    encoded = {secret: base64.b64encode(secret.encode()).decode().rstrip("=") for secret in secrets}
    return [secret for secret in secrets if secret in text or encoded[secret] in text]


@pytest.mark.case("T16")
@pytest.mark.case("E4")
def test_no_secret_is_found_anywhere(stack: Stack, person: Any, client: Any, recorder: Recorder) -> None:
    someone = person()
    browser: Client = client(someone)
    pages = []
    for path in (*ROOMS, "nowhere", "signin/callback?state=x&code=secret-code-0123456789", "devices/x/end"):
        answer = browser.get(path, follow=False)
        pages.append(answer.text + repr({k: v for k, v in answer.headers.items() if k != "Set-Cookie"}))
    browser.post("profile", {"attr.firstName": "x" * 400})
    # An answer of a shape that nothing expects: the portal's own fault, with its trace in the log.
    broken = {
        "path": "/account/$",
        "sid": recorder.session(browser.get("profile")),
        "put": {"userProfileMetadata": "x"},
    }
    with recorder.rule("put", **broken):
        fault = browser.get("profile")
    assert fault.status_code == 500 and "Traceback" not in fault.text
    pages.append(fault.text)
    assert [line for line in stack.log(fault.headers["X-Request-ID"]) if line.get("exception")]
    secrets = [*secrets_of(stack, someone, browser), someone.password, "secret-code-0123456789"]
    logs = [Path(stack.folder, name).read_text(encoding="utf-8", errors="replace") for name in LOGS]
    log = "\n".join(logs)
    assert all(logs)
    database = "\n".join(sqlite3.connect(Path(stack.folder, "portal.db")).iterdump())
    assert found_in("\n".join(pages), secrets) == []
    assert found_in(log, [*secrets, *SECRETS.values()]) == []
    assert found_in(database, secrets) == []
    assert found_in(browser.get("/metrics").text, secrets) == []
    assert not re.search(r"eyJ[\w-]{20,}\.", log + database)
    planted = f"a planted leak {secrets[0]} and {base64.b64encode(secrets[3].encode()).decode()}"
    assert found_in(planted, secrets) == [secrets[0], secrets[3]], "the search finds what is there"
