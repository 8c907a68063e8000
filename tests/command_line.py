"""The portal's commands, run in this process with the running portal's configuration."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from stack import Stack

from portal.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in a realm: exit code, output, errors. Nobody is there to answer questions."""
    monkeypatch.setenv("PORTAL_CONFIG", str(Path(stack.folder) / "portal.toml"))
    monkeypatch.setenv("PORTAL_CONNECT_PASSWORD", stack.admin_password)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))

    def run(*arguments: str, name: str = "demo") -> tuple[int, str, str]:
        try:
            code = main([*arguments, "--realm", name])
        except SystemExit as ended:
            code = int(str(ended.code))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run
