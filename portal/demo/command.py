"""`portal demo`: start everything, say where it is, stop it again."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from portal.demo.errors import DemoError
from portal.demo.folder import Folder, explain
from portal.demo.ports import choose
from portal.demo.stage import Stage
from portal.demo.summary import summary

_LOOK_EVERY = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `portal demo`."""
    parser.description = (
        "Starts Keycloak with the organizations extension, realms and people, mail, a sample application and the "
        "portal on this machine. Ctrl-C stops it; the data is kept. Ports and folder: PORTAL_PORT, KEYCLOAK_PORT, "
        "INBOX_PORT, SAMPLE_PORT, DEMO_DIR."
    )
    parser.add_argument("--reset", action="store_true", help="forget the data and end")
    parser.add_argument(
        "--no-portal", action="store_true", help="start everything around the portal, to run it yourself"
    )


def run(args: argparse.Namespace) -> int:
    """Exit code 0 after Ctrl-C, 1 if something could not start or stopped by itself."""
    folder = Folder(Path(os.environ.get("DEMO_DIR") or ".demo"))
    try:
        if args.reset:
            return _reset(folder)
        with folder.in_use():
            return _play(folder, with_portal=not args.no_portal)
    except DemoError as error:
        print(f"\n{error}", file=sys.stderr)
    except OSError as error:
        print(f"\n{explain(error, folder)}", file=sys.stderr)
    return 1


def _reset(folder: Folder) -> int:
    if folder.root.exists():
        with folder.in_use():
            folder.reset()
    print(f"{folder.root} is empty: the next `make demo` begins afresh.")
    return 0


def _play(folder: Folder, *, with_portal: bool) -> int:
    ended = threading.Event()
    folder.prepare()
    stage = Stage(folder, choose(os.environ, print), print, ended, with_portal)
    if not _prepared(stage):
        return 0
    # From here on Ctrl-C is looked at between the steps, so that each of them ends whole.
    _on_signals(ended.set)
    try:
        if not stage.start():
            return 0
        print(summary(stage), flush=True)
        _watch(stage, ended)
    finally:
        _on_signals(lambda: None)
        print("\nStopping …", flush=True)
        stage.stop()
    return 0


def _prepared(stage: Stage) -> bool:
    """Whether there is a server to start; False after Ctrl-C."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    _on_signals(interrupt)
    try:
        stage.prepare()
    except KeyboardInterrupt:
        print("\nStopped; what was fetched whole is kept.")
        return False
    return True


def _watch(stage: Stage, ended: threading.Event) -> None:
    """Wait for Ctrl-C. Raises `DemoError` if a process ends by itself."""
    while not ended.wait(_LOOK_EVERY):
        stage.check()


def _on_signals(act: Callable[[], None]) -> None:
    def handle(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        act()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handle)
