"""JSON from strangers (RFC 8259): only what can be walked through, kept and shown."""

from __future__ import annotations

import json
import math
from typing import Any

DEEPEST = 40


def read(data: bytes | str) -> Any:
    """What is in `data`. Raises `ValueError` for no JSON, for what nests deeper than anybody needs, for half a letter.

    Python reads the last two, but the first recursion over the one fails, and the other cannot be encoded into a page.
    So it does with zero bytes, which no database keeps, and with numbers that are none.
    """
    try:
        found = json.loads(data, parse_constant=_no_number)
        _check(found)
    except (ValueError, RecursionError) as error:
        raise ValueError("no JSON that can be used") from error
    return found


def _no_number(name: str) -> Any:
    raise ValueError(name)


def _check(found: Any) -> None:
    level = [found]
    for _depth in range(DEEPEST):
        for each in level:
            if isinstance(each, str):
                each.encode()
                if "\0" in each:
                    raise ValueError("zero byte")
            elif isinstance(each, float) and not math.isfinite(each):
                raise ValueError("no number")
        level = [part for each in level for part in _parts(each)]
        if not level:
            return
    raise ValueError("too deep")


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else []
