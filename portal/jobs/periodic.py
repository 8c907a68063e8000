"""Work that comes round: each task in one worker at a time, however many there are."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import select

from portal.services import Services
from portal.store.leases import release, try_lease
from portal.store.models_work import Lease

log = structlog.get_logger("portal.periodic")
# Seconds after which a task under way belongs to a worker that died with it.
LONGEST = 900.0


@dataclass(frozen=True)
class Task:
    """`run` is called every `seconds`; what it returns is logged, if it is anything."""

    name: str
    seconds: float
    run: Callable[[Services], object]


TASKS: dict[str, Task] = {}


def register(name: str, seconds: float, run: Callable[[Services], object]) -> None:
    """Let workers of this process do this, in all processes together once every `seconds`.

    A run must end within fifteen minutes. One that fails is logged and comes again with its next turn.
    """
    TASKS[name] = Task(name, seconds, run)


def run_due(services: Services) -> int:
    """Do what is due and nobody else is at; returns how many tasks were run."""
    return sum(_run(services, task) for task in _due(services))


def _due(services: Services) -> list[Task]:
    rested = select(Lease.name).where(Lease.name.in_([f"due:{name}" for name in TASKS]), Lease.until > time.time())
    with services.store.read() as session:
        resting = set(session.scalars(rested))
    return [task for name, task in TASKS.items() if f"due:{name}" not in resting]


def _run(services: Services, task: Task) -> bool:
    """Two leases: one that nobody else is at it, one that is left to run out and so says when the next turn is."""
    held = try_lease(services.store, f"task:{task.name}", LONGEST)
    if not held:
        return False
    try:
        if not try_lease(services.store, f"due:{task.name}", task.seconds):
            return False
        _guarded(services, task)
        return True
    finally:
        release(services.store, f"task:{task.name}", held)


def _guarded(services: Services, task: Task) -> None:
    try:
        found = task.run(services)
    except Exception as error:
        log.exception("task failed", exc_info=error, task=task.name)
        return
    if found:
        log.info("task", task=task.name, found=found)
