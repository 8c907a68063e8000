"""What a webhook is told of: its organizations, groups and kinds, each deed once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

from hook_bench import column, happen, make, until_idle
from hook_double import Got, Receiver, receivers  # noqa: F401

from portal.services import Services
from portal.store import now, webhooks
from portal.store.models_organizations import EventRow
from portal.store.models_webhooks import Delivery
from portal.webhooks.news import of_events


def test_filters_let_through_what_was_asked_for(services: Services, receiving: Callable[..., Receiver]) -> None:
    receiver = receiving()
    ours = make(services, receiver.url, organizations={"o1": "umbrella"})
    roles = make(services, receiver.url, groups=["roles"])
    late = make(services, receiver.url, created=now() + timedelta(hours=1))
    happen(services, 1)
    happen(services, 1, "roles.grant", organization="o1")
    happen(services, 1, "roles.grant", organization="o2")
    assert column(services, ours, "organization") == ["o1"]
    assert column(services, roles, "organization") == ["o1", "o2"]
    assert column(services, late, "kind") == [], "what happened before it was made is not for it"


def test_single_kinds_are_let_through_beside_groups(services: Services) -> None:
    both = make(services, "http://localhost:1", groups=["sso", "roles.grant"])
    happen(services, 1, "roles.grant", organization="o1")
    happen(services, 1, "roles.manage", organization="o1")
    happen(services, 1, "sso.manage", organization="o1")
    assert column(services, both, "kind") == ["roles.grant", "sso.manage"]


def test_what_no_longer_is_for_a_webhook_is_not_sent_although_it_waits_or_is_sent_again(
    services: Services, receiving: Callable[..., Receiver]
) -> None:
    """Somebody else may stand behind the address since then."""
    receiver = receiving()
    hook = make(services, receiver.url)
    happen(services, 1)
    happen(services, 1, "links.create")
    until_idle(services, receiver)
    happen(services, 1, "links.create")
    webhooks.change(services.store, hook, groups=["realm"])
    webhooks.again(services.store, hook, Delivery.number >= 1)
    until_idle(services, receiver)
    sent = [json.loads(each.body)["type"] for each in receiver.got]
    assert sent == ["settings.save", "links.create", "settings.save"]
    assert column(services, hook, "state") == ["delivered", "skipped", "skipped"]
    assert set(column(services, hook, "said")[1:]) == {"filtered"}


def test_one_deed_is_told_once_to_whoever_hears_of_the_realm(services: Services) -> None:
    """Keycloak tells of a changed profile too, seconds after the portal's own record."""
    all_, ours = make(services, "http://localhost:1"), make(services, "http://localhost:1", organizations={"o": "o"})
    happen(services, 1, "profile.edit", sub="ada")
    values = {"realm": "demo", "organization": "o", "kind": "UPDATE_PROFILE", "details": {}, "actor": "", "record": ""}
    ada, bob = (EventRow(id=name, at=now(), person=name, **values) for name in ("ada", "bob"))
    with services.store.write() as session:
        webhooks.put(session, "demo", of_events(session, [ada, bob]))
        webhooks.put(session, "demo", of_events(session, [ada, bob]))
    assert column(services, all_, "kind") == ["profile.edit", "UPDATE_PROFILE"]
    assert column(services, all_, "about")[1] == "bob"
    assert column(services, ours, "about") == ["ada", "bob"]
