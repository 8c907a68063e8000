"""`portal serve`: the portal under its production server."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile

from portal.settings import SettingsError, load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `portal serve`."""
    parser.description = "Serves the portal. PORTAL_CONFIG names the configuration file."
    parser.add_argument("--bind", default="127.0.0.1:8000", help="address and port (default: 127.0.0.1:8000)")
    parser.add_argument("--workers", type=int, default=2, help="processes (default: 2)")
    parser.add_argument("--threads", type=int, default=8, help="threads in each process (default: 8)")


def run(args: argparse.Namespace) -> int:
    """Become the server: this process turns into gunicorn. Exit code 2 if the configuration cannot be used."""
    try:
        settings = load()
    except SettingsError as error:
        sys.stderr.write(f"portal serve: {error}\n")
        return 2
    # Figures of all processes are added up from files in this folder; it goes when the machine restarts.
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="portal-figures-"))
    command = [sys.executable, "-m", "gunicorn", *gunicorn_options(args, settings.log_level), "portal.wsgi:app"]
    # The server takes this process's place, so that signals reach it without a go-between.
    os.execv(sys.executable, command)  # noqa: S606
    return 0


def gunicorn_options(args: argparse.Namespace, log_level: str) -> list[str]:
    """What gunicorn is told. Requests are logged by the portal itself, without addresses' secrets."""
    return [
        f"--bind={args.bind}",
        f"--workers={args.workers}",
        f"--threads={args.threads}",
        "--worker-class=portal.server.Worker",
        # Below the usual limit of open files; beyond it the slowest makes room.
        "--worker-connections=500",
        # Loaded once and shared: nothing is connected before the first request, so the fork takes no socket along.
        "--preload",
        # Nobody talks to it, and two servers of one user would share its place.
        "--no-control-socket",
        # Above the portal's own longest wait for Keycloak, so that a slow answer is told rather than cut off.
        "--timeout=60",
        "--graceful-timeout=20",
        "--keep-alive=20",
        "--max-requests=20000",
        "--max-requests-jitter=2000",
        f"--log-level={log_level.lower()}",
    ]
