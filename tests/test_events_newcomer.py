"""What the page of events says of an invited person whose account the portal made."""

from __future__ import annotations

from typing import Any

from cast import Client
from event_lines import shown
from invited import address, invite
from newcomers import choose_password, newcomer, opened, press
from organization_holdings import Place
from sqlalchemy import select
from stack import Stack

from portal.store.models_organizations import EventRow


def test_an_account_that_was_made_is_told_once_and_alarms_nobody(stack: Stack, eventually: Any) -> None:
    place, email = Place(stack), address()
    invite(place, email, "view-organization")
    browser, page = opened(stack, email)
    assert press(browser, page).status_code == 303
    choose_password(stack, email)
    someone = newcomer(stack, email)
    Client(stack).sign_in(someone)
    found = eventually(
        lambda: ("Signed in", "Nora New") in (seen := shown(place.browser, place.name)) and seen, 60, "no sign-in"
    )
    assert (f"{email} answered the invitation", email) in found
    assert (f"A mail to choose a password was sent to {email}", email) in found
    assert len([what for what, _who in found if "answered" in what]) == 1
    assert not [what for what, _who in found if what.startswith("Nora New") or "account" in what], found
    store = stack.store()
    with store.read() as session:
        rows = session.scalars(select(EventRow).where(EventRow.person == someone.id, EventRow.record == "")).all()
    store.engine.dispose()
    assert not [(row.kind, row.actor) for row in rows if row.actor == "service"], "nothing is left unexplained"
