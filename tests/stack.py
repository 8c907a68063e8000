"""The running parts that all tests share: Keycloak, mail, DNS, the sample application and the portal.

One process of its own per run (`python -m stack FOLDER`), described by `stack.json` in its folder.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import requests
from administrators import Administrators, administrator, make_administrators
from proxy import Proxy
from realm_keys import with_keys
from waiting import eventually

from portal.demo.admin import Admin
from portal.demo.folder import Folder
from portal.demo.portal_process import prepare_database, write_config
from portal.demo.ports import Ports, any_free
from portal.demo.realms import Addresses, Secrets, create_realm, give_service_roles, provision, template
from portal.demo.seed import Seeded
from portal.demo.stage import Stage
from portal.store import Store

SPARE = [f"spare{number:02}" for number in range(120)]
REALMS = ("demo", "idp", "other", "master")
SECRETS = {
    "portal": "secret-of-the-portal",
    "portal-operator": "secret-of-the-operator",
    "portal-read": "secret-of-the-reader",
    "portal-setup": "secret-of-the-setup",
    "portal-accounts": "secret-of-the-accounts",
    "portal-test": "secret-of-the-test",
}


@dataclass(frozen=True)
class Stack:
    """Where everything is. Passwords and ids of the cast are in `people`; nobody changes the cast."""

    folder: str
    portal_url: str
    keycloak_url: str
    internal_url: str
    inbox_url: str
    sample_url: str
    recorder_url: str
    admin_user: str
    admin_password: str
    mail_port: int
    people: dict[str, dict[str, str]]

    @property
    def addresses(self) -> Addresses:
        """As the demonstration writes them into realms."""
        return Addresses(self.portal_url, self.sample_url, mail_port=self.mail_port)

    def admin(self) -> Admin:
        """A client with the administrator's rights."""
        return _admin(self.internal_url, self.keycloak_url, self.admin_user, self.admin_password)

    def administrator(self, realm: str) -> str:
        """The user name, in realm master, of the administrator of a realm; the password is `admin_password`."""
        return administrator(realm)

    def store(self) -> Store:
        """The portal's own database, to age what only time would age."""
        return Store(f"sqlite:///{self.folder}/portal.db")

    def log(self, request_id: str = "") -> list[dict[str, Any]]:
        """The portal's log, line by line: all of it, or of one request."""
        lines = Path(self.folder, "portal.log").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and request_id in line]

    def mails(self, to: str) -> list[dict[str, Any]]:
        """Mails to an address, newest first."""
        return list(requests.get(f"{self.inbox_url}/messages", params={"to": to}, timeout=10).json())

    def refusal(self, request_id: str) -> str:
        """Why the portal refused a request: the reason is in the log alone."""
        found = [line for line in self.log(request_id) if line.get("event") == "refused"]
        return str(found[-1]["reason"]) if found else ""


@cache
def _admin(internal_url: str, public_url: str, user: str, password: str) -> Admin:
    """One for the whole process: each sign-in costs Keycloak the work of checking a password."""
    admin = Administrators(internal_url, user, password)
    admin.public_url = public_url
    return admin


def start(folder: Path, master: int = 0) -> None:
    """Run everything until SIGTERM, or until the process `master` has gone."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    ports = Ports(**{name: any_free() for name in Ports.__dataclass_fields__})
    stage = Stage(Folder(folder), ports, lambda _: None, ended, with_portal=False)
    stage.folder.prepare()
    # A hundred realms in one server: what it remembers of one is not to be forgotten because of the others.
    stage.keycloak.options, stage.keycloak.heap = ("--cache-embedded-realms-max-count=100000",), "1200m"
    deeds = {"stop-keycloak": stage.keycloak.stop, "start-keycloak": stage.keycloak.start}
    recorder = Proxy(any_free(), ports.keycloak, deeds)
    recorder.start()
    try:
        stage.start()
        _cheapen(stage)
        _start_portal(stage, recorder)
        _describe(stage, recorder)
        while not ended.wait(1) and _lives(master):
            pass
    finally:
        stage.worker.stop()
        stage.portal.stop()
        recorder.stop()
        stage.stop()


def _cheapen(stage: Stage) -> None:
    keycloak = stage.keycloak
    admin = Admin(keycloak.internal_url, keycloak.admin_username, keycloak.admin_password)
    for name in REALMS:
        realm = admin.get(f"/admin/realms/{name}")
        admin.put(f"/admin/realms/{name}", {**realm, "passwordPolicy": cheap(realm)})
    make_administrators(admin, SPARE, keycloak.admin_password)
    admin.close()


def cheap(realm: dict[str, Any]) -> str:
    """The password policy of a realm with hashes that cost little: slow ones would be a third of a run."""
    present = realm.get("passwordPolicy")
    return " and ".join([*([present] if present else []), "hashAlgorithm(pbkdf2-sha256)", "hashIterations(1)"])


def _lives(pid: int) -> bool:
    return not pid or Path(f"/proc/{pid}").exists() or not Path("/proc/self").exists()


def _start_portal(stage: Stage, recorder: Proxy) -> None:
    known = stage.seeded.secrets
    # One realm does without the client that makes accounts.
    other = {key: value for key, value in known["other"].by_client.items() if key != "portal-accounts"}
    secrets = {**known, "other": Secrets(other), **dict.fromkeys(SPARE, Secrets(SECRETS))}
    write_config(stage.folder, stage.ports, Seeded(secrets=secrets), ("demo", "other", *SPARE))
    config = stage.folder.config.read_text(encoding="utf-8")
    through = config.replace(f'"{stage.keycloak.internal_url}"', f'"{recorder.url}"')
    # All tests run with the most that is ever written: what may not be in the log is in none.
    stage.folder.config.write_text(f'log_level = "DEBUG"\n{through}', encoding="utf-8")
    prepare_database(stage.folder, stage.seeded)
    stage.portal.start()
    stage.worker.start()
    url = f"http://127.0.0.1:{stage.ports.portal}/healthz"
    eventually(lambda: _answers(url) or not stage.portal.running, 60, "the portal did not answer")
    if not stage.portal.running:
        raise RuntimeError(stage.portal.last_words())


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False


def _describe(stage: Stage, recorder: Proxy) -> None:
    info = stage.info()
    stack = Stack(
        str(stage.folder.root.resolve()), info["portal"], info["keycloak"], stage.keycloak.internal_url, info["inbox"],
        info["sample_app"], recorder.url, stage.keycloak.admin_username, stage.keycloak.admin_password,
        stage.ports.smtp, info["people"],
    )  # fmt: skip
    path = stage.folder.root / "stack.json"
    path.with_suffix(".new").write_text(json.dumps(stack.__dict__), encoding="utf-8")
    path.with_suffix(".new").replace(path)


def make_spare_realm(stack: Stack, name: str, attributes: dict[str, str]) -> None:
    """Import the demonstration's realm under a name that the portal knows, with the secrets it expects."""
    admin = stack.admin()
    try:
        create_realm(admin, with_keys(template(name=name)))
        provision(admin, stack.addresses, name)
        give_service_roles(admin, name)
        realm = admin.get(f"/admin/realms/{name}")
        changed = {"attributes": {**realm["attributes"], **attributes}, "passwordPolicy": cheap(realm)}
        admin.put(f"/admin/realms/{name}", {**realm, **changed})
        for client_id, secret in SECRETS.items():
            path = f"/admin/realms/{name}/clients/{admin.client_uuid(name, client_id)}"
            admin.put(path, {**admin.get(path), "secret": secret})
    finally:
        admin.close()


if __name__ == "__main__":
    start(Path(sys.argv[1]), *map(int, sys.argv[2:]))
