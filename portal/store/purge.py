"""Delete what is past its time. The times are those that `portal doctor --data` prints."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from sqlalchemy import CursorResult, Delete, delete, select
from sqlalchemy.orm import InstrumentedAttribute

from portal.doctor.data import AUDIT_DAYS
from portal.settings import Settings
from portal.signin.sessions import Sessions
from portal.store import Store, now
from portal.store.models import AuditRow, UsedToken
from portal.store.vault import Vault

# Rows deleted in one transaction, so that people at work never wait long for the database.
BATCH = 500


def purge(store: Store, settings: Settings) -> dict[str, int]:
    """Delete old rows and return how many went, by kind. Deletes nothing that is still of use."""
    # Nothing is opened here, so no key has to be at hand.
    sessions = Sessions(store, Vault([os.urandom(32)]), settings)
    oldest = now() - timedelta(days=AUDIT_DAYS)
    return {
        "sessions and sign-ins": sessions.purge(),
        "ids of logout tokens": _in_batches(store, UsedToken.jti, UsedToken.expires < now()),
        "audit records": _in_batches(store, AuditRow.id, AuditRow.at < oldest),
    }


def _in_batches(store: Store, key: InstrumentedAttribute[str], old: Any) -> int:
    some = delete(key.class_).where(key.in_(select(key).where(old).limit(BATCH)))
    total = gone = _run(store, some)
    while gone == BATCH:
        gone = _run(store, some)
        total += gone
    return total


def _run(store: Store, statement: Delete) -> int:
    with store.write() as session:
        result = session.execute(statement.execution_options(synchronize_session=False))
    return result.rowcount if isinstance(result, CursorResult) else 0
