"""Everything that runs in a demonstration, started in order and stopped in reverse."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from portal.demo.admin import Admin
from portal.demo.build import built_server
from portal.demo.dns import NameServer
from portal.demo.errors import DemoError
from portal.demo.folder import Folder
from portal.demo.inbox import create_inbox
from portal.demo.keycloak import KeycloakServer
from portal.demo.mail import MailServer
from portal.demo.portal_process import (
    portal_process,
    prepare_database,
    wait_until_it_answers,
    worker_process,
    write_config,
)
from portal.demo.ports import Ports
from portal.demo.processes import Child
from portal.demo.program import api_key
from portal.demo.realms import Addresses
from portal.demo.sample import Sample, create_sample
from portal.demo.seed import Passwords, Seeded, seed


class _Interrupted(Exception):
    """Ctrl-C while starting."""


@dataclass
class Stage:
    """A demonstration in one folder on these ports. `say` tells the person what is going on."""

    folder: Folder
    ports: Ports
    say: Callable[[str], None]
    ended: threading.Event
    with_portal: bool = True
    seeded: Seeded = field(default_factory=Seeded, init=False)
    _running: ExitStack = field(default_factory=ExitStack, init=False)

    def __post_init__(self) -> None:
        self.keycloak = KeycloakServer(
            self.folder.keycloak.resolve(),
            port=self.ports.keycloak,
            management_port=self.ports.management,
            dns_port=self.ports.dns,
        )
        self.portal: Child = portal_process(self.folder, self.ports)
        self.worker: Child = worker_process(self.folder)
        self.passwords = Passwords(self.folder.root / "passwords.json")
        self._mails = MailServer(self.ports.smtp, self.folder.root / "mail")
        self._names = NameServer(self.ports.dns)

    @property
    def addresses(self) -> Addresses:
        """Where people and Keycloak find things."""
        base = "http://localhost"
        return Addresses(f"{base}:{self.ports.portal}", f"{base}:{self.ports.sample}", mail_port=self.ports.smtp)

    def prepare(self) -> None:
        """Have a server to start; may take minutes the first time and leaves nothing half done when interrupted."""
        built_server(self.keycloak.distribution, say=self.say)

    def start(self) -> bool:
        """Start everything; False if Ctrl-C came in between. Raises `DemoError` if something does not start."""
        try:
            self._start()
        except _Interrupted:
            return False
        return True

    def stop(self) -> None:
        """Stop what was started, newest first."""
        self.folder.info.unlink(missing_ok=True)
        self._running.close()

    def check(self) -> None:
        """Raises `DemoError` if Keycloak, the portal or its worker ended by itself."""
        if not self.keycloak.running:
            raise DemoError(f"Keycloak stopped by itself.\n{self.keycloak.last_words()}")
        if self.with_portal and not self.portal.running:
            raise DemoError(f"The portal stopped by itself.\n{self.portal.last_words()}")
        if self.with_portal and not self.worker.running:
            raise DemoError(f"The portal's worker stopped by itself.\n{self.worker.last_words()}")

    def _start(self) -> None:
        self._serve_stand_ins()
        self.say("Keycloak is starting …")
        self._running.callback(self.keycloak.stop)
        self.keycloak.start(wait=0)
        while not self.keycloak.wait_ready(1, patient=True):
            self._go_on()
        self.say("Realms, people and organizations …")
        self._seed()
        self._go_on()
        self._serve(self.ports.sample, self._sample())
        write_config(self.folder, self.ports, self.seeded)
        if self.with_portal:
            self._start_portal()
        self.folder.complete()
        self.folder.write_info(self.info())

    def _go_on(self) -> None:
        if self.ended.is_set():
            raise _Interrupted

    def _serve_stand_ins(self) -> None:
        for server in (self._mails, self._names):
            server.start()
            self._running.callback(server.stop)
        self._serve(self.ports.inbox, create_inbox(self._mails, self._names.records))

    def _seed(self) -> None:
        admin = Admin(self.keycloak.internal_url, self.keycloak.admin_username, self.keycloak.admin_password)
        admin.public_url = self.keycloak.base_url
        theme = "portal" if self.keycloak.has_theme else ""

        def publish(name: str, text: str) -> None:
            self._names.records.set("TXT", name, text)

        try:
            self.seeded = seed(admin, self.addresses, self.passwords, theme, publish)
        finally:
            admin.close()

    def _sample(self) -> Any:
        secrets, addresses = self.seeded.secrets["demo"].by_client, self.addresses
        return create_sample(
            Sample(
                addresses.sample, addresses.portal, self.keycloak.base_url, "demo", secrets, api_key(self.folder),
                self.seeded.organizations.get("umbrella", ""),
            )
        )  # fmt: skip

    def _start_portal(self) -> None:
        self.say("The portal …")
        prepare_database(self.folder, self.seeded)
        self._running.callback(self.portal.stop)
        self.portal.start()
        self._running.callback(self.worker.stop)
        self.worker.start()
        wait_until_it_answers(self.portal, self.ports)

    def _serve(self, port: int, app: Any) -> None:
        server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self._running.callback(_shut, server)

    def info(self) -> dict[str, Any]:
        """What `info.json` holds."""
        people = {
            name: {"password": self.passwords[name], "id": user_id} for name, user_id in self.seeded.people.items()
        }
        return {
            "portal": self.addresses.portal,
            "keycloak": self.keycloak.base_url,
            "inbox": f"http://localhost:{self.ports.inbox}",
            "sample_app": self.addresses.sample,
            "realm": "demo",
            "people": people,
            "organizations": {name: {"id": found} for name, found in self.seeded.organizations.items()},
            "api_key": api_key(self.folder),
            "keycloak_admin": {"username": self.keycloak.admin_username, "password": self.keycloak.admin_password},
        }


def _shut(server: BaseWSGIServer) -> None:
    server.shutdown()
    server.server_close()


class _Quiet(WSGIRequestHandler):
    """No line per request on the person's terminal."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: ARG002
        return
