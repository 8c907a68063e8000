"""The portal under its production server, and its worker, configured for the demonstration."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from typing import Any

import requests

from portal.demo.errors import DemoError
from portal.demo.folder import Folder
from portal.demo.ports import Ports
from portal.demo.processes import Child
from portal.demo.program import seed_key
from portal.demo.seed import Seeded, seed_hierarchy
from portal.store import Store

REALMS = ("demo", "other")


def write_config(folder: Folder, ports: Ports, seeded: Seeded, names: Iterable[str] = REALMS) -> None:
    """Write the portal's configuration file for these realms."""
    settings: dict[str, Any] = {
        "public_url": f"http://localhost:{ports.portal}",
        "default_realm": REALMS[0],
        "database_url": f"sqlite:///{(folder.root / 'portal.db').resolve()}",
        "key_file": str(folder.key_file().resolve()),
        "demo": True,
        "outbound_allow": [f"localhost:{port} in 127.0.0.0/8" for port in (ports.keycloak, ports.sample)],
        "outbound_nameserver": f"127.0.0.1:{ports.dns}",
    }
    realms = [
        {
            "name": name,
            "keycloak_url": f"http://localhost:{ports.keycloak}",
            "internal_url": f"http://127.0.0.1:{ports.keycloak}",
            "client_secret": seeded.secrets[name]["portal"],
            "operator_client_secret": seeded.secrets[name]["portal-operator"],
            "read_client_secret": seeded.secrets[name]["portal-read"],
            "setup_client_secret": seeded.secrets[name]["portal-setup"],
            # Realms of an earlier demonstration have no such clients.
            "accounts_client_secret": seeded.secrets[name].by_client.get("portal-accounts", ""),
            "test_client_secret": seeded.secrets[name].by_client.get("portal-test", ""),
        }
        for name in names
    ]
    mail = {"host": "127.0.0.1", "port": ports.smtp, "tls": "none", "sender": "noreply@demo.test"}
    folder.write_private(folder.config, _toml(settings, mail, realms))


def _toml(settings: dict[str, Any], mail: dict[str, Any], realms: list[dict[str, str]]) -> str:
    # Strings, whole numbers, truth values and lists of strings are written alike in JSON and TOML.
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    for title, table in (("[mail]", mail), *(("[[realms]]", realm) for realm in realms)):
        lines += ["", title, *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
    return "\n".join([*lines, ""])


def portal_process(folder: Folder, ports: Ports) -> Child:
    """The portal as a process, not started yet."""
    command = [sys.executable, "-m", "portal.cli", "serve", f"--bind=127.0.0.1:{ports.portal}"]
    environment = {"PORTAL_CONFIG": str(folder.config.resolve())}
    return Child(command, folder.root / "portal.log", folder.root / "portal.pid", environment)


def worker_process(folder: Folder) -> Child:
    """The worker beside it, not started yet."""
    command = [sys.executable, "-m", "portal.cli", "worker"]
    environment = {"PORTAL_CONFIG": str(folder.config.resolve())}
    return Child(command, folder.root / "worker.log", folder.root / "worker.pid", environment)


def prepare_database(folder: Folder, seeded: Seeded) -> None:
    """Bring the portal's own database to the newest version, with what the demonstration keeps there."""
    store = Store(f"sqlite:///{(folder.root / 'portal.db').resolve()}")
    store.upgrade()
    seed_hierarchy(store, seeded)
    if "rita" in seeded.people:
        seed_key(store, folder, seeded.people["rita"])
    store.engine.dispose()


def wait_until_it_answers(portal: Child, ports: Ports, seconds: float = 60) -> None:
    """Wait for the health check. Raises `DemoError` with the last lines of the log."""
    deadline = time.monotonic() + seconds
    while not _answers(f"http://127.0.0.1:{ports.portal}/healthz"):
        if not portal.running:
            raise DemoError(f"The portal stopped while starting.\n{portal.last_words()}")
        if time.monotonic() > deadline:
            raise DemoError(f"The portal did not answer within {seconds:.0f} seconds.\n{portal.last_words()}")
        time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False
