"""A steady load on one page, and a long list of invitations: what `make bench-organizations` does last."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

import cast
import psutil
import requests
from sqlalchemy import func, select
from stage_run import say

from portal.jobs.handlers import OPEN
from portal.store import Store
from portal.store.models_organizations import JobRow

if TYPE_CHECKING:
    from bench_organizations import Bench

RATE, SECONDS = 20, 60


def load(bench: Bench, size: int) -> dict[str, float]:
    """A fixed rate of the list of members for a while, from several addresses with one session."""
    say(f"{RATE} pages a second for {SECONDS} s …")
    first = bench.browser(f"admin-{size}")
    clients = [cast.Client(bench.stack) for _ in range(RATE)]
    for client in clients:
        client.http.cookies.update(first.http.cookies)
    path, began = f"o/{bench.houses[size].name}/members", time.monotonic() + 0.5

    def one(number: int) -> tuple[float, requests.Response]:
        due = began + number / RATE
        time.sleep(max(0.0, due - time.monotonic()))
        answer = clients[number % len(clients)].get(path)
        return (time.monotonic() - due) * 1000, answer

    with ThreadPoolExecutor(4 * RATE) as pool:
        answers = list(pool.map(one, range(RATE * SECONDS)))
    lines = [bench.told(answer) for _, answer in answers]
    return {
        "failed": sum(answer.status_code != 200 for _, answer in answers),
        "p50": median(took for took, _ in answers),
        "p95": _p95([took for took, _ in answers]),
        "portal p95": _p95([line["ms"] - line["upstream_ms"] for line in lines]),
        "keycloak p95": _p95([line["upstream_ms"] for line in lines]),
        "server p95": _p95([line["ms"] for line in lines]),
    }


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


def bulk(bench: Bench) -> dict[str, float]:
    """A long list of invitations: rows a minute, and the worker's memory."""
    say(f"{bench.rows} invitations …")
    size = min(bench.sizes)
    browser, here = bench.browser(f"admin-{size}"), bench.houses[size].name
    text = "\n".join(f"row{number}@seed.test,Nora,New,view-members" for number in range(bench.rows))
    worker = psutil.Process(bench.stage.worker.process.pid)  # type: ignore[union-attr]
    base, began = worker.memory_full_info().pss, time.monotonic()
    form = {"people": text, "locale": "en", "days": "7", "do": "send"}
    answer = browser.post(f"o/{here}/invitations/many", form)
    assert answer.status_code == 303, answer.text[:500]
    job, posted = answer.headers["Location"].rpartition("/")[2], time.monotonic() - began
    store = Store(f"sqlite:///{bench.stage.folder.root}/portal.db")
    left = select(func.count()).where(JobRow.job == job, JobRow.state.in_(OPEN))
    cpu, peak = worker.cpu_times(), base
    while _count(store, left) and time.monotonic() - began < bench.minutes * 60:
        peak = max(peak, worker.memory_full_info().pss)
        time.sleep(2)
    minutes, used = (time.monotonic() - began - posted) / 60, worker.cpu_times()
    done = bench.rows - _count(store, left)
    sent = _count(store, select(func.count()).where(JobRow.job == job, JobRow.state == "sent"))
    store.engine.dispose()
    return {
        "rows": done, "sent": sent, "posted": posted, "rate": done / minutes,
        "base": base / 2**20, "peak": peak / 2**20,
        "cpu": (used.user + used.system - cpu.user - cpu.system) * 1000 / done,
    }  # fmt: skip


def _count(store: Store, query: Any) -> int:
    with store.read() as session:
        return int(session.scalar(query) or 0)
