"""`portal worker`: delivers mails and webhooks, works on jobs, and does what comes round."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time

import structlog
from sqlalchemy.exc import SQLAlchemyError

from portal.doctor.work import ALIVE
from portal.jobs import periodic
from portal.jobs.run import run_one
from portal.mail.delivery import deliver, transport
from portal.services import Services, build
from portal.settings import SettingsError, load
from portal.store.purge import purge
from portal.store.vault import VaultError
from portal.web import logs
from portal.webhooks.courier import Courier

log = structlog.get_logger("portal.worker")
# Seconds: between two looks when there is nothing to do, after trouble, and for mails before it is the jobs' turn.
IDLE, TROUBLE, MAILS = 1.0, 5.0, 5.0
MINUTE, HOUR, DAY = 60, 3600, 24 * 3600
# Modules that register kinds of jobs and tasks when they are imported. A room is added here when it has some.
ROOMS: tuple[str, ...] = (
    "portal.invitations.many", "portal.invitations.sweeper", "portal.domains.upkeep", "portal.events.tasks",
    "portal.sso.upkeep", "portal.sso.trial_clean", "portal.sso.drift", "portal.webhooks.upkeep",
    "portal.links.upkeep", "portal.sso.authors",
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`portal worker` has no options."""
    parser.description = (
        "Delivers mails, works on jobs and deletes what is past its time, beside `portal serve`. Several may run. "
        "Ends on SIGTERM after what is at hand. PORTAL_CONFIG names the configuration file."
    )


def run(args: argparse.Namespace) -> int:  # noqa: ARG001
    """Work until SIGTERM or Ctrl-C. Exit code 2 if the configuration cannot be used."""
    try:
        settings = load()
        services = build(settings)
    except (SettingsError, VaultError) as error:
        sys.stderr.write(f"portal worker: {error}\n")
        return 2
    logs.init(settings.log_level)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    register()
    courier = Courier(services, ended)
    courier.start()
    Worker(services, ended).work()
    courier.join()
    services.store.engine.dispose()
    return 0


def register() -> None:
    """Make known what workers do."""
    from importlib import import_module

    # Doctor sees by this one that a worker is there.
    periodic.register("alive", ALIVE, lambda _: None)
    periodic.register("operators' tokens", MINUTE, lambda services: services.sessions.forget_operators())
    # Anybody can begin a sign-in, and each leaves rows.
    periodic.register("sessions", HOUR, lambda services: services.sessions.purge())
    periodic.register("purge", DAY, lambda services: purge(services.store, services.settings))
    for name in ROOMS:
        import_module(name)


class Worker:
    """The loop of one process. `ended` is looked at between any two mails, rows and tasks."""

    def __init__(self, services: Services, ended: threading.Event) -> None:
        self._services = services
        self._ended = ended
        self._over = transport(services)
        self._mails_after = 0.0

    def work(self) -> None:
        """Turn after turn until the end; trouble with the database is waited out."""
        log.info("worker begins")
        while not self._ended.is_set():
            self._ended.wait(self._rest())
        self.hang_up()
        log.info("worker ends")

    def _rest(self) -> float:
        """One turn; returns for how many seconds to rest after it."""
        try:
            busy = self.turn()
        except SQLAlchemyError as error:
            log.error("database cannot be used", error=type(error).__name__)
            return TROUBLE
        except Exception as error:
            log.exception("worker stumbled", exc_info=error)
            return TROUBLE
        if not busy:
            self.hang_up()
        return 0.0 if busy else IDLE

    def turn(self) -> bool:
        """What is due, some mails, a slice of a job. Whether there was anything to do."""
        done = bool(periodic.run_due(self._services))
        mails = self._mails()
        return run_one(self._services, self._ended) or mails or done

    def _mails(self) -> bool:
        """Deliver for a few seconds. While the server cannot be reached, only one mail is tried now and then."""
        began, some = time.monotonic(), False
        while not self._ended.is_set() and self._mails_after <= time.monotonic() < began + MAILS:
            if not deliver(self._services, self._over):
                break
            some = True
            if self._over and self._over.away:
                self._mails_after = time.monotonic() + TROUBLE
        return some

    def hang_up(self) -> None:
        """Close the connection to the mail server; the next mail opens it again."""
        if self._over:
            self._over.close()
