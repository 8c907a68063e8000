"""Lists of people that are meant to break something, and the same list again."""

from __future__ import annotations

import http.client
import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from cast import Client
from invited import mail
from organization_holdings import Place
from stack import Stack
from test_invitations_many import finished, send, some

from portal.errors import TooMany
from portal.invitations import many
from portal.store.counters import hit

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def place(stack: Stack) -> Place:
    """An organization whose administrator invites."""
    return Place(stack)


def upload(place: Place, content: bytes, do: str = "check") -> requests.Response:
    """The form with a file."""
    data = {"locale": "en", "days": "7", "do": do}
    files = {"file": ("people.csv", content, "text/csv")}
    return place.browser.post(f"o/{place.name}/invitations/many", data, files=files)


def resident(stack: Stack) -> int:
    """Bytes that the processes of the portal hold together."""
    first = int(Path(stack.folder, "portal.pid").read_text().split()[0])
    found, total = [first], 0
    while found:
        pid = found.pop()
        found += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
    return total


def endless(place: Place, first: bytes, length: int) -> int:
    """The status of a form of which this many bytes are announced, as many of them sent as are wanted."""
    browser, parts = place.browser, urlsplit(place.stack.portal_url)
    sent = browser.http.prepare_request(
        requests.Request(
            "POST", browser.url(f"o/{place.name}/invitations/many"),
            headers={"Origin": place.stack.portal_url, "Content-Type": "multipart/form-data; boundary=b"},
        )
    )  # fmt: skip
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    connection.putrequest("POST", urlsplit(sent.url or "").path)
    for name in ("Cookie", "Origin", "Content-Type"):
        connection.putheader(name, sent.headers[name])
    connection.putheader("Content-Length", str(length))
    connection.endheaders()
    try:
        connection.send(first)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.case("Z1")
def test_what_is_far_too_large_is_refused_and_not_kept(place: Place, stack: Stack) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    before = resident(stack)
    assert endless(place, head + b"a@a.test\n" * 20_000, 100 * MIB) == 413
    for content in (b"a@a.test\n" * 1_000_000, b'"' + b"x" * 10 * MIB + b'"'):
        with suppress(requests.ConnectionError):  # refused before all of it was sent
            assert upload(place, content).status_code == 413
    assert resident(stack) - before < 100 * MIB
    assert place.browser.get(f"o/{place.name}/invitations/many").status_code == 200


def zipped() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("people.csv", "a@a.test\n" * 100)
    return packed.getvalue()


@pytest.mark.case("Z1")
@pytest.mark.parametrize(
    "content",
    [b"a@a.test,A,B,,\0", "a@a.test,A,B".encode("utf-16"), "a@a.test,A,B".encode("utf-16-le"), zipped(),
     b'"' + b"x" * 200_000 + b'"', b'a@a.test,"never closed\n' * 3, b"\n" * 100_000, b"," * 400_000],
    ids=["zero byte", "UTF-16", "UTF-16 without mark", "zip", "long field", "quotation mark", "blank lines", "commas"],
)  # fmt: skip
def test_a_file_that_is_no_list_is_told_so(place: Place, content: bytes) -> None:
    answer = upload(place, content, "send")
    assert answer.status_code == 422, answer.text[:300]
    assert len(answer.text) < 2 * MIB


@pytest.mark.case("Z1")
def test_every_kind_of_line_ending_ends_a_line(place: Place) -> None:
    page = upload(place, b"e1@a.test\re2@a.test\r\ne3@a.test\n\n\re4@a.test")
    assert (page.status_code, "4 invitations are ready." in page.text) == (200, True)


@pytest.mark.case("Q5")
def test_the_same_list_again_sends_no_second_mail(place: Place, stack: Stack) -> None:
    emails = some(8)
    text = "\n".join(emails)
    browsers = [place.browser, Client(stack).sign_in(place.someone)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda browser: send(place, text, browser=browser), browsers))
    assert [answer.status_code for answer in answers] == [303, 303], "both were good when they were checked"
    told = [finished(place.browser, answer.headers["Location"]) for answer in answers]
    for email in emails:
        assert sorted(found[email][0] for found in told) == ["sent", "skipped"]
        assert mail(stack, email)
    again = send(place, text)
    assert (again.status_code, again.text.count("Invited already.") >= len(emails)) == (422, True)
    assert {email: len(stack.mails(email)) for email in emails} == dict.fromkeys(emails, 1)


@pytest.mark.case("Z6")
def test_an_organization_invites_only_so_many_in_a_day(stack: Stack) -> None:
    place, store = Place(stack), stack.store()
    hit(store, f"people on lists of demo {place.id}", many.PEOPLE_AT_MOST, many.DAY, many.PEOPLE_AT_MOST - 3)
    assert send(place, "\n".join(some(4))).status_code == 429
    sent = send(place, "\n".join(some(3)))
    assert sent.status_code == 303, "what was refused does not count"
    assert set(finished(place.browser, sent.headers["Location"]).values()) == {("sent", "")}
    assert send(place, some(1)[0]).status_code == 429
    with pytest.raises(TooMany):
        hit(store, f"people on lists of demo {place.id}", many.PEOPLE_AT_MOST, many.DAY)
    store.engine.dispose()
