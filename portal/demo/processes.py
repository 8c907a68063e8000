"""Processes that belong to a start, and what an earlier start may have left running."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_LOG_LINES = 12


@dataclass
class Child:
    """A process in a group of its own, with its output in `log` and its id in `pid_file`."""

    command: Sequence[str]
    log: Path
    pid_file: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)

    @property
    def running(self) -> bool:
        """Whether it lives."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start it; a group of its own keeps the terminal's Ctrl-C from reaching it before its turn."""
        stop_stale(self.pid_file, str(self.command[0]))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env={**os.environ, **self.environment}, stdout=log, stderr=log, start_new_session=True
            )
        self.pid_file.write_text(str(self.process.pid), encoding="utf-8")

    def stop(self, wait: float = 30) -> None:
        """End it; by force after `wait` seconds. Does nothing if it was never started."""
        if self.process is None:
            return
        if self.running:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(wait)
        except subprocess.TimeoutExpired:
            # The command may be a shell around the real process: only the group reaches both.
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.pid_file.unlink(missing_ok=True)

    def last_words(self) -> str:
        """The end of the log and where all of it is."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        lines = [f"  {line}" for line in text.splitlines()[-_LOG_LINES:]]
        return "\n".join([*lines, f"The whole log: {self.log}"])


def stop_stale(pid_file: Path, marker: str, wait: float = 20) -> None:
    """End what a start that was killed left running: only if its command line still carries `marker`."""
    try:
        pid = int(pid_file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    deadline = time.monotonic() + wait
    while marker in command_line(pid):
        forced = time.monotonic() > deadline
        _signal_group(pid, signal.SIGKILL if forced else signal.SIGTERM)
        time.sleep(0.3)
    pid_file.unlink(missing_ok=True)


def command_line(pid: int) -> str:
    """The command line of a process, or an empty string if there is none."""
    entry = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self/cmdline").exists():
        try:
            return entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    done = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return done.stdout


def _signal_group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return
