"""Words of a realm's user profile: the realm's own texts first, then the portal's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal import messages

_KEY = re.compile(r"^\$\{(.+)\}$")


@dataclass(frozen=True)
class ProfileTexts:
    """Looks up `${key}` and message keys in the person's language."""

    own: Mapping[str, str]

    def label(self, display_name: str, name: str = "") -> str:
        """A heading or field label; an unknown key becomes readable words."""
        found = _KEY.match(display_name)
        if found and found[1] in self.own:
            return self.own[found[1]]
        return messages.label(display_name, name)

    def message(self, encoded: str) -> str:
        """An error as `key|param|param`."""
        key, *params = encoded.split("|")
        if key not in self.own:
            return messages.text("|".join([key, *(self.label(param) for param in params)]))
        said = self.own[key]
        for place, param in enumerate(params):
            said = said.replace(f"{{{place}}}", self.label(param))
        return said

    def option(self, value: str, annotations: Mapping[str, Any]) -> str:
        """The words for one choice of a list."""
        labels = annotations.get("inputOptionLabels")
        prefix = annotations.get("inputOptionLabelsI18nPrefix")
        if isinstance(labels, Mapping) and value in labels:
            return self.label(str(labels[value]), value)
        return self.own.get(f"{prefix}.{value}", value) if prefix else value
