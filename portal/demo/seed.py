"""Bring the demonstration's realms, people and organizations to where they should be; safe to repeat."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from portal.demo import cast, organizations
from portal.demo.admin import Admin
from portal.demo.people import Person, ensure_person, new_password
from portal.demo.realms import (
    IDP_REALM,
    OTHER_REALM,
    REALM_EXPORT,
    Addresses,
    Secrets,
    configure,
    connect_identity_provider,
    create_realm,
    ensure_api_scope,
    give_service_roles,
    template,
)
from portal.store import Store
from portal.store.models_organizations import Place

PublishRecord = Callable[[str, str], None]


@dataclass
class Seeded:
    """What the demonstration consists of. People by username, organizations by name, secrets by realm."""

    people: dict[str, str] = field(default_factory=dict)
    organizations: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, Secrets] = field(default_factory=dict)
    unproved: list[str] = field(default_factory=list)


def seed_hierarchy(store: Store, done: Seeded, realm: str = "demo") -> None:
    """Give the organizations their places, which are rows of the portal's own."""
    with store.write() as transaction:
        for each in cast.ORGANIZATIONS:
            if each.parent and each.name in done.organizations:
                transaction.merge(
                    Place(
                        realm=realm, organization=done.organizations[each.name],
                        parent=done.organizations[each.parent], route=f"{each.parent}/{each.name}",
                    )
                )  # fmt: skip


class Passwords:
    """One password per person, made once and kept in a file that only its owner may read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def __getitem__(self, username: str) -> str:
        if username not in self._known:
            self._known[username] = new_password()
            self._path.touch(mode=0o600)
            self._path.write_text(json.dumps(self._known, indent=2), encoding="utf-8")
        return self._known[username]


def seed(
    admin: Admin, addresses: Addresses, passwords: Passwords, theme: str = "", publish: PublishRecord | None = None
) -> Seeded:
    """Everything at once. `publish(name, text)` puts a TXT record where the server looks for it."""
    done = Seeded()
    for path in (IDP_REALM, REALM_EXPORT, OTHER_REALM):
        create_realm(admin, template(path))
    for realm in ("demo", "other"):
        done.secrets[realm] = configure(admin, addresses, realm, theme)
    ensure_api_scope(admin, "other")
    connect_identity_provider(admin, "demo")
    for realm, people in (("demo", cast.DEMO), ("idp", cast.IDP), ("other", cast.OTHER)):
        done.people |= seed_people(admin, realm, people, passwords)
    if organizations.available(admin, "demo"):
        for realm in ("demo", "other"):
            give_service_roles(admin, realm)
        seed_organizations(admin, "demo", cast.ORGANIZATIONS, done, publish)
    return done


def seed_people(admin: Admin, realm: str, people: Iterable[Person], passwords: Passwords) -> dict[str, str]:
    """Ids by username."""
    return {person.username: ensure_person(admin, realm, person, passwords[person.username]) for person in people}


def seed_organizations(
    admin: Admin, realm: str, wanted: Iterable[cast.Organization], done: Seeded, publish: PublishRecord | None = None
) -> None:
    """Organizations with members, roles and proved domains; fills `done`."""
    for item in wanted:
        found = organizations.ensure_organization(admin, realm, item.name, item.display_name, item.domains)
        done.organizations[item.name] = found
        for username, roles in item.members.items():
            organizations.ensure_member(admin, realm, found, done.people[username], roles)
        for domain in item.domains:
            if publish:
                publish(*organizations.domain_proof(admin, realm, found, domain))
            if not organizations.verify_domain(admin, realm, found, domain):
                done.unproved.append(domain)
