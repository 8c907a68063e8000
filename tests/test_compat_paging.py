"""Lists of many organizations cost what is on a page, and say what is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from key_steps import OPERATOR, call, new_key
from realm_holdings import Realm
from recorder import Recorder
from stack import Stack

from portal.compat import ids, paging

PATH = "/compat/workos/organizations"


@pytest.mark.feature("WO-21")
def test_a_page_of_many_is_read_without_the_others(
    stack: Stack, make_realm: Callable[..., str], recorder: Recorder
) -> None:
    realm, admin = Realm(stack, make_realm, roles=OPERATOR), stack.admin()
    for number in range(paging.FEW + 3):
        admin.post(f"/realms/{realm.name}/orgs", {"name": f"customer-{number:03}"})
    key = new_key(realm, "organizations:read")

    def ask(**query: Any) -> tuple[list[str], Any, list[str]]:
        answer = call(stack, key, "GET", PATH, params=query)
        assert answer.status_code == 200, answer.text
        calls = [each.path for each in recorder.of(answer) if "/orgs" in each.path]
        return [each["id"] for each in answer.json()["data"]], answer.json()["list_metadata"], calls

    first, around, _all = ask(limit=4)
    second, beside, calls = ask(limit=4, after=around["after"])
    assert len(calls) <= 5 and not set(first) & set(second), calls
    assert ask(limit=4, before=beside["before"])[0] == first
    newest, cursor = [], None
    while True:
        some, around, _calls = ask(limit=25, **({"after": cursor} if cursor else {}))
        newest += some
        cursor = around["after"]
        if cursor is None:
            break
    assert len(newest) == len(set(newest)) == paging.FEW + 3
    assert ask(limit=7, order="asc")[0] == newest[:-8:-1]
    gone = ids.keycloak_id(newest[1])
    admin.delete(f"/realms/{realm.name}/orgs/{gone}")
    assert ask(limit=4)[0] == [newest[0], *newest[2:5]], "the number differs, so all are read again"
    refused = call(stack, key, "GET", PATH, params={"limit": 4, "after": newest[1]})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "after")
    admin.close()
