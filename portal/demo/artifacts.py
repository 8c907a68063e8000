"""Fetch Keycloak and its providers from Maven Central into a cache outside the checkout."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import requests
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from portal.demo.errors import DemoError

REPOSITORY = Path(__file__).resolve().parents[2]
PINNED = REPOSITORY / "keycloak" / "artifacts.toml"
BUILD_OPTIONS = ("--db=dev-file", "--health-enabled=true")
_TRIES = 2


@dataclass(frozen=True)
class Artifact:
    """A Maven artifact; `sha256` is empty when the version is not pinned."""

    group: str
    name: str
    version: str
    packaging: str
    sha256: str = ""

    @classmethod
    def parse(cls, coordinates: str, sha256: str = "") -> Artifact:
        """Read `group:name:version:packaging`."""
        group, name, version, packaging = coordinates.split(":")
        return cls(group, name, version, packaging, sha256)

    @property
    def filename(self) -> str:
        """The file's name in a Maven repository."""
        return f"{self.name}-{self.version}.{self.packaging}"


@dataclass(frozen=True)
class Distribution:
    """A server and the providers that go into it."""

    server: Artifact
    providers: tuple[Artifact, ...] = ()

    @property
    def key(self) -> str:
        """Names the built server in the cache: equal parts give an equal key."""
        parts = [*BUILD_OPTIONS, *(artifact.filename for artifact in (self.server, *self.providers))]
        return f"{self.server.version}-{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:12]}"

    def plain(self) -> Distribution:
        """The same server without any provider."""
        return Distribution(self.server)


def pinned(path: Path = PINNED) -> Distribution:
    """The versions in `keycloak/artifacts.toml`."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    return Distribution(_artifact(raw["server"]), tuple(_artifact(item) for item in raw["providers"]))


def newest(cache: Path | None = None) -> Distribution:
    """The newest Keycloak on Maven Central, without any provider. Raises `DemoError` without network."""
    from jgo.maven import MavenContext

    server = pinned().server
    context = MavenContext(repo_cache=(cache or cache_dir()) / "maven", local_repos=[], timeout=60)
    project = context.project(server.group, server.name)
    try:
        project.update()
    except OSError as error:
        raise DemoError(_reason(error, server)) from error
    return Distribution(replace(server, version=str(project.release), sha256=""))


def _artifact(raw: dict[str, str]) -> Artifact:
    return Artifact.parse(raw["coordinates"], raw.get("sha256", ""))


def cache_dir() -> Path:
    """`$XDG_CACHE_HOME/keycloak-portal`, by default in `~/.cache`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "keycloak-portal"


def fetch(artifact: Artifact, cache: Path | None = None) -> Path:
    """The artifact's file, downloaded if the cache lacks it.

    A broken file is removed and fetched once more. Raises `DemoError` without network or disk space.
    """
    folder = (cache or cache_dir()) / "maven"
    for _ in range(_TRIES):
        path = _resolve(artifact, folder)
        if _intact(artifact, path):
            return path
        path.unlink(missing_ok=True)
    raise DemoError(f"{artifact.filename} arrived broken {_TRIES} times and was removed: try again later.")


def _intact(artifact: Artifact, path: Path) -> bool:
    if not artifact.sha256:
        return True
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == artifact.sha256


def _resolve(artifact: Artifact, folder: Path) -> Path:
    from jgo.maven import MavenContext, PythonResolver

    context = MavenContext(
        repo_cache=folder, local_repos=[], timeout=60, resolver=PythonResolver(progress_callback=_progress)
    )
    wanted = context.project(artifact.group, artifact.name).at_version(artifact.version)
    item = wanted.artifact(packaging=artifact.packaging)
    if item.cached_path and item.cached_path.exists():
        return Path(item.cached_path)
    with _partial_removed(item.cached_path, artifact):
        return Path(item.resolve())


@contextmanager
def _partial_removed(path: Path | None, artifact: Artifact) -> Iterator[None]:
    """An interrupted download leaves half a file where the cache would take it for a whole one: remove it."""
    done = False
    try:
        yield
        done = True
    except OSError as error:
        raise DemoError(_reason(error, artifact)) from error
    except RuntimeError as error:
        raise DemoError(f"{artifact.filename} is not on Maven Central: check keycloak/artifacts.toml.") from error
    finally:
        if not done and path:
            path.unlink(missing_ok=True)


def _reason(error: OSError, artifact: Artifact) -> str:
    if error.errno == errno.ENOSPC:
        return f"The disk is full: {cache_dir()} needs about 600 MB for Keycloak. Free some space and start again."
    if isinstance(error, requests.RequestException):
        return (
            f"{artifact.filename} could not be fetched from Maven Central ({type(error).__name__}): "
            "check the network or the proxy settings (HTTPS_PROXY) and start again."
        )
    return f"{artifact.filename} could not be stored in {cache_dir()}: {error.strerror or error}."


@contextmanager
def _progress(filename: str, size: int) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("  {task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(filename, total=size)
        yield lambda count: bar.update(task, advance=count)


def main(folder: str) -> None:
    """Put the pinned providers into a folder, for an image that is built elsewhere."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for provider in pinned().providers:
        shutil.copy(fetch(provider), folder)


if __name__ == "__main__":
    main(sys.argv[1])
