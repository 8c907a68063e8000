"""Jobs that tests give to workers, and a worker that stops at a named point to be killed there.

`python worker_bench.py FOLDER POINT` is `portal worker` with the kind `greet`; it writes FOLDER/at when it is there.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from sqlalchemy import update

from portal import worker
from portal.actor import Actor
from portal.jobs import handlers
from portal.jobs.actions import create, progress
from portal.jobs.handlers import MAILING, WAITING, RowOutcome
from portal.mail import outbox
from portal.mail.letter import Letter
from portal.services import Services
from portal.store.models_organizations import Job, JobRow, Mail
from portal.worker import Worker


class Greet:
    """Mails each row's address. A row's data may name an error to raise; `folder/denied` takes the right away."""

    def __init__(self, folder: Path, point: str = "", *, tells: bool = True) -> None:
        self.folder, self.point, self.tells = folder, point, tells
        self.asked, self.organization = 0, ""
        self.raises: dict[str, list[Exception]] = {}

    def here(self, point: str) -> None:
        """Stay here for good if this is the point."""
        if point == self.point:
            (self.folder / "at").touch()
            threading.Event().wait()

    def still_allowed(self, services: Services, job: Job) -> bool:
        self.asked += 1
        self.here("before the first row")
        return not (self.folder / "denied").exists()

    def work(self, services: Services, job: Job, row: JobRow) -> RowOutcome:
        to = str(row.data["to"])
        if self.raises.get(to):
            raise self.raises[to].pop(0)
        self.here(f"row {row.number} begun")
        letter = Letter("en", "Hello", ("Hello.",), "You get this because a test runs.")
        about = {"about": job.id, "once": f"{job.id}:{row.number}", "organization": self.organization}
        mail = outbox.enqueue(services, job.realm, to, letter, **about)
        self.here(f"row {row.number} queued")
        return RowOutcome(MAILING, mail=mail)

    def settle(self, services: Services, job: Job, row: JobRow) -> RowOutcome | None:
        if not self.tells:
            return None
        mail = outbox.mail_id(job.realm, f"{job.id}:{row.number}")
        with services.store.read() as session:
            return RowOutcome(MAILING, mail=mail) if session.get(Mail, mail) else RowOutcome(WAITING)


def issuer(services: Services) -> Actor:
    """Who makes the jobs of tests."""
    return Actor("person", services.settings.realms["demo"], "olivia", "sid", name="Olivia", own_services=services)


def people(count: int, name: str = "person") -> list[dict[str, str]]:
    """Rows for so many addresses."""
    return [{"to": f"{name}{number}@umbrella.test"} for number in range(1, count + 1)]


def begin(services: Services, count: int, name: str = "person", organization: str = "o1") -> str:
    """Give the workers a job of so many rows."""
    return create(issuer(services), "greet", organization, people(count, name))


def counts(services: Services, job: str, organization: str = "o1") -> dict[str, int]:
    """How many of its rows are in each state."""
    return progress(services, "demo", organization, job).counts


def state(services: Services, job: str) -> tuple[str, str]:
    """The job's state and the reason for it."""
    found = progress(services, "demo", "o1", job).job
    return found.state, found.reason


def rest(services: Services) -> None:
    """Let the time pass for which jobs and mails wait."""
    with services.store.write() as session:
        session.execute(update(Job).where(Job.lease == "").values(lease_until=0.0))
        session.execute(update(Mail).where(Mail.state == "queued").values(due=Mail.created))


def work_off(services: Services) -> None:
    """Take turns as a worker does until nothing is left to do."""
    worker = Worker(services, threading.Event())
    while worker.turn():
        rest(services)
    worker.hang_up()


def start(folder: Path, point: str = "") -> subprocess.Popen[bytes]:
    """A worker process with the configuration in the folder; its log is `folder/worker.log`."""
    (folder / "at").unlink(missing_ok=True)
    env = {
        **os.environ,
        "PORTAL_CONFIG": str(folder / "portal.toml"),
        "PYTHONPATH": str(Path(worker.__file__).parents[1]),
    }
    with (folder / "worker.log").open("ab") as log:
        return subprocess.Popen([sys.executable, __file__, str(folder), point], env=env, stdout=log, stderr=log)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End it without a chance to tidy up."""
    process.send_signal(signal.SIGKILL)
    process.wait(10)


def main(folder: Path, point: str) -> int:
    """Be that worker."""
    greet = Greet(folder, point)
    handlers.register("greet", greet)
    finish = outbox.finish

    def held(session: Any, mail: str, state: str, *rest: Any) -> bool:
        greet.here(f"mail {state}")
        return finish(session, mail, state, *rest)

    outbox.finish = held
    return worker.run(argparse.Namespace())


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
