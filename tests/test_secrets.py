"""No secret leaves the server: logs, database, jobs, files, figures, pages, headers. All that runs logs at DEBUG."""

from __future__ import annotations

import base64
import os
import re
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from cast import Client, Person
from domain_steps import add, check, fresh, prove
from invited import address, invite, link, token
from organization_holdings import Place
from recorder import Recorder
from sqlalchemy import select
from stack import SECRETS, Stack
from waiting import eventually

from portal.services import build
from portal.settings import load
from portal.store.models import SessionRow

ROOMS = ("profile", "security", "devices", "linked", "applications", "activity", "data", "data/download", "permissions")
HOUSE = (
    "membership", "details", "members", "invitations", "invitations/new", "invitations/many", "roles", "domains",
    "events", "events/export?format=csv", "events/export?format=jsonl",
)  # fmt: skip
LOGS = ("portal.log", "worker.log")
CODE = "secret-code-0123456789"


def secrets_of(stack: Stack, someone: Person, browser: Client) -> list[str]:
    """The tokens of the session in the clear, the cookie, every client's secrets, the keys."""
    services = build(load({**os.environ, "PORTAL_CONFIG": str(Path(stack.folder, "portal.toml"))}))
    with services.store.read() as transaction:
        row = transaction.scalars(select(SessionRow).where(SessionRow.sub == someone.id)).one()
    tokens = [services.sessions.secret(row, name) for name in ("access_token", "refresh_token", "id_token")]
    services.store.engine.dispose()
    assert all(len(token) > 100 for token in tokens)
    keys = Path(services.settings.key_file).read_text(encoding="ascii").split()
    config = Path(stack.folder, "portal.toml").read_text(encoding="utf-8")
    clients = set(re.findall(r'^\w*secret = "(.+)"$', config, re.MULTILINE))
    assert len(clients) > len(SECRETS) == len(clients & set(SECRETS.values()))
    # What stands in the middle of a token is enough to know it by; its head is the same for all.
    return [*(token[-60:] for token in tokens), browser.cookie(), someone.password, *keys, *sorted(clients)]


def forms(secret: str) -> Iterator[str]:
    """How a secret may be written: raw, as part of an address, in hexadecimal, and in base64 wherever it begins."""
    raw = secret.encode()
    yield from (secret, quote(secret, safe=""), raw.hex())
    for shift in range(3):
        # The letters at both ends depend on what stands beside; those between do not.
        begin, end = -(-shift * 4 // 3), (shift + len(raw)) * 4 // 3
        encoded = base64.b64encode(b"x" * shift + raw)[begin:end].decode()
        yield from (encoded, encoded.translate(str.maketrans("+/", "-_")))


def found_in(text: str, secrets: list[str]) -> list[str]:
    """Secrets that occur in any form."""
    return [secret for secret in secrets if any(form in text for form in forms(secret))]


def told(answer: requests.Response) -> str:
    """What is read of an answer: its body and its headers, but for the cookie that is meant for the browser."""
    return answer.text + repr({name: value for name, value in answer.headers.items() if name != "Set-Cookie"})


def kept(stack: Stack, browser: Client) -> dict[str, str]:
    """What the server writes: its logs, its database with the payloads of jobs, its figures."""
    logs = {name: Path(stack.folder, name).read_text(encoding="utf-8", errors="replace") for name in LOGS}
    dump = "\n".join(sqlite3.connect(Path(stack.folder, "portal.db")).iterdump())
    assert 'INSERT INTO "session"' in dump
    return {**logs, "database": dump, "figures": browser.get("/metrics").text}


def search(places: Mapping[str, str], secrets: list[str]) -> None:
    """Nothing is found anywhere; and what is planted anywhere, each in another form, is found."""
    leak = " ".join(list(forms(secret))[number % 9] for number, secret in enumerate(secrets))
    for name, text in places.items():
        assert text, name
        assert found_in(text, secrets) == [], name
        assert found_in(f"{text} {leak}", secrets) == secrets, name


def test_a_planted_leak_is_found_in_every_form() -> None:
    secret, other = "a-secret+of/19=letters", "another-secret-of-many-letters"
    for lead in ("", "a", "ab", "abc"):
        text = base64.b64encode(f"{lead}{secret} and more".encode()).decode()
        assert found_in(text, [secret, other]) == [secret], lead
    assert found_in(f"?token={quote(other)}", [secret, other]) == [other]
    assert found_in("nothing", [secret, other]) == []


def broken(recorder: Recorder, browser: Client) -> requests.Response:
    """The portal's own fault, with its trace in the log: an answer of a shape that nothing expects."""
    sid = recorder.session(browser.get("profile"))
    with recorder.rule("put", path="/account/$", sid=sid, put={"userProfileMetadata": "x"}):
        return browser.get("profile")


@pytest.mark.case("T16")
@pytest.mark.case("E4")
def test_no_secret_is_found_anywhere(stack: Stack, person: Any, client: Any, recorder: Recorder) -> None:
    someone = person()
    browser: Client = client(someone)
    pages = [told(browser.get(path, follow=False)) for path in ROOMS]
    pages += [told(browser.get(path, follow=False)) for path in ("nowhere", f"signin/callback?state=x&code={CODE}")]
    pages += [told(browser.post("profile", {"attr.firstName": "x" * 400}))]
    fault = broken(recorder, browser)
    assert fault.status_code == 500 and "Traceback" not in fault.text
    assert [line for line in stack.log(fault.headers["X-Request-ID"]) if line.get("exception")]
    places = {"pages": "\n".join([*pages, told(fault)]), **kept(stack, browser)}
    assert "[DEBUG]" in places["portal.log"], "the server writes all it has to say"
    search(places, [*secrets_of(stack, someone, browser), CODE])
    for name in (*LOGS, "database"):
        assert not re.search(r"eyJ[\w-]{20,}\.", places[name]), f"a token of whomever in {name}"


def troubled(stack: Stack) -> int:
    """How many faults of its own the worker has written down."""
    return Path(stack.folder, "worker.log").read_text(encoding="utf-8").count('"exception"')


def invited_in_trouble(place: Place, recorder: Recorder, emails: list[str]) -> str:
    """A list of people that the worker invites, after it stumbled over an answer; returns the file of outcomes."""
    lines, before = "\n".join(f"{email},Nora,New,view-members" for email in emails), troubled(place.stack)
    with recorder.rule("put", path=f"/users/{place.someone.id}$", put={"createdTimestamp": "x"}):
        data = {"people": lines, "locale": "en", "days": "7", "do": "send"}
        job = place.browser.post(f"o/{place.name}/invitations/many", data).headers["Location"]
        eventually(lambda: troubled(place.stack) > before, 60, "the worker did not stumble")

    def outcomes() -> str:
        text = str(place.browser.get(f"{job}/outcomes.csv").text)
        return text if text.count(",sent,") == len(emails) else ""

    return str(eventually(outcomes, 60, "the invitations were not sent")) + told(place.browser.get(job))


@pytest.mark.case("T16")
@pytest.mark.case("E4")
@pytest.mark.case("I10")
def test_no_secret_of_an_organization_is_found_anywhere(stack: Stack, recorder: Recorder) -> None:
    place, domain = Place(stack), fresh()
    emails = [address() for _ in range(3)]
    assert invite(place, emails[0], message="Welcome").status_code == 303
    assert invite(place, "nora@").status_code == 422
    prove(place, domain)
    add(place, domain)
    assert "is verified" in check(place, domain)
    file = invited_in_trouble(place, recorder, emails[1:])
    links = [link(stack, email) for email in emails]
    opened = Client(stack)
    pages = [told(opened.get(links[0])), told(opened.get("invitation?token=wrong")), file]
    pages += [told(place.browser.get(f"o/{place.name}/{path}")) for path in (*HOUSE, f"domains/{domain}")]
    assert emails[0] in "\n".join(pages)
    secrets = [*secrets_of(stack, place.someone, place.browser), *(token(each) for each in links)]
    places = {"pages": "\n".join(pages), **kept(stack, place.browser)}
    assert all(f'INSERT INTO "{table}"' in places["database"] for table in ("job_row", "invitation", "domain", "mail"))
    search(places, secrets)
