"""The portal's reader of Keycloak's log on a database of a test's own, and what the pages show."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cast import Client
from sqlalchemy import select
from stack import SECRETS, Stack

from portal.events.poller import poll
from portal.services import Services, build
from portal.settings import from_mapping
from portal.store.models import Base
from portal.store.models_organizations import EventCursor, EventRow, Membership

ROW = re.compile(r'<tr role="row">\s*<th scope="row"[^>]*>(.*?)</th>(.*?)</tr>', re.DOTALL)
TAG = re.compile(r"<[^>]+>")


@contextmanager
def reader(stack: Stack, realm: str, folder: Path) -> Iterator[Reader]:
    """A reader of a spare realm that nobody else's rows get into."""
    settings = from_mapping(
        {
            "public_url": stack.portal_url, "demo": True, "database_url": f"sqlite:///{folder / 'events.db'}",
            "realms": [
                {
                    "name": realm, "keycloak_url": stack.internal_url, "client_secret": SECRETS["portal"],
                    "read_client_secret": SECRETS["portal-read"], "setup_client_secret": SECRETS["portal-setup"],
                }
            ],
        }
    )  # fmt: skip
    services = build(settings)
    Base.metadata.create_all(services.store.engine)
    yield Reader(services, realm)
    services.store.engine.dispose()


class Reader:
    """Reads when it is told to."""

    def __init__(self, services: Services, realm: str) -> None:
        self.services, self.realm = services, realm

    def read(self) -> int:
        """One look; how many rows it added."""
        return poll(self.services, self.realm)

    def rows(self, organization: str) -> list[EventRow]:
        """What belongs to an organization, oldest first."""
        return self._all(select(EventRow).where(EventRow.organization == organization).order_by(EventRow.at))

    def kinds(self, organization: str, person: str = "") -> list[str]:
        """Kinds in order, of one person only if one is named."""
        return [row.kind for row in self.rows(organization) if person in ("", row.person)]

    def memberships(self, person: str) -> list[Membership]:
        """All intervals of somebody."""
        return self._all(select(Membership).where(Membership.person == person).order_by(Membership.since))

    def cursors(self) -> dict[str, EventCursor]:
        """How far each source was read."""
        return {row.source: row for row in self._all(select(EventCursor))}

    def _all(self, statement: Any) -> list[Any]:
        with self.services.store.read() as session:
            return list(session.scalars(statement))


def shown(browser: Client, organization: str, query: str = "size=100") -> list[tuple[str, str]]:
    """The lines of the page: what happened and who did it, newest first."""
    answer = browser.get(f"o/{organization}/events?{query}")
    assert answer.status_code == 200, answer.text[:500]
    found = []
    for head, cells in ROW.findall(answer.text):
        title = head.partition("<details")[0]
        who = re.findall(r"<td[^>]*>(.*?)</td>", cells, re.DOTALL)[0]
        found.append((_plain(title), _plain(who)))
    return found


def exported(browser: Client, organization: str, query: str = "") -> list[dict[str, str]]:
    """The lines of the CSV file, newest first."""
    answer = browser.get(f"o/{organization}/events/export?format=csv&{query}")
    assert answer.status_code == 200, answer.text[:500]
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def _plain(markup: str) -> str:
    return html.unescape(TAG.sub("", markup)).strip()
