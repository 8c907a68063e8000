"""The lines of the documentation are run as they stand there."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from api_steps import api_of
from organization_holdings import Place
from stack import Stack

PAGE = (Path(__file__).parent.parent / "docs" / "api.md").read_text(encoding="utf-8")
LINES = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)

BACK = {"portal.returnOrigins": "https://app.example.com Shop", "portal.returnUrl": "https://app.example.com/"}


@pytest.fixture(scope="module")
def place(stack: Stack, make_realm: Callable[..., str]) -> Place:
    """In a realm that says where links lead back to."""
    return Place(stack, realm=make_realm(**BACK))


@pytest.mark.feature("WO-17")
def test_the_lines_of_the_documentation_run(place: Place, tmp_path: Path) -> None:
    send = api_of(place)
    given = {"API": send.base, "TOKEN": send.token, "ORG": place.id, "PATH": "/usr/local/bin:/usr/bin:/bin"}
    how: Any = {"env": given, "cwd": tmp_path, "capture_output": True, "text": True, "timeout": 60}
    answers = [subprocess.run(["sh", "-ec", each], check=False, **how) for each in LINES]
    assert [each.stdout for each in answers if each.returncode] == []
    assert json.loads(answers[0].stdout)["data"][0]["id"] == place.id
    assert send("GET", "~").json()["attributes"] == {"tier": ["gold"]}
    assert [each["email"] for each in send.every("~/invitations")] == ["nora@example.com"]
