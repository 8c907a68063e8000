"""Which versions are known to be vulnerable, or not to work together. The facts stand in `portal.doctor.known`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from flask_babel import LazyString

from portal.doctor.known import BREAKS, FLAWS

Version = tuple[int, ...]


@dataclass(frozen=True)
class Flaw:
    """A known flaw and the first version of each line that is free of it. `what` is said in the reader's language."""

    id: str
    what: LazyString
    fixed: tuple[Version, ...]

    def in_version(self, version: Version) -> bool:
        """Whether a version has it. A line without a fix of its own has it unless it is younger than all that do."""
        of_line = [fix for fix in self.fixed if fix[:2] == version[:2]]
        return version < of_line[0] if of_line else version < max(self.fixed)


def parsed(text: str) -> Version:
    """`26.5.7` as numbers; empty where there are none."""
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def shown(version: Version) -> str:
    """Numbers as they are written."""
    return ".".join(map(str, version))


@cache
def known() -> tuple[Flaw, ...]:
    """All of them, the worst first."""
    return tuple(Flaw(name, what, tuple(map(parsed, fixed))) for name, fixed, what in FLAWS)


def flaws(version: Version) -> list[Flaw]:
    """What is known to be wrong with a version of Keycloak."""
    return [flaw for flaw in known() if flaw.in_version(version)]


def mended_in(version: Version) -> Version:
    """The first later version without a known flaw: of the same line where there is one."""
    fixes = sorted({fix for flaw in known() for fix in flaw.fixed})
    clean = [fix for fix in fixes if fix > version and not flaws(fix)]
    return next((fix for fix in clean if fix[:2] == version[:2]), clean[-1])


def together(keycloak: Version, extension: Version) -> str:
    """The first extension that works with this Keycloak, where the present one does not; empty otherwise."""
    for each in BREAKS:
        first = parsed(each["extension_before"])
        if keycloak >= parsed(each["keycloak_from"]) and (not extension or extension < first):
            return each["extension_before"]
    return ""
