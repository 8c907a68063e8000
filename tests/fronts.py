"""The public fronts of docs/edge/, run by the system's own nginx and Caddy. Where there is none, tests do without."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from waiting import eventually

from portal.demo.ports import any_free

SHIPPED = Path(__file__).parent.parent / "docs" / "edge"
NGINX = """
daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log stderr;
events {{ worker_connections 256; }}
http {{
    access_log off; map_hash_bucket_size 128;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


def binary(name: str) -> str | None:
    """Where the server is: on the path, or where Debian keeps it."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@dataclass(frozen=True)
class Front:
    """A running front: the public addresses of Keycloak and of the portal."""

    keycloak: str
    portal: str
    certificate: str = ""

    def ask(self, target: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
        """One request whose address leaves as it stands here; status, headers and body of the answer."""
        return send(self.keycloak, target, method, self.certificate, **headers)


def send(
    base: str, target: str, method: str = "GET", certificate: str = "", **headers: str
) -> tuple[int, dict[str, str], str]:
    """One request by a client that puts no address in order."""
    parts = urlsplit(base)
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=certificate)
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(parts.netloc, timeout=20, context=context)
    else:
        connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    try:
        connection.putrequest(method, target, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode(errors="replace")
    finally:
        connection.close()


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    paths = folder / "localhost.pem", folder / "localhost.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(*form))
    return paths


def nginx(folder: Path, keycloak: int, portal: int) -> tuple[Front, list[str], dict[str, str]]:
    """The shipped file with TLS, as in production: only names, addresses and certificates differ."""
    ports = any_free(), any_free()
    certificate, key = self_signed(folder)
    site = (SHIPPED / "nginx.conf").read_text(encoding="utf-8")
    for old, new in (
        ("listen 443", f"listen 127.0.0.1:{ports[0]}"),
        ("server 127.0.0.1:8080", f"server 127.0.0.1:{keycloak}"),
        ("server 127.0.0.1:8000", f"server 127.0.0.1:{portal}"),
    ):
        assert old in site
        site = site.replace(old, new, 1)
    site = site.replace("listen 443", f"listen 127.0.0.1:{ports[1]}", 1)
    for name in ("id.example.com", "account.example.com"):
        site = site.replace(f"/etc/ssl/{name}.pem", str(certificate)).replace(f"/etc/ssl/private/{name}.key", str(key))
        site = site.replace(name, "localhost")
    (folder / "site.conf").write_text(site, encoding="utf-8")
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder), encoding="utf-8")
    front = Front(*(f"https://localhost:{port}" for port in ports), str(certificate))
    return front, [str(binary("nginx")), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"], {}


def caddy(folder: Path, keycloak: int, portal: int) -> tuple[Front, list[str], dict[str, str]]:
    """The shipped file told by the environment, as docker-compose.yml tells it."""
    front = Front(f"http://localhost:{any_free()}", f"http://localhost:{any_free()}")
    # Several tests side by side cannot share the port by which Caddy is reconfigured.
    site = "{\n\tadmin off\n}\n" + (SHIPPED / "Caddyfile").read_text(encoding="utf-8")
    (folder / "Caddyfile").write_text(site, encoding="utf-8")
    environment = {
        "KEYCLOAK_SITE": front.keycloak, "KEYCLOAK_UPSTREAM": f"127.0.0.1:{keycloak}", "PORTAL_SITE": front.portal,
        "PORTAL_UPSTREAM": f"127.0.0.1:{portal}", "HOME": str(folder), "XDG_DATA_HOME": str(folder),
    }  # fmt: skip
    config = ["--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    return front, [str(binary("caddy")), "run", *config], environment


MAKERS: dict[str, Callable[[Path, int, int], tuple[Front, list[str], dict[str, str]]]] = {
    "nginx": nginx, "caddy": caddy
}  # fmt: skip
INSTALLED = [name for name in MAKERS if binary(name)]


@contextmanager
def running(name: str, folder: Path, keycloak: int, portal: int) -> Iterator[Front]:
    """The front of this name before Keycloak and the portal on these ports."""
    front, command, environment = MAKERS[name](folder, keycloak, portal)
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=out, stderr=out)
    try:
        eventually(lambda: process.poll() is not None or _serves(front), 20, f"{name} does not listen")
        assert process.poll() is None, log.read_text(encoding="utf-8")
        yield front
    finally:
        process.terminate()
        process.wait(20)


def _serves(front: Front) -> bool:
    try:
        for parts in map(urlsplit, (front.keycloak, front.portal)):
            socket.create_connection((parts.hostname or "", parts.port or 0), 1).close()
    except OSError:
        return False
    return True


class Listener(BaseHTTPRequestHandler):
    """Stands where Keycloak stands, answers everything, and writes down what came."""

    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, dict[str, str]]]

    def do_any(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.seen.append((self.requestline, dict(self.headers.items())))
        self.send_response(200)
        self.send_header("Content-Length", "7")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(b"reached")

    do_GET = do_HEAD = do_POST = do_OPTIONS = do_PUT = do_DELETE = do_PATCH = do_TRACE = do_any

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def listening() -> Iterator[tuple[int, list[tuple[str, dict[str, str]]]]]:
    """A port and the requests that came to it: request line and headers."""
    seen: list[tuple[str, dict[str, str]]] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Listener,), {"seen": seen}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port, seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
