"""How values get into a realm: one attribute at a time, or the whole realm where there is no other way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.clients.realm_attributes import RealmAttributes
from portal.errors import PortalError

Accept = bool


class WholeRealm(PortalError):
    """Keycloak takes only the whole realm here, and nobody has agreed to that yet."""


@dataclass
class Writing:
    """One save under way. `written` grows with each attribute that was sent; `found` is what stands there instead."""

    attributes: RealmAttributes
    there: Mapping[str, str]
    writes: Mapping[str, str]
    written: list[str] = field(default_factory=list)
    found: dict[str, str] = field(default_factory=dict)
    single: bool = True

    def prepare(self, accept: Accept) -> None:
        """Find out which way there is, before anything is written. Raises `WholeRealm`."""
        self.single = self.attributes.single()
        if not self.single and not accept:
            raise WholeRealm("attributes cannot be written one at a time")

    def run(self) -> None:
        """Write, then look at what came of it."""
        if self.single:
            for key, value in self.writes.items():
                self.written.append(key)
                self.attributes.write(key, value)
        else:
            self._whole()
        seen = self.attributes.read()
        self.found = {key: seen.get(key, "") for key, value in self.writes.items() if seen.get(key, "") != value}

    def _whole(self) -> None:
        """Read once more, so that what others write elsewhere is lost only if it falls into this very moment."""
        rest = {key: value for key, value in self.attributes.read().items() if key not in self.writes}
        self.written.extend(self.writes)
        self.attributes.write_whole({**rest, **{key: value for key, value in self.writes.items() if value}})
