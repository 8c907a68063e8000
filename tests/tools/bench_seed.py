"""Houses of a size that nobody clicks together: people and memberships written straight into a stopped Keycloak.

Only for measuring. Organizations with their roles are made through the extension; what is many is made by SQL in H2,
so that 100,000 members take seconds.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal.demo.admin import Admin
from portal.demo.build import java_home
from portal.demo.keycloak import KeycloakServer
from portal.demo.organizations import ALL_ROLES, ensure_member, ensure_organization

REALM = "demo"
SEED_TAG = "seed"
# A person's id, and the address that goes with it, from the size of the house and the number of the person.
PERSON_ID = "'{size:08d}-0000-4000-8000-' || LPAD(X, 12, '0')"
ORGANIZATION_ID = "'{size:08d}-0000-4000-9000-' || LPAD(X, 12, '0')"
ROLE_ID = "'{size:08d}-0000-4000-a000-' || LPAD(X, 12, '0')"


@dataclass(frozen=True)
class House:
    """One organization of a size, with its ids."""

    size: int
    id: str
    role: str

    @property
    def name(self) -> str:
        """The organization's name."""
        return f"size-{self.size}"


def house(admin: Admin, size: int, administrator: str) -> House:
    """The organization with its administrator, still without its members."""
    name = f"size-{size}"
    made = ensure_organization(admin, REALM, name, f"Size {size:,}")
    ensure_member(admin, REALM, made, administrator, ALL_ROLES)
    roles = admin.get(f"/realms/{REALM}/orgs/{made}/roles") or []
    return House(size, made, next(str(each["id"]) for each in roles if each["name"] == "view-organization"))


def members(realm_id: str, house: House) -> Iterator[str]:
    """SQL: so many people who belong to it, each with one role."""
    person = PERSON_ID.format(size=house.size)
    email = f"'person-{house.size}-' || X || '@{SEED_TAG}.test'"
    rows = f"FROM SYSTEM_RANGE(1, {house.size})"
    yield (
        "INSERT INTO USER_ENTITY (ID, EMAIL, EMAIL_CONSTRAINT, EMAIL_VERIFIED, ENABLED, FIRST_NAME, LAST_NAME,"
        f" REALM_ID, USERNAME, CREATED_TIMESTAMP, NOT_BEFORE) SELECT {person}, {email}, {email}, TRUE, TRUE, 'Person',"
        f" 'Number ' || X, '{realm_id}', 'person-{house.size}-' || X, 1700000000000 + X, 0 {rows}"
    )
    yield (
        "INSERT INTO ORGANIZATION_MEMBER (ID, CREATED_AT, USER_ID, ORGANIZATION_ID) SELECT RANDOM_UUID(),"
        f" DATEADD('SECOND', X, TIMESTAMP '2026-01-01 00:00:00'), {person}, '{house.id}' {rows}"
    )
    yield (
        "INSERT INTO USER_ORGANIZATION_ROLE_MAPPING (ID, ROLE_ID, CREATED_AT, USER_ID) SELECT RANDOM_UUID(),"
        f" '{house.role}', NOW(), {person} {rows}"
    )


def organizations(realm_id: str, user_id: str, size: int) -> Iterator[str]:
    """SQL: so many organizations to which one person belongs, with one role in each."""
    made, role = ORGANIZATION_ID.format(size=size), ROLE_ID.format(size=size)
    rows = f"FROM SYSTEM_RANGE(1, {size})"
    yield (
        "INSERT INTO ORGANIZATION (ID, NAME, REALM_ID, CREATED_BY_USER_ID, DISPLAY_NAME)"
        f" SELECT {made}, 'many-{size}-' || X, '{realm_id}', '{user_id}', 'Many {size} ' || X {rows}"
    )
    yield (
        "INSERT INTO ORGANIZATION_ROLE (ID, ORGANIZATION_ID, NAME, DESCRIPTION)"
        f" SELECT {role}, {made}, 'view-organization', 'View this organization' {rows}"
    )
    yield (
        "INSERT INTO ORGANIZATION_MEMBER (ID, CREATED_AT, USER_ID, ORGANIZATION_ID)"
        f" SELECT RANDOM_UUID(), NOW(), '{user_id}', {made} {rows}"
    )
    yield (
        "INSERT INTO USER_ORGANIZATION_ROLE_MAPPING (ID, ROLE_ID, CREATED_AT, USER_ID)"
        f" SELECT RANDOM_UUID(), {role}, NOW(), '{user_id}' {rows}"
    )


def write(keycloak: KeycloakServer, statements: list[str]) -> None:
    """Run SQL in the database of a server that does not run."""
    assert not keycloak.running
    home = keycloak.home
    [jar] = (home / "lib" / "lib" / "main").glob("com.h2database.h2-*.jar")
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "seed.sql"
        script.write_text(";\n".join([*statements, ""]), encoding="utf-8")
        url = f"jdbc:h2:file:{(home / 'data' / 'h2' / 'keycloakdb').resolve()};NON_KEYWORDS=VALUE"
        command = [java_home() / "bin" / "java", "-Xmx512m", "-cp", jar, "org.h2.tools.RunScript"]
        subprocess.run([*command, "-url", url, "-user", "", "-password", "", "-script", script], check=True)
