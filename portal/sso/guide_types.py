"""A guide as pages show it: which vendor, which facts, and steps made of text, values to copy and fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from markupsafe import Markup


@dataclass(frozen=True)
class Text:
    """Sentences, already HTML."""

    html: Markup


@dataclass(frozen=True)
class Copy:
    """A value to paste at the vendor. `label` is the vendor's name of the field, if it differs from ours.

    `value` names what the connection knows; where that is empty, `text` is to be pasted as it stands.
    """

    value: str
    label: str = ""
    text: str = ""


@dataclass(frozen=True)
class Fields:
    """A group of fields that the person fills in at this point."""

    group: str


@dataclass(frozen=True)
class Note:
    """A remark; `kind` is "note" or "warning"."""

    kind: str
    html: Markup


Block = Text | Copy | Fields | Note


@dataclass(frozen=True)
class Step:
    """What is done on one screen of the vendor. `id` stays the same in every language."""

    id: str
    title: str
    blocks: tuple[Block, ...]

    def fields(self) -> tuple[str, ...]:
        """The groups of fields that are filled in at this step."""
        return tuple(block.group for block in self.blocks if isinstance(block, Fields))


@dataclass(frozen=True)
class Guide:
    """One vendor by one protocol.

    `checked`: when it was followed or compared; `against`, `source`: title and address of what it was compared with,
    of `kind` "vendor page" or "real server"; `edition`: the date which that page bears, if it bears one.
    `ways`: how metadata may be handed over, best first. `attributes`: field in Keycloak -> name the vendor sends.
    `second_reply`: the vendor takes a second reply address. `faults`: fault of a test -> step that mends it.
    `example`: what an address of this vendor's metadata looks like.
    """

    key: str
    vendor: str
    name: str
    protocol: str
    checked: date
    against: str
    source: str
    kind: str
    ways: tuple[str, ...]
    attributes: dict[str, str]
    second_reply: bool
    steps: tuple[Step, ...]
    faults: dict[str, str] = field(default_factory=dict)
    name_id: str = ""
    example: str = ""
    edition: date | None = None

    @property
    def generic(self) -> bool:
        """Whether it is for vendors that have no guide of their own."""
        return self.vendor == "generic"

    def step(self, step_id: str) -> Step | None:
        """The step of this id, if there is one."""
        return next((step for step in self.steps if step.id == step_id), None)
