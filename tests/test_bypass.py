"""What the portal refuses still works beside it, so that the refusals mean something and the documentation is true."""

from __future__ import annotations

from pathlib import Path

import pytest
from bypass import ACTS, HEAD, Act, line, scene
from stack import Stack

PAGE = Path(__file__).parent.parent / "docs" / "residual-risk.md"


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.title)
def test_the_answer_of_keycloak_is_the_documented_one(stack: Stack, act: Act) -> None:
    found = line(act, act.send(scene(stack, act.roles)).status_code)
    assert found in PAGE.read_text(encoding="utf-8").splitlines(), found


def test_the_page_lists_these_acts_and_no_others() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.startswith(HEAD)
    assert len(text.removeprefix(HEAD).splitlines()) == len(ACTS)
