"""Waiting for what takes an unknown time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def eventually(
    condition: Callable[[], Any], seconds: float = 15, told: str = "it did not happen", pause: float = 0.1
) -> Any:
    """Wait until `condition` is true and return its value; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(pause)
    raise AssertionError(f"{told} within {seconds:.0f} s")
