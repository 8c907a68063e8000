"""Leaving an organization: whoever may, what is lost, and that somebody stays who looks after it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cast import Client, Person
from organization_holdings import Place
from stack import Stack

ADMINISTRATOR = ("manage-organization", "manage-roles")


@pytest.mark.parametrize("roles", [(), ("view-organization",), ("manage-members",)])
def test_a_member_leaves_whatever_his_roles(stack: Stack, roles: tuple[str, ...], client: Any) -> None:
    place = Place(stack)
    someone = place.join(*roles)
    browser = client(someone)
    page = browser.get(f"o/{place.name}/leave").text
    assert f"Leave {place.name.capitalize()}?" in page and all(role in page for role in roles)
    assert browser.post(f"o/{place.name}/leave").status_code == 422
    assert is_member(stack, place, someone)
    answer = browser.post(f"o/{place.name}/leave", {"confirm": "yes"})
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/demo/organizations")
    page = browser.get("organizations").text
    assert f"You left {place.name.capitalize()}." in page and f"/o/{place.name}" not in page
    assert not is_member(stack, place, someone)
    assert browser.get(f"o/{place.name}").status_code == 404
    [record] = place.records("organization.leave")
    assert (record.state, record.before["roles"], record.sub) == ("done", sorted(roles), someone.id)


def is_member(stack: Stack, place: Place, someone: Person) -> bool:
    admin = stack.admin()
    try:
        return bool(admin._send("GET", f"/realms/demo/orgs/{place.id}/members/{someone.id}").status_code == 204)
    finally:
        admin.close()


def test_the_last_administrator_stays(stack: Stack, client: Any) -> None:
    place = Place(stack, roles=ADMINISTRATOR)
    # Neither half an administrator nor a disabled one counts, nor does the synthetic one.
    place.join("manage-organization")
    disabled = place.join(*ADMINISTRATOR)
    switch(stack, disabled, enabled=False)
    assert "last administrator" in place.browser.get(f"o/{place.name}/leave").text
    refused = place.browser.post(f"o/{place.name}/leave", {"confirm": "yes"})
    assert refused.status_code == 409 and "Make somebody else one first." in refused.text
    assert is_member(stack, place, place.someone)
    switch(stack, disabled, enabled=True)
    assert place.browser.post(f"o/{place.name}/leave", {"confirm": "yes"}).status_code == 303
    assert client(disabled).post(f"o/{place.name}/leave", {"confirm": "yes"}).status_code == 409


def test_of_two_administrators_who_leave_at_once_one_stays(stack: Stack, client: Any) -> None:
    for _round in range(3):
        place = Place(stack, roles=ADMINISTRATOR)
        second = place.join(*ADMINISTRATOR)
        browsers = [place.browser, client(second)]
        tokens = [browser.token() for browser in browsers]

        def leave(browser: Client, token: str, path: str = f"o/{place.name}/leave") -> int:
            return int(browser.post(path, {"confirm": "yes", "csrf_token": token}, token=False).status_code)

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(leave, browsers, tokens)) == [303, 409]
        assert sum(is_member(stack, place, each) for each in (place.someone, second)) == 1


def switch(stack: Stack, someone: Person, *, enabled: bool) -> None:
    admin = stack.admin()
    path = f"/admin/realms/demo/users/{someone.id}"
    admin.put(path, {**admin.get(path), "enabled": enabled})
    admin.close()
