"""A role that is taken away while it is used: what was done was begun before it was gone, and the record shows it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from cast import Client, Person
from invited import INVITER, address, at_keycloak, invite, rows
from organization_holdings import Place
from recorder import Recorder
from stack import Stack
from test_roles import set_roles

from portal.store.models import AuditRow


@pytest.fixture(scope="module")
def place(stack: Stack) -> Place:
    """An organization whose administrator gives and takes roles."""
    return Place(stack)


def revoke(place: Place, someone: Person) -> AuditRow:
    """Take the right to invite away through the portal; the record of it."""
    answer = set_roles(place, someone.id, set(INVITER) - {"manage-invitations"}, set(INVITER))
    assert answer.status_code == 303, answer.text
    [found] = [each for each in place.records("roles.grant") if each.target == someone.id]
    assert found.state == "done" and found.finished
    return found


def used(place: Place, email: str) -> list[AuditRow]:
    return [each for each in place.records("invitations.create") if each.target == email]


@pytest.mark.case("Q4")
@pytest.mark.parametrize(("method", "path"), [("GET", r"/orgs/[^/]+/roles$"), ("POST", r"/orgs/[^/]+/invitations$")])
def test_what_was_let_in_before_does_nothing_after(
    place: Place, stack: Stack, recorder: Recorder, method: str, path: str
) -> None:
    inviter, email = place.join(*INVITER), address()
    browser = Client(stack).sign_in(inviter)
    sid = recorder.session(browser.get(f"o/{place.name}/invitations/new"))
    assert invite(place, address(), browser=browser).status_code == 303
    with ThreadPoolExecutor(1) as pool:
        with recorder.rule("hold", method=method, path=path, sid=sid, most=1) as held:
            under_way = pool.submit(invite, place, email, browser=browser)
            held.wait()
            revoke(place, inviter)
        assert under_way.result().status_code == 403
    assert [each.state for each in used(place, email)] in ([], ["failed"])
    assert at_keycloak(place, email) == []
    assert [each for each in rows(stack, email=email) if each.state == "pending"] == []


@pytest.mark.case("Q4")
def test_of_many_uses_at_once_those_that_succeed_began_before_the_end(place: Place, stack: Stack) -> None:
    inviter = place.join(*INVITER)
    browser = Client(stack).sign_in(inviter)
    emails = [address() for _ in range(12)]
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(invite, place, email, browser=browser) for email in emails]
        answers[2].result()
        ended = revoke(place, inviter)
        told = {email: answer.result().status_code for email, answer in zip(emails, answers, strict=True)}
    assert set(told.values()) == {303, 403}, "some before, some after"
    for email, status in told.items():
        done = [each for each in used(place, email) if each.state == "done"]
        assert (len(done) == 1) == (status == 303) == (len(at_keycloak(place, email)) == 1)
        assert all(each.at < ended.finished for each in done)
    assert invite(place, address(), browser=browser).status_code == 403
