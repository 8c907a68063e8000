"""What the other side of an outbound call may do to us, and what it learns from us."""

from __future__ import annotations

import datetime
import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path

import outbound_doubles
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from outbound_doubles import OK, loopback, plainly

from portal.clients.outbound import Policy, fetch
from portal.clients.outbound_socket import nameserver_resolver
from portal.errors import Upstream

listen = outbound_doubles.listen
name_server, dns_server = outbound_doubles.name_server, outbound_doubles.dns_server


@pytest.mark.case("F2")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_answers(listen, status):
    inner = listen()
    start = f"HTTP/1.1 {status} Moved\r\nLocation: http://localhost:{inner.port}/\r\nContent-Length: 0\r\n\r\n"
    outer = listen(start.encode())
    policy = loopback(f"localhost:{outer.port} in 127.0.0.0/8", f"localhost:{inner.port} in 127.0.0.0/8")
    url = f"http://localhost:{outer.port}/"
    answer = fetch(url, policy)
    assert (answer.status, answer.final_url, inner.connections) == (status, url, 0)
    assert plainly(url).text == "hello"
    assert inner.connections == 1


def drip(head: bytes, piece: bytes) -> Callable[[socket.socket], None]:
    """Sends `head`, then `piece` again and again, slowly."""

    def answer(peer: socket.socket) -> None:
        peer.sendall(head)
        while True:
            peer.sendall(piece)
            threading.Event().wait(0.05)

    return answer


def endless(head: bytes) -> Callable[[socket.socket], None]:
    def answer(peer: socket.socket) -> None:
        peer.sendall(head)
        while True:
            peer.sendall(b"\0" * 65536)

    return answer


@pytest.mark.case("F5")
@pytest.mark.parametrize(
    "answer",
    [
        drip(b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        drip(b"HTTP/1.1 200 OK\r\nX: ", b"y"),
        drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
    ids=["body", "header", "continue", "chunks"],
)
def test_a_slow_drip_is_cut_at_the_deadline(listen, answer):
    listener = listen(answer)
    policy = loopback(f"localhost:{listener.port} in 127.0.0.0/8", seconds=0.6)
    began = time.monotonic()
    with pytest.raises(Upstream) as failure:
        fetch(f"http://localhost:{listener.port}/", policy)
    assert time.monotonic() - began < 2
    assert failure.value.retryable
    assert Policy().seconds == 10


@pytest.mark.case("F5")
def test_a_drip_inside_the_tls_handshake_is_cut_at_the_deadline(listen):
    listener = listen(drip(b"\x16\x03\x03\x40\x00", b"\x02"))
    policy = loopback(f"localhost:{listener.port} in 127.0.0.0/8", seconds=0.6)
    began = time.monotonic()
    with pytest.raises(Upstream):
        fetch(f"https://localhost:{listener.port}/", policy)
    assert time.monotonic() - began < 2


BOMB = gzip.compress(b"\0" * (64 * 1024 * 1024))


@pytest.mark.case("F5")
@pytest.mark.parametrize(
    "answer",
    [
        endless(b"HTTP/1.1 200 OK\r\n\r\n"),
        endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40000000\r\n"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB,
    ],
    ids=["endless", "chunk", "announced", "bomb"],
)
def test_an_answer_beyond_the_cap_is_cut(listen, answer):
    listener = listen(answer)
    with pytest.raises(Upstream) as failure:
        fetch(f"http://localhost:{listener.port}/", loopback(f"localhost:{listener.port} in 127.0.0.0/8"))
    assert not failure.value.retryable


@pytest.mark.case("F5")
@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70000 + b"\r\n\r\n",
    ],
)
def test_a_broken_answer_is_an_upstream_failure_that_quotes_nothing(listen, answer):
    listener = listen(answer)
    with pytest.raises(Upstream) as failure:
        fetch(f"http://localhost:{listener.port}/", loopback(f"localhost:{listener.port} in 127.0.0.0/8"))
    assert "hello" not in str(failure.value)
    assert "SSH" not in str(failure.value)


def test_compressed_answers_are_opened(listen):
    packed = gzip.compress(b"hello" * 100)
    listener = listen(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed)
    policy = loopback(f"localhost:{listener.port} in 127.0.0.0/8")
    assert fetch(f"http://localhost:{listener.port}/", policy).body == b"hello" * 100
    with pytest.raises(Upstream):
        fetch(f"http://localhost:{listener.port}/", policy, max_bytes=499)


@pytest.mark.case("F7")
def test_nothing_of_ours_goes_out(listen, monkeypatch, tmp_path):
    proxy, listener = listen(), listen(OK.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=b\r\n\r\n", 1))
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://localhost:{proxy.port}")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login me password canary\n")
    monkeypatch.setenv("NETRC", str(netrc))
    policy, url = loopback(f"localhost:{listener.port} in 127.0.0.0/8"), f"http://localhost:{listener.port}/a?b"

    fetch(url, policy)
    answer = fetch(url, policy, accept="image/*")
    assert (answer.status, answer.content_type, answer.headers["set-cookie"]) == (200, "image/png", "a=b")
    assert (proxy.connections, listener.connections) == (0, 2)
    sent = listener.requests[1].decode()
    names = sorted(line.partition(":")[0].lower() for line in sent.splitlines()[1:] if line)
    assert sent.startswith("GET /a?b HTTP/1.1\r\n")
    assert f"Host: localhost:{listener.port}\r\n" in sent
    assert names == ["accept", "accept-encoding", "connection", "host", "user-agent"]

    plainly(url)
    assert proxy.connections == 1
    assert b"Basic" in proxy.requests[0]


def test_tls_is_verified_by_name_and_pinned_by_address(dns_server, listen, tmp_path):
    authority, server = certificates(tmp_path, "good.test")
    seen: list[str | None] = []
    server.sni_callback = lambda _sock, name, _context: seen.append(name)
    listener = listen(host="127.0.0.2", tls=server)
    for name in ("good.test", "bad.test"):
        dns_server.script.names[name] = [["127.0.0.2"]]
    entries = [f"{name}:{listener.port} in 127.0.0.0/8" for name in ("good.test", "bad.test")]
    resolver = nameserver_resolver(dns_server.server)
    trusting = loopback(*entries, resolver=resolver, tls=ssl.create_default_context(cafile=str(authority)))
    assert fetch(f"https://good.test:{listener.port}/", trusting).body == b"hello"
    assert seen == ["good.test"]
    for url, policy in (("bad.test", trusting), ("good.test", loopback(*entries, resolver=resolver))):
        with pytest.raises(Upstream):
            fetch(f"https://{url}:{listener.port}/", policy)
    assert len(listener.requests) == 1


def certificates(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """A self-signed certificate for `name`, as file and as server context."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(start).not_valid_after(start + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    public, private = folder / "cert.pem", folder / "key.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context
