"""What the rules of a connection would have given to whoever was tested last."""

from __future__ import annotations

from dataclasses import dataclass

from portal.actor import Actor
from portal.sso import trial_report, trial_rows, trials
from portal.sso.judgement import Attribute
from portal.store import rules
from portal.store.models_sso import Trial


@dataclass(frozen=True)
class Preview:
    """The last test that showed attributes: what was sent, and for each rule whether it would have held."""

    trial: Trial
    attributes: tuple[Attribute, ...]
    held: frozenset[str]

    @property
    def offered(self) -> tuple[tuple[str, str], ...]:
        """Attributes whose values could be groups: several values, or a name that says so."""
        named = ("group", "role", "member", "team", "department")
        return tuple(
            (each.name, ", ".join(each.values))
            for each in self.attributes
            if len(each.values) > 1 or any(word in each.name.lower() for word in named)
        )


def last(actor: Actor, alias: str) -> Preview | None:
    """The latest test with something to see; None while there is none, or for whoever may not see tests."""
    if not actor.may("sso.test"):
        return None
    for row in trials.recent(actor, alias):
        seen = trial_report.judgement_of(trial_rows.report_of(actor.services, row))
        if seen is not None and seen.attributes:
            return Preview(row, seen.attributes, _held(actor, alias, seen.attributes))
    return None


def _held(actor: Actor, alias: str, attributes: tuple[Attribute, ...]) -> frozenset[str]:
    sent = {name: each.values for each in attributes for name in (each.name, each.friendly_name) if name}
    found = rules.of_connection(actor.services.store, actor.realm.name, alias)
    return frozenset(row.id for row in found if row.value in sent.get(row.claim, ()))
