"""Delete what is past its time. The times are those that `portal doctor --data` prints."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Delete, Select, and_, delete, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from portal.doctor.data import (
    AUDIT_DAYS,
    EVENT_DAYS,
    INVITATION_DAYS,
    JOB_DAYS,
    LINK_DAYS,
    MAIL_DAYS,
    TEST_DAYS,
    WEBHOOK_DAYS,
)
from portal.settings import Settings
from portal.signin.sessions import Sessions
from portal.store import Store, now
from portal.store.answers import KEPT
from portal.store.counters import LONGEST_WINDOW
from portal.store.leases import count
from portal.store.models import AuditRow, UsedToken
from portal.store.models_keys import Answered, ApiKey
from portal.store.models_links import GuestSession, LinkToken, SetupLink
from portal.store.models_organizations import EventPerson, EventRow, Invitation, Job, JobRow, Mail, Membership
from portal.store.models_settings import SettingsChange
from portal.store.models_sso import Trial
from portal.store.models_webhooks import Delivery
from portal.store.models_work import Counter, Lease
from portal.store.trials import forget_secrets
from portal.store.vault import Vault

# Rows deleted in one transaction, so that people at work never wait long for the database.
BATCH = 500


def purge(store: Store, settings: Settings) -> dict[str, int]:
    """Delete old rows and return how many went, by kind. Deletes nothing that is still of use."""
    # Nothing is opened here, so no key has to be at hand.
    sessions = Sessions(store, Vault([os.urandom(32)]), settings)
    return {
        "sessions and sign-ins": sessions.purge(),
        "ids of logout tokens": _in_batches(store, UsedToken.expires < now(), UsedToken.jti),
        "audit records": _in_batches(store, AuditRow.at < _ago(AUDIT_DAYS), AuditRow.id),
        "changes of settings": _in_batches(store, SettingsChange.at < _ago(AUDIT_DAYS), SettingsChange.id),
        "invitations": _in_batches(store, _ended_invitation(), Invitation.id),
        "guests of setup links": _in_batches(store, GuestSession.expires < now(), GuestSession.id),
        "tokens of setup links": _in_batches(store, LinkToken.link.in_(_old_links()), LinkToken.token),
        "setup links": _in_batches(store, SetupLink.id.in_(_old_links()), SetupLink.id),
        "mails": _in_batches(store, Mail.finished < _ago(MAIL_DAYS), Mail.id),
        "test sign-ins": _in_batches(store, Trial.created < _ago(TEST_DAYS), Trial.id),
        "secrets of set-ups": forget_secrets(store, _ago(TEST_DAYS)),
        "rows of jobs": _in_batches(store, JobRow.job.in_(_old_jobs()), JobRow.job, JobRow.number),
        "jobs": _in_batches(store, Job.id.in_(_old_jobs()), Job.id),
        "deliveries of webhooks": _in_batches(
            store, Delivery.queued < _ago(WEBHOOK_DAYS), Delivery.webhook, Delivery.number
        ),
        "counts": _in_batches(store, Counter.begun < time.time() - 2 * LONGEST_WINDOW, Counter.key),
        "answers to repeated requests": _in_batches(store, Answered.begun < now() - KEPT, Answered.key, Answered.hash),
        "keys of programs": _in_batches(store, _ended_key(), ApiKey.id),
        "leases": _in_batches(store, Lease.until < time.time() - LONGEST_WINDOW, Lease.name),
        "events of organizations": _in_batches(
            store, EventRow.at < _ago(EVENT_DAYS), EventRow.id, EventRow.organization
        ),
        "memberships that ended": _in_batches(store, Membership.until < _ago(EVENT_DAYS), Membership.id),
        "names of people in events": _in_batches(
            store, EventPerson.checked < _ago(EVENT_DAYS), EventPerson.realm, EventPerson.id
        ),
    }


def _ago(days: int) -> datetime:
    return now() - timedelta(days=days)


def _ended_key() -> ColumnElement[bool]:
    # As long as what was done with it can be looked up.
    old = _ago(AUDIT_DAYS)
    return or_(ApiKey.revoked < old, ApiKey.expires < old)


def _ended_invitation() -> ColumnElement[bool]:
    # One that was never answered ended when it expired.
    old = _ago(INVITATION_DAYS)
    return or_(Invitation.ended < old, and_(Invitation.ended.is_(None), Invitation.expires < old))


def _old_links() -> Select[Any]:
    old = _ago(LINK_DAYS)
    ended = or_(SetupLink.ended < old, and_(SetupLink.ended.is_(None), SetupLink.expires < old))
    return select(SetupLink.id).where(ended)


def _old_jobs() -> Select[Any]:
    return select(Job.id).where(Job.finished < _ago(JOB_DAYS))


def _in_batches(store: Store, old: Any, *key: InstrumentedAttribute[Any]) -> int:
    some = delete(key[0].class_).where(tuple_(*key).in_(select(*key).where(old).limit(BATCH)))
    total = gone = _run(store, some)
    while gone == BATCH:
        gone = _run(store, some)
        total += gone
    return total


def _run(store: Store, statement: Delete) -> int:
    with store.write() as session:
        return count(session.execute(statement.execution_options(synchronize_session=False)))
