"""A realm of a test's own, with an operator who holds exactly the roles he is given."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from cast import Client, Person, make_person
from sqlalchemy import select
from stack import Stack

from portal.access import SECTIONS
from portal.demo.people import give_client_roles
from portal.store import keys, now
from portal.store.models_keys import ApiKey
from portal.store.models_settings import SettingsChange
from portal.store.models_webhooks import Delivery, Webhook

MANAGE = ("view-realm", "manage-realm")
OURS = ("_providerConfig.", "portal.")


class Realm(Mapping[str, str]):
    """The realm, its operator and his browser; ids of what it has, each made when first asked for."""

    def __init__(self, stack: Stack, make_realm: Callable[..., str], roles: Iterable[str] = MANAGE) -> None:
        self.stack, self.name = stack, make_realm()
        self.someone = self.join(*roles)
        self.browser = self.enter(self.someone)
        self.made: dict[str, str] = {}

    def join(self, *roles: str) -> Person:
        """Somebody with these roles of client `realm-management`."""
        someone = make_person(self.stack, self.name)
        if roles:
            admin = self.stack.admin()
            give_client_roles(admin, self.name, someone.id, "realm-management", *roles)
            admin.close()
        return someone

    def enter(self, someone: Person) -> Client:
        """A browser of his; an operator has confirmed that it is he."""
        browser = Client(self.stack, self.name).sign_in(someone)
        browser.get("settings/confirm?next=/permissions")
        return browser

    def attributes(self) -> dict[str, str]:
        """As Keycloak has them."""
        admin = self.stack.admin()
        try:
            return dict(admin.get(f"/admin/realms/{self.name}")["attributes"])
        finally:
            admin.close()

    def write(self, **attributes: str) -> None:
        """Set attributes behind the portal's back, as the vendor's console does."""
        admin = self.stack.admin()
        realm = admin.get(f"/admin/realms/{self.name}")
        admin.put(f"/admin/realms/{self.name}", {**realm, "attributes": {**realm["attributes"], **attributes}})
        admin.close()

    def sections(self, *off: str) -> dict[str, Any]:
        """The form of the sections as an operator sends it who has just opened the page."""
        return {"shown": self.shown(), "on": [section for section in SECTIONS if section not in off]}

    def shown(self) -> str:
        """What the hidden field of a form says that has just been opened."""
        return json.dumps({key: value for key, value in self.attributes().items() if key.startswith(OURS)})

    def key(self, **values: Any) -> str:
        """The id of a key that opens nothing."""
        blank = {"scopes": [], "organizations": [], "networks": [], "owner": self.someone.id, "roles": []}
        row = ApiKey(
            id=uuid.uuid4().hex, realm=self.name, hash=uuid.uuid4().hex, shown="sk_00000", name="Orders",
            owner_name="Tess", created=now(), expires=now() + timedelta(days=1), **{**blank, **values},
        )  # fmt: skip
        store = self.stack.store()
        keys.insert(store, row)
        store.engine.dispose()
        return str(row.id)

    def changes(self) -> list[SettingsChange]:
        """The history, oldest first."""
        store = self.stack.store()
        with store.read() as transaction:
            mine = select(SettingsChange).where(SettingsChange.realm == self.name).order_by(SettingsChange.at)
            found = list(transaction.scalars(mine))
        store.engine.dispose()
        return found

    def __getitem__(self, name: str) -> str:
        if name not in self.made:
            makers = {
                "shown": self.shown,
                "finding": self._finding,
                "key": self.key,
                "suspended": lambda: self.key(suspended=now(), reason="gone"),
                "webhook": self._webhook,
                "suspended_webhook": lambda: self._webhook("suspended"),
                "webhook_id": lambda: uuid.uuid4().hex,
                "receiver": lambda: f"{self.stack.sample_url}/webhooks",
            }
            self.made[name] = makers.get(name, self._change)()
        return self.made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.made)

    def __len__(self) -> int:
        return len(self.made)

    def _webhook(self, state: str = "disabled") -> str:
        """A webhook that sends nothing, with one delivery."""
        form = {"made": uuid.uuid4().hex, "name": "Old", "url": self["receiver"], "contact": "ops@tests.test"}
        answer = self.browser.post("settings/webhooks/new", {**form, "groups": ["realm"]})
        assert answer.status_code == 200, answer.text
        store = self.stack.store()
        with store.write() as session:
            row = session.get(Webhook, form["made"])
            assert row is not None
            row.last, row.state = 1, state
            times = {"at": now(), "queued": now(), "kind": "settings.save"}
            session.merge(
                Delivery(
                    webhook=row.id, number=1, event="evt_1", source="record", about="0", state="delivered", **times
                )
            )
        store.engine.dispose()
        return form["made"]

    def _finding(self) -> str:
        """Something the overview says that can be mended there."""
        self.write(**{"_providerConfig.orgs.config.createAdminUser": "true"})
        page = self.browser.get("overview/health?again=yes").text
        return re.findall(r"overview/mend/([0-9a-f]{16})", page)[0]

    def _change(self) -> str:
        """A save that can be taken back."""
        answer = self.browser.post("settings/sections", self.sections("org.events"))
        assert answer.status_code == 303, answer.text
        return self.changes()[-1].id
