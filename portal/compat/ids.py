"""Ids as programs know them.

An organization's is `org_` and the 128 bits of its UUID in 26 of Crockford's base-32 letters, readable both ways;
domains and connections, which have no UUID, get one from a table.
"""

from __future__ import annotations

import re
import uuid

from portal.standing import ID

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ORGANIZATION, DOMAIN, CONNECTION, CONTACT = "org_", "org_domain_", "conn_", "it_contact_"
LENGTH = 26
_VALUES = {letter: value for value, letter in enumerate(LETTERS)}
# People write these for digits (Crockford's own rule).
_VALUES |= {"O": 0, "I": 1, "L": 1}
_LETTERS = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")


def encoded(number: int) -> str:
    """128 bits as 26 letters."""
    return "".join(LETTERS[number >> 5 * place & 31] for place in reversed(range(LENGTH)))


def decoded(text: str) -> int:
    """The number behind 26 letters, in either case. Raises `ValueError`."""
    values = [_VALUES.get(letter.upper(), -1) for letter in text]
    if len(values) != LENGTH or min(values) < 0 or values[0] > 7:
        raise ValueError("not 26 letters of 128 bits")
    number = 0
    for value in values:
        number = number << 5 | value
    return number


def organization_id(keycloak_id: str) -> str:
    """What programs call an organization; an id of Keycloak's that is no UUID stays as it is."""
    return ORGANIZATION + encoded(uuid.UUID(keycloak_id).int) if ID.fullmatch(keycloak_id) else keycloak_id


def keycloak_id(given: str) -> str:
    """Keycloak's id behind what a program sent: ours or Keycloak's own. Raises `ValueError` for anything else."""
    if ID.fullmatch(given):
        return given
    if not given.startswith(ORGANIZATION) or given.startswith(DOMAIN):
        raise ValueError("not the id of an organization")
    return str(uuid.UUID(int=decoded(given.removeprefix(ORGANIZATION))))


def is_made(given: str, prefix: str) -> bool:
    """Whether this has the form of an id from the table."""
    return given.startswith(prefix) and bool(_LETTERS.fullmatch(given.removeprefix(prefix)))


def made(prefix: str) -> str:
    """A new one for the table."""
    return prefix + encoded(uuid.uuid4().int)
