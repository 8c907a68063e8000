"""Measure webhooks for docs/figures.md: many events over a receiver that fails at random.

`python tests/tools/webhooks.py [EVENTS] [SHARE]`, 10,000 and 0.05 unless told otherwise.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from databases import installation
from hook_bench import measure
from hook_double import Receiver

from portal.services import build
from portal.store import Store
from portal.web import logs


def main(events: int = 10_000, share: float = 0.05, hooks: int = 20, couriers: int = 2) -> None:
    """Print the line of the table."""
    logs.init("ERROR")
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/portal.db")
        store.upgrade()
        services = build(installation(store, Path(folder), 1))
        receiver = Receiver(failing=share)
        receiver.start()
        found = measure(services, receiver, events, hooks, couriers)
        receiver.stop()
        services.store.engine.dispose()
    print("| events | webhooks | failing | requests | lost | doubled | out of order | seconds |")
    print("|---|---|---|---|---|---|---|---|")
    told = (f"{found.events:,}", hooks, f"{share:.0%}", f"{found.requests:,}", found.lost, found.doubled)
    print(f"| {' | '.join(map(str, told))} | {found.misplaced} | {found.seconds:,.0f} |")


if __name__ == "__main__":
    main(*(kind(text) for kind, text in zip((int, float), sys.argv[1:], strict=False)))
