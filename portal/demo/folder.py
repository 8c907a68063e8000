"""The demonstration's folder: what is kept from start to start, and who uses it."""

from __future__ import annotations

import base64
import errno
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from portal.demo.errors import DemoError
from portal.demo.processes import stop_stale

_KEPT = ("keycloak", "mail")
_FILES = (
    "portal.toml",
    "keys",
    "passwords.json",
    "info.json",
    "complete",
    *(f"{name}.{kind}" for name in ("portal", "worker") for kind in ("log", "pid")),
)
_SPACE_NEEDED = 300 * 1024 * 1024


@dataclass(frozen=True)
class Folder:
    """Paths below the folder that `DEMO_DIR` names."""

    root: Path

    @property
    def keycloak(self) -> Path:
        """Keycloak's data."""
        return self.root / "keycloak"

    @property
    def info(self) -> Path:
        """What tests and tools read; there only while everything answers."""
        return self.root / "info.json"

    @property
    def config(self) -> Path:
        """The portal's configuration."""
        return self.root / "portal.toml"

    @property
    def _complete(self) -> Path:
        return self.root / "complete"

    def prepare(self) -> None:
        """Check that there is room; what a start that was killed left behind is stopped and removed."""
        self._stop_stale()
        free = shutil.disk_usage(self.root).free
        if free < _SPACE_NEEDED:
            raise DemoError(
                f"The disk is nearly full: {self.root} needs about 300 MB and {free // 2**20} MB are free. "
                "Free some space and start again."
            )
        if not self._complete.exists():
            self.reset()
        self.info.unlink(missing_ok=True)

    def complete(self) -> None:
        """Note that the data is whole, so that the next start keeps it."""
        self._complete.touch()

    def reset(self) -> None:
        """Remove the data; files that are not the demonstration's stay."""
        self._stop_stale()
        for name in _KEPT:
            shutil.rmtree(self.root / name, ignore_errors=True)
        for path in (*(self.root / name for name in _FILES), *self.root.glob("portal.db*")):
            path.unlink(missing_ok=True)

    def _stop_stale(self) -> None:
        stop_stale(self.keycloak / "keycloak.pid", str(self.keycloak.resolve()))
        stop_stale(self.root / "portal.pid", "--bind=127.0.0.1:")
        stop_stale(self.root / "worker.pid", "portal.cli worker")

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep other starts out of the folder."""
        with self._lock_file() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                file.seek(0)
                raise DemoError(
                    f"A demonstration runs in {self.root} already (process {file.read().strip() or '?'}): "
                    "stop it with Ctrl-C, or choose another folder with DEMO_DIR=…."
                ) from error
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            try:
                yield
            finally:
                (self.root / "lock").unlink(missing_ok=True)
                if not any(self.root.iterdir()):
                    self.root.rmdir()

    def _lock_file(self) -> TextIO:
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            return (self.root / "lock").open("a+", encoding="utf-8")
        except OSError as error:
            raise DemoError(
                f"{self.root} cannot be used ({error.strerror}): choose another with DEMO_DIR=…."
            ) from error

    def write_private(self, path: Path, text: str) -> None:
        """Write a file that only its owner may read, wholly or not at all."""
        draft = path.with_name(f"{path.name}.new")
        draft.touch(mode=0o600)
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)

    def write_info(self, info: Mapping[str, Any]) -> None:
        """Write `info.json`."""
        self.write_private(self.info, json.dumps(info, indent=2) + "\n")

    def key_file(self) -> Path:
        """A file with one key for what the portal encrypts."""
        path = self.root / "keys"
        if not path.exists():
            self.write_private(path, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode() + "\n")
        return path


def explain(error: OSError, folder: Folder) -> str:
    """One sentence for trouble with the disk."""
    if error.errno == errno.ENOSPC:
        return f"The disk is full: free some space ({folder.root} and the cache need about 1 GB) and start again."
    return f"{error.strerror or error}: {error.filename or folder.root}"
