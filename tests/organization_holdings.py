"""An organization of a test's own, with somebody who holds exactly the roles he is given, and what belongs to it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import connection_steps
from cast import Client, Person, make_person
from connection_holdings import ConnectionHoldings
from sqlalchemy import select
from stack import Stack

from portal.demo import organizations
from portal.demo.organizations import ALL_ROLES
from portal.links import actions as links
from portal.store import domains, now
from portal.store.models import AuditRow
from portal.store.models_organizations import Domain, Invitation


class Place(ConnectionHoldings, Mapping[str, str]):
    """The ids of what the organization has, each made when first asked for."""

    def __init__(self, stack: Stack, roles: Iterable[str] = ALL_ROLES, realm: str = "demo") -> None:
        self.stack, self.realm = stack, realm
        self.name = f"org-{uuid.uuid4().hex[:10]}"
        self.id = self.make()
        self.someone = self.join(*roles)
        self.browser = Client(stack, realm).sign_in(self.someone)
        self.made: dict[str, str] = {"org": self.name}

    def make(self) -> str:
        """The organization itself."""
        admin = self.stack.admin()
        try:
            return organizations.ensure_organization(admin, self.realm, self.name, self.name.capitalize())
        finally:
            admin.close()

    def join(self, *roles: str, **about: str) -> Person:
        """A new person who is a member with these roles."""
        someone = make_person(self.stack, self.realm, **about)
        self.put(someone, *roles)
        return someone

    def put(self, someone: Person, *roles: str) -> None:
        """Make somebody a member with these roles as well."""
        admin = self.stack.admin()
        organizations.ensure_member(admin, self.realm, self.id, someone.id, roles)
        admin.close()

    def take(self, someone: Person, *roles: str) -> None:
        """Take roles away behind the portal's back."""
        admin = self.stack.admin()
        for role in roles:
            admin.delete(f"/realms/{self.realm}/orgs/{self.id}/roles/{role}/users/{someone.id}")
        admin.close()

    def drop(self, someone: Person) -> None:
        """End a membership behind the portal's back."""
        admin = self.stack.admin()
        admin.delete(f"/realms/{self.realm}/orgs/{self.id}/members/{someone.id}")
        admin.close()

    def roles_of(self, someone: Person) -> set[str]:
        """What Keycloak says."""
        admin = self.stack.admin()
        try:
            found = admin.get(f"/realms/{self.realm}/users/{someone.id}/orgs/{self.id}/roles")
        finally:
            admin.close()
        return {role["name"] for role in found or ()}

    def __getitem__(self, name: str) -> str:
        if name not in self.made:
            self.made[name] = getattr(self, f"_{name}")()
        return self.made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.made)

    def __len__(self) -> int:
        return len(self.made)

    def record(self, tag: str) -> str:
        """The last audit row of this tag in this organization."""
        store = self.stack.store()
        rows = select(AuditRow).where(AuditRow.organization == self.id, AuditRow.tag == tag)
        with store.read() as transaction:
            found = transaction.scalars(rows.order_by(AuditRow.at.desc())).first()
        store.engine.dispose()
        assert found is not None, tag
        return str(found.id)

    def _removal(self) -> str:
        """A removal that can be undone."""
        answer = self.browser.post(f"o/{self.name}/members/{self.join().id}/remove", {"confirm": "yes"})
        assert answer.status_code == 303, answer.text
        return self.record("members.remove")

    def _grant(self) -> str:
        """A change of roles that can be undone."""
        answer = self.browser.post(f"o/{self.name}/members/{self.join().id}/roles", {"roles": "view-members"})
        assert answer.status_code == 303, answer.text
        return self.record("roles.grant")

    def _role(self) -> str:
        """A role of the organization's own."""
        name = f"role-{uuid.uuid4().hex[:8]}"
        admin = self.stack.admin()
        admin.post(f"/realms/{self.realm}/orgs/{self.id}/roles", {"name": name, "description": "Own"})
        admin.close()
        return name

    def _member(self) -> str:
        """Somebody else who belongs to it, without a role."""
        return self.join().id

    def _domain(self) -> str:
        """A domain whose record is waited for."""
        name, present = f"{self._free()}.test", now()
        store = self.stack.store()
        domains.insert(
            store,
            Domain(
                realm=self.realm, organization=self.id, name=name, state=domains.PENDING, added=present, added_by="",
                added_by_name="", verified=None, failing_since=None, checked=None, due=present + timedelta(days=1),
                finding={},
            ),
        )  # fmt: skip
        store.engine.dispose()
        return name

    def _gone(self) -> str:
        """The removal of a domain, which can be undone."""
        answer = self.browser.post(f"o/{self.name}/domains/{self._domain()}/remove", {"confirm": "yes"})
        assert answer.status_code == 303, answer.text
        return self.record("domains.manage")

    def _free(self) -> str:
        """A name that no organization has."""
        return f"org-{uuid.uuid4().hex[:10]}"

    def _other(self) -> str:
        """The name of another organization."""
        admin = self.stack.admin()
        name = self._free()
        organizations.ensure_organization(admin, self.realm, name, name.capitalize())
        admin.close()
        return name

    def read(self) -> dict[str, Any]:
        """The organization as Keycloak has it, None once it is gone."""
        admin = self.stack.admin()
        try:
            return admin.get(f"/realms/{self.realm}/orgs/{self.id}")
        finally:
            admin.close()

    def write(self, **changes: Any) -> None:
        """Change it behind the portal's back; attributes are laid over those that are there."""
        admin = self.stack.admin()
        found = self.read()
        attributes = {**found["attributes"], **changes.pop("attributes", {})}
        admin.put(f"/realms/{self.realm}/orgs/{self.id}", {**found, "attributes": attributes, **changes})
        admin.close()

    def records(self, tag: str) -> list[AuditRow]:
        """The audit rows about it, oldest first."""
        store = self.stack.store()
        with store.read() as transaction:
            mine = select(AuditRow).where(AuditRow.organization == self.id, AuditRow.tag == tag)
            found = list(transaction.scalars(mine.order_by(AuditRow.at)))
        store.engine.dispose()
        return found

    def _record(self) -> str:
        """A save of the details that can be undone."""
        data = {"url": "https://www.tests.test/before"}
        assert self.browser.post(f"o/{self.name}/details", data).status_code == 303
        return self.records("organization.edit")[-1].id

    def _address(self) -> str:
        """An address nobody has."""
        return f"new-{uuid.uuid4().hex[:10]}@tests.test"

    def _contact(self) -> str:
        """Whom the setup link was mailed to."""
        return self._address()

    def _link(self) -> str:
        """An active setup link, made by an administrator."""
        someone = connection_steps.actor_of(self)
        row, _token = links.create(someone, someone.here, ["domain_verification"], contact=self["contact"])
        return row.id

    def _invitation(self) -> str:
        """An invitation that waits for its answer, made by an administrator."""
        return self._invited(self._address())

    def _invited(self, email: str) -> str:
        boss = Client(self.stack, self.realm).sign_in(self.join(*ALL_ROLES))
        form = {
            "email": email,
            "first_name": "N",
            "last_name": "N",
            "roles": "view-members",
            "locale": "en",
            "days": "7",
        }
        answer = boss.post(f"o/{self.name}/invitations/new", form)
        assert answer.status_code == 303, answer.text
        store = self.stack.store()
        with store.read() as transaction:
            found = transaction.scalars(select(Invitation).where(Invitation.email == email)).one()
        store.engine.dispose()
        return str(found.id)

    def _received(self) -> str:
        """An invitation to the one who asks, into another organization."""
        return Place(self.stack, realm=self.realm)._invited(self.someone.email)

    def _job(self) -> str:
        """A list that is being worked on."""
        boss = Client(self.stack, self.realm).sign_in(self.join(*ALL_ROLES))
        people = "\n".join(self._address() for _ in range(200))
        answer = boss.post(
            f"o/{self.name}/invitations/many", {"people": people, "do": "send", "locale": "en", "days": "7"}
        )
        assert answer.status_code == 303, answer.text
        return str(answer.headers["Location"].rpartition("/")[2])
