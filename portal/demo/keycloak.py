"""Start and stop one real Keycloak with a data folder of its own."""

from __future__ import annotations

import json
import secrets
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import requests

from portal.demo.artifacts import REPOSITORY, Distribution, pinned
from portal.demo.build import built_server, java_home
from portal.demo.errors import DemoError
from portal.demo.processes import Child

THEME = REPOSITORY / "theme"
ADMIN = "admin"
_SHARED = ("lib", "providers")


@dataclass
class KeycloakServer:
    """One server process. `data` keeps its database, log and administrator's password from start to start."""

    data: Path
    port: int = 8080
    management_port: int = 9100
    distribution: Distribution = field(default_factory=pinned)
    realms: Iterable[Path] = ()
    dns_port: int = 0
    heap: str = "768m"
    theme: Path | None = THEME
    options: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    child: Child | None = field(default=None, init=False, repr=False)

    @property
    def base_url(self) -> str:
        """The address for browsers, also the issuer's."""
        return f"http://localhost:{self.port}"

    @property
    def internal_url(self) -> str:
        """The address for programs on this machine, which need no name to be looked up."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log_path(self) -> Path:
        """Where the server's output goes."""
        return self.data / "keycloak.log"

    @property
    def home(self) -> Path:
        """A server home that shares the built libraries and has its own data and themes."""
        return self.data / "server"

    @property
    def admin_username(self) -> str:
        """The administrator of realm master."""
        return ADMIN

    @property
    def admin_password(self) -> str:
        """The administrator's password: made at the first start, readable by this user only."""
        path = self.data / "admin-password"
        if not path.exists():
            self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(12), encoding="utf-8")
        return path.read_text(encoding="utf-8")

    @property
    def running(self) -> bool:
        """Whether the server's process lives."""
        return self.child is not None and self.child.running

    def start(self, wait: float = 180) -> None:
        """Start the server and wait at most `wait` seconds (0: not at all) until it answers.

        Raises `DemoError` with the last lines of the log if it does not come up; then nothing is left running.
        """
        self._prepare()
        self.child = Child(self._command(), self.log_path, self.data / "keycloak.pid", self._environment())
        self.child.start()
        if wait:
            self.wait_ready(wait)

    def wait_ready(self, seconds: float = 180, *, patient: bool = False) -> bool:
        """Wait until the health check answers. Raises `DemoError` if it does not in time, or is False if `patient`."""
        deadline = time.monotonic() + seconds
        while not self.ready():
            if not self.running:
                raise DemoError(f"Keycloak stopped while starting.\n{self.last_words()}")
            if time.monotonic() > deadline:
                if patient:
                    return False
                self.stop()
                raise DemoError(f"Keycloak did not answer within {seconds:.0f} seconds.\n{self.last_words()}")
            time.sleep(0.2)
        return True

    def ready(self) -> bool:
        """Whether the server says that it is ready."""
        try:
            answer = requests.get(f"http://127.0.0.1:{self.management_port}/health/ready", timeout=2)
        except requests.RequestException:
            return False
        return answer.ok

    def stop(self, wait: float = 30) -> None:
        """End the server; by force if it has not gone after `wait` seconds. Does nothing if it does not run."""
        if self.child:
            self.child.stop(wait)

    def last_words(self) -> str:
        """The end of the log and where all of it is."""
        return self.child.last_words() if self.child else f"There is no log at {self.log_path} yet."

    def _prepare(self) -> None:
        shared = built_server(self.distribution)
        self.home.mkdir(parents=True, exist_ok=True)
        for name in _SHARED:
            link = self.home / name
            _remove(link)
            link.symlink_to(shared / name)
        for name in ("bin", "conf"):
            shutil.copytree(shared / name, self.home / name, dirs_exist_ok=True)
        self._install_theme()
        self._place_realms()

    @property
    def has_theme(self) -> bool:
        """Whether the portal's login and mail theme is there to be installed."""
        return bool(self.theme and self.theme.exists() and any(self.theme.iterdir()))

    def _install_theme(self) -> None:
        target = self.home / "themes" / "portal"
        target.parent.mkdir(exist_ok=True)
        _remove(target)
        if self.theme and self.has_theme:
            target.symlink_to(self.theme)

    def _place_realms(self) -> None:
        """Files in `data/import` become realms at start; realms that exist already are left alone."""
        folder = self.home / "data" / "import"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for path in self.realms:
            name = json.loads(path.read_text(encoding="utf-8"))["realm"]
            shutil.copy(path, folder / f"{name}-realm.json")

    def _command(self) -> list[str]:
        return [
            str(self.home / "bin" / "kc.sh"),
            "start",
            "--optimized",
            "--http-enabled=true",
            "--http-host=127.0.0.1",
            f"--http-port={self.port}",
            f"--http-management-port={self.management_port}",
            f"--hostname={self.base_url}",
            "--hostname-backchannel-dynamic=true",
            # Without this the server opens a cluster port on the machine's network address.
            "--cache=local",
            "--import-realm",
            *self.options,
        ]

    def _environment(self) -> dict[str, str]:
        dns = [f"-Ddns.server=127.0.0.1:{self.dns_port}"] if self.dns_port else []
        # A server that lives for minutes does not earn back what the second compiler costs: half of its work. Nor is
        # it worth collecting garbage beside the work on a machine that has no core to spare.
        brief = "-XX:TieredStopAtLevel=1 -XX:-UseG1GC -XX:+UseParallelGC"
        return {
            "JAVA_HOME": str(java_home()),
            "JAVA_OPTS_KC_HEAP": f"-Xms64m -Xmx{self.heap}",
            "JAVA_OPTS_APPEND": " ".join([*dns, brief, "--add-opens=java.base/java.lang=ALL-UNNAMED"]),
            "KC_BOOTSTRAP_ADMIN_USERNAME": self.admin_username,
            "KC_BOOTSTRAP_ADMIN_PASSWORD": self.admin_password,
            **self.environment,
        }


def _remove(path: Path) -> None:
    """Remove a link, or a folder with all it holds."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
    else:
        shutil.rmtree(path)
