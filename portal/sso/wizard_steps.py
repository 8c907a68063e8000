"""In which order a wizard goes: the steps of its guide, then looking over, testing and switching on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from portal.errors import NotFound
from portal.sso.guide_types import Guide, Step
from portal.sso.setups import REVIEW
from portal.store.models_sso import Setup
from portal.store.setups import SAVED


@dataclass(frozen=True)
class Stage:
    """One step of a set-up. `content` is the guide's, None for what follows a guide; `number` counts from 1."""

    id: str
    title: str
    number: int
    of: int
    previous: str
    next: str
    content: Step | None = None

    @property
    def groups(self) -> tuple[str, ...]:
        """Groups of fields that are filled in here."""
        return self.content.fields() if self.content else ()


def stage(row: Setup, guide: Guide, step_id: str = "") -> Stage:
    """A step by its id; without one the first that nobody has finished.

    Raises `NotFound` for an id that the guide has not. Looking over comes only after every step with fields.
    """
    ids = [*(each.id for each in guide.steps), REVIEW]
    step_id = step_id or first_open(row, guide)
    if step_id not in ids:
        raise NotFound("no such step")
    if step_id == REVIEW and (missing := unfilled(row, guide)):
        step_id = missing
    at = ids.index(step_id)
    content = guide.step(step_id)
    return Stage(
        step_id, content.title if content else _("Look it over"), at + 1, len(ids) + 2, ids[at - 1] if at else "",
        ids[at + 1] if at + 1 < len(ids) else "", content,
    )  # fmt: skip


def first_open(row: Setup, guide: Guide) -> str:
    """The first step that nobody has finished."""
    return next((each.id for each in guide.steps if each.id not in row.steps), REVIEW)


def unfilled(row: Setup, guide: Guide) -> str:
    """The first step with fields that nobody has filled in; empty if there is none."""
    return next((each.id for each in guide.steps if each.fields() and each.id not in row.steps), "")


def progress(row: Setup, guide: Guide, here: Stage) -> list[dict[str, Any]]:
    """The list of steps beside a page: done, current, to come. What follows needs what comes before."""
    shown = [
        _entry(row, here, each.id, each.title, reachable=each.id in row.steps or each.id == first_open(row, guide))
        for each in guide.steps
    ]
    ready = not unfilled(row, guide)
    test = url_for("sso_tests.index", alias=row.alias) if row.state == SAVED else ""
    last = [(_("Test a sign-in"), test), (_("Switch it on"), "")]
    return [
        *shown,
        _entry(row, here, REVIEW, _("Look it over"), reachable=ready),
        *({"label": label, "url": url, "state": ""} for label, url in last),
    ]


def _entry(row: Setup, here: Stage, step_id: str, title: str, *, reachable: bool) -> dict[str, Any]:
    state = "current" if step_id == here.id else "done" if step_id in row.steps else ""
    url = url_for("wizard.step", setup=row.id, step=step_id) if reachable and state != "current" else ""
    return {"label": title, "url": url, "state": state}
