"""Logos and favicons are fetched once, in the background, by one process, and served from the store."""

from __future__ import annotations

import base64
import io
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import outbound_doubles
import pytest
from outbound_doubles import loopback, until
from PIL import Image as Pillow
from sqlalchemy import update

from portal.store import Store, images, now
from portal.store.models import Base, Image
from portal.styles.images import Images

listen = outbound_doubles.listen


def raster(kind: str = "PNG", size: tuple[int, int] = (64, 32), **options) -> bytes:
    out = io.BytesIO()
    Pillow.new("RGB", size, "#336699").save(out, kind, **options)
    return out.getvalue()


@pytest.fixture
def store(tmp_path) -> Store:
    store = Store(f"sqlite:///{tmp_path}/portal.db")
    Base.metadata.create_all(store.engine)
    yield store
    store.engine.dispose()


def answer(content: bytes, kind: str = "image/png", status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content


def keeper(store: Store, *ports: int) -> Images:
    return Images(store, loopback(*(f"localhost:{port} in 127.0.0.0/8" for port in ports)), "http://localhost:8000")


def quiet() -> bool:
    """Whether no picture is being fetched."""
    return not any(thread.name == "branding-image" for thread in threading.enumerate())


def eventually(ask: Callable[[], str | None]) -> str:
    until(lambda: ask() is not None)
    return ask() or ""


@pytest.mark.case("B9")
def test_a_logo_is_fetched_once_and_served_from_the_store(store, listen):
    origin = listen(answer(raster()))
    source = f"http://localhost:{origin.port}/logo.png"
    first, second = keeper(store, origin.port), keeper(store, origin.port)
    key = eventually(lambda: first.key("demo", source))
    assert eventually(lambda: second.key("demo", source)) == key
    assert all(first.key("demo", source) == key for _ in range(50))
    until(quiet)
    assert origin.connections == 1
    stored = images.image(store, "demo", key)
    assert stored and stored.content_type == "image/png"
    assert images.image(store, "other", key) is None
    assert first.key("demo", f"http://localhost:8000/demo/branding/logo-{key}") == key


def test_a_page_never_waits_for_a_logo(store, listen):
    release = threading.Event()

    def slow(peer) -> None:
        release.wait(20)
        peer.sendall(answer(raster()))

    origin = listen(slow)
    keeps = keeper(store, origin.port)
    began = time.monotonic()
    assert keeps.key("demo", f"http://localhost:{origin.port}/logo.png") is None
    assert time.monotonic() - began < 10, "it waited for the answer"
    until(lambda: origin.connections == 1)
    release.set()
    assert eventually(lambda: keeps.key("demo", f"http://localhost:{origin.port}/logo.png"))


@pytest.mark.case("B9")
@pytest.mark.parametrize(
    "content",
    [
        answer(b"<html>", "text/html"),
        answer(raster(), status="404 Not Found"),
        b"HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n",
    ],
)
def test_a_failure_is_remembered_for_ten_minutes_by_every_process(store, listen, content):
    origin = listen(content)
    source = f"http://localhost:{origin.port}/logo.png"
    for _ in range(3):
        assert keeper(store, origin.port).key("demo", source) is None
        until(quiet)
    assert origin.connections == 1
    age(store, timedelta(minutes=11))
    assert keeper(store, origin.port).key("demo", source) is None
    until(quiet)
    assert origin.connections == 2


def test_after_a_day_the_picture_is_renewed_and_the_old_one_stays_until_then(store, listen):
    origin = listen(answer(raster()))
    source = f"http://localhost:{origin.port}/logo.png"
    key = eventually(lambda: keeps.key("demo", source)) if (keeps := keeper(store, origin.port)) else ""
    until(quiet)
    age(store, timedelta(hours=25))
    origin.answer = answer(raster(size=(10, 10)))
    keeps = keeper(store, origin.port)
    assert keeps.key("demo", source) == key
    until(quiet)
    renewed = keeps.key("demo", source)
    assert renewed not in {None, key}
    assert images.image(store, "demo", key)


@pytest.mark.case("F1")
def test_an_address_inside_is_never_called(store, listen):
    origin = listen(answer(raster()))
    keeps = keeper(store)
    for host in ("localhost", "127.0.0.1", "[::ffff:127.0.0.1]"):
        assert keeps.key("demo", f"http://{host}:{origin.port}/logo.png") is None
    until(quiet)
    assert origin.connections == 0


def test_a_data_address_is_checked_and_stored_like_any_other(store):
    source = "data:image/png;base64," + base64.b64encode(raster()).decode()
    keeps = keeper(store)
    key = eventually(lambda: keeps.key("demo", source))
    assert images.image(store, "demo", key)
    age(store, timedelta(days=3))
    assert keeper(store).key("demo", source) == key
    until(quiet)


def test_the_same_picture_from_two_addresses_is_two_pictures(store, listen):
    origin = listen(answer(raster()))
    keeps = keeper(store, origin.port)
    one, two = (
        eventually(lambda path=path: keeps.key("demo", f"http://localhost:{origin.port}/{path}")) for path in "ab"
    )
    assert one != two
    fresh = keeper(store, origin.port)
    assert [fresh.key("demo", f"http://localhost:{origin.port}/{path}") for path in "ab"] == [one, two]
    until(quiet)
    assert origin.connections == 2


def test_one_process_at_a_time_fetches(store):
    assert images.claim(store, "demo", "https://x.example/")
    assert not images.claim(store, "demo", "https://x.example/")
    assert images.claim(store, "other", "https://x.example/")
    age(store, timedelta(minutes=11))
    taken = []
    threads = [
        threading.Thread(target=lambda: taken.append(images.claim(store, "demo", "https://x.example/")))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False] * 5 + [True]


def age(store: Store, by: timedelta) -> None:
    """Make every row older."""
    with store.write() as session:
        session.execute(update(Image).values(fetched_at=now() - by))
        session.execute(update(Image).where(Image.failed_at.isnot(None)).values(failed_at=now() - by))
