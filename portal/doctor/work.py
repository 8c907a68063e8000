"""The portal's work in the background: a worker that lives, a mail server that answers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from portal.doctor.finding import Finding, advice, ok, problem
from portal.mail.transport import NotSent, Transport
from portal.settings import Settings
from portal.settings_mail import MailSettings
from portal.store import Store
from portal.store.models_work import Lease

# Seconds between two signs of life, and how late one may be.
ALIVE, LATE = 20, 60


def check(settings: Settings) -> Iterator[Finding]:
    """What can be said without Keycloak."""
    yield from _worker(settings)
    if settings.mail:
        yield _mail(settings.mail, urlsplit(settings.public_url).hostname or "localhost")
    else:
        yield advice(
            "mail", _("no mail server is configured: the portal sends no mails"), _("[mail] in the configuration")
        )


def _worker(settings: Settings) -> Iterator[Finding]:
    store = Store(settings.database_url)
    try:
        with store.read() as session:
            sign = session.get(Lease, "due:alive")
    except SQLAlchemyError:
        return  # said already of the database
    finally:
        store.engine.dispose()
    if sign and sign.until > time.time() - LATE:
        yield ok("worker", _("a worker runs"))
    else:
        yield advice("worker", _("no worker runs: mails and long work wait"), "portal worker")


def _mail(mail: MailSettings, host_name: str) -> Finding:
    try:
        with Transport(mail, host_name) as server:
            server.check()
    except NotSent as error:
        where = f"{mail.host}:{mail.port}"
        texts = {
            "encryption": _("%(where)s offers no encryption that can be trusted", where=where),
            "login": _("%(where)s does not accept user %(user)s with this password", where=where, user=mail.user),
        }
        text = texts.get(error.reason, _("%(where)s does not answer as a mail server", where=where))
        return problem("mail", text, _("correct [mail] in the configuration"))
    return ok("mail", _("%(host)s:%(port)s takes mails", host=mail.host, port=mail.port))
