"""Mails that tests write, and how they stand."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from portal.mail.letter import Letter
from portal.mail.outbox import enqueue, outcome
from portal.services import Services
from portal.store.models_organizations import Mail

LETTER = Letter(
    "en", "Umbrella invites you", ("You are invited to Umbrella.",), "You get this because Olivia invited you.",
    ("Look at the invitation", "https://portal.test/demo/invitation?token=abc&x=1"), (("Expires", "3 December 2026"),),
)  # fmt: skip
ANNA = "anna@umbrella.test"


def put(services: Services, to: str = ANNA, letter: Letter = LETTER, **more: Any) -> str:
    return enqueue(services, "demo", to, letter, organization="o1", about=more.pop("about", "i1"), **more)


def state(services: Services, mail_id: str) -> tuple[str, str]:
    found = outcome(services, mail_id)
    return found.state, found.reason


def age(services: Services, **values: Any) -> None:
    """Let time pass for all mails."""
    with services.store.write() as session:
        session.execute(update(Mail).values(**values))


def bodies(services: Services) -> list[bytes | None]:
    with services.store.read() as session:
        return list(session.scalars(select(Mail.body)))
