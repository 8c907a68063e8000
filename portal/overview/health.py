"""The health of a realm's set-up, as doctor finds it, and mending it with the operator's own token."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _

from portal.actor import Actor
from portal.audit import audited
from portal.connect.changes import kcadm_line
from portal.connect.console import Console
from portal.connect.credential import Credential
from portal.doctor import work
from portal.doctor.command import examine
from portal.doctor.finding import Finding, State
from portal.doctor.probe import Probe
from portal.errors import Conflict, NotFound, OperatorNeeded, PortalError
from portal.moments import aware
from portal.signin.tokens import OPERATOR_AGE
from portal.store import health, now
from portal.store.leases import lease
from portal.store.models_health import HealthReport

# Seconds an examination is shown without another, and the least between two that are asked for.
YOUNG, AGAIN = timedelta(seconds=60), timedelta(seconds=5)
# Seconds one may take, and for how many another is waited for.
LONGEST, PATIENCE = 60, 20
TAG = "overview.mend"
ORDER = (State.PROBLEM, State.FAILED, State.ADVICE, State.UNKNOWN, State.OK)


@dataclass(frozen=True)
class Told:
    """One finding on the page. `mendable`: the operator's own token can do it."""

    id: str
    check: str
    state: str
    text: str
    mend: str
    mendable: bool


@dataclass(frozen=True)
class Report:
    """An examination. `checked` is aware UTC; `full`: the server's version was shown to whoever looked."""

    checked: datetime
    full: bool
    findings: tuple[Told, ...]

    @property
    def troubles(self) -> tuple[Told, ...]:
        """What is not as it should be, the worst first."""
        return tuple(each for each in self.findings if each.state != State.OK)

    @property
    def good(self) -> tuple[Told, ...]:
        """What is as it should be."""
        return tuple(each for each in self.findings if each.state == State.OK)

    def count(self, state: str) -> int:
        """How many findings are in this state."""
        return sum(each.state == state for each in self.findings)


def last(actor: Actor) -> Report | None:
    """The last examination while it is young; no call upstream."""
    return _no_older(actor, YOUNG)


def current(actor: Actor, *, again: bool = False) -> Report:
    """The last examination, or another where it is too old. One at a time: whoever comes second gets the first's.

    Raises `Conflict` where another takes too long and there was none before it.
    """
    found = _no_older(actor, AGAIN if again else YOUNG)
    # Whoever has just confirmed that it is he sees more than was found before.
    if found and (found.full or not again or _console(actor) is None):
        return found
    try:
        with lease(actor.services.store, f"health:{actor.realm.name}:{actor.locale}", LONGEST, wait=PATIENCE):
            kept = _no_older(actor, AGAIN)
            return kept if kept and (kept.full or not again) else _report(_examined(actor))
    except Conflict:
        row = _kept(actor)
        if row is None:
            raise
        return _report(row)


def _no_older(actor: Actor, age: timedelta) -> Report | None:
    row = _kept(actor)
    return _report(row) if row and row.checked > now() - age else None


def _kept(actor: Actor) -> HealthReport | None:
    return health.last(actor.services.store, actor.realm.name, actor.locale)


def _examined(actor: Actor) -> HealthReport:
    console = _console(actor)
    found = _findings(actor, console)
    row = HealthReport(
        realm=actor.realm.name, locale=actor.locale, checked=now(), full=console is not None,
        findings=[asdict(_told(each)) for each in sorted(found, key=lambda each: ORDER.index(each.state))],
    )  # fmt: skip
    health.keep(actor.services.store, row)
    return row


def _findings(actor: Actor, console: Console | None) -> list[Finding]:
    settings = actor.services.settings
    probe = Probe(settings, actor.realm, operator=console)
    return [*work.check(settings), *examine(probe)]


def _console(actor: Actor) -> Console | None:
    """Keycloak's admin API with the operator's own token, where he has confirmed lately that it is he."""
    if not (actor.realm.operator_client_secret and actor.may(TAG)):
        return None
    try:
        token = actor.attributes.token()
    except OperatorNeeded:
        return None
    return Console(actor.realm.internal_url, actor.realm.name, Credential(token=token))


def _told(found: Finding) -> Told:
    return Told(found.id, found.check, found.state.value, found.text, found.mend, bool(found.calls))


def _report(row: HealthReport) -> Report:
    return Report(aware(row.checked), row.full, tuple(Told(**each) for each in row.findings))


def finding(actor: Actor, finding_id: str) -> Finding:
    """What is to be mended, found anew. Raises `NotFound` where it is gone, or takes other rights."""
    for each in _findings(actor, _console(actor)):
        if each.id == finding_id and each.calls:
            return each
    raise NotFound("not found any more, or not to be mended here")


def commands(actor: Actor, found: Finding) -> list[str]:
    """The calls that mend it, as commands."""
    return [kcadm_line(call, actor.realm.name) for call in found.calls]


def mend(actor: Actor, finding_id: str) -> None:
    """Mend what was found, and look again. Raises `NotFound`, `Denied`, `Upstream`, `Conflict` if it is still so."""
    found, console = finding(actor, finding_id), _console(actor)
    if console is None:
        raise OperatorNeeded(OPERATOR_AGE)
    done = "; ".join(commands(actor, found))
    with audited(actor, TAG, found.check, after={"check": found.check, "mend": done}):
        for call in found.calls:
            console.send(call)
        if _still(actor, finding_id):
            raise Conflict(_("Keycloak took the change, and the trouble is still there. Look at what it says."))
    health.forget(actor.services.store, actor.realm.name)


def _still(actor: Actor, finding_id: str) -> bool:
    try:
        finding(actor, finding_id)
    except PortalError:
        return False
    return True
