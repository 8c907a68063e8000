"""From the header of a request to the actor behind a key."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
import time
from collections.abc import Mapping
from ipaddress import ip_address, ip_network

import structlog
from flask_babel import gettext as _

from portal.access_grant import holder, holder_of_all
from portal.actor import Actor
from portal.errors import KeyRefused
from portal.keys import owners, scopes
from portal.services import Services
from portal.signin import person
from portal.standing import Standing
from portal.store import keys, now
from portal.store.counters import hit, source
from portal.store.models_keys import ApiKey

PREFIX = "sk_"
LETTERS = string.ascii_letters + string.digits
# 43 letters out of 62: 256 bits.
LENGTH, SHOWN = 43, 8
RATE, WINDOW = 1200, 60
GUESSES, GUESS_WINDOW = 60, 60
log = structlog.get_logger("portal.keys")


def new_key() -> str:
    """A key that nobody can guess."""
    return PREFIX + "".join(secrets.choice(LETTERS) for _each in range(LENGTH))


def digest(key: str) -> str:
    """What is stored of a key. It has 256 bits of chance, so one round without salt is as good as many."""
    return hashlib.sha256(key.encode()).hexdigest()


def looks_like_key(header: str) -> bool:
    """Whether this `Authorization` brings a key rather than a token of a person."""
    scheme, _space, value = header.partition(" ")
    return scheme.lower() == "bearer" and value.strip().startswith(PREFIX)


def key_actor(services: Services, header: str, about: Mapping[str, str], realm: str = "") -> Actor:
    """Who calls with this `Authorization` header. `about` holds `ip_address` and `request_id`.

    `realm` is that of the address; empty where the key alone says which. Raises `KeyRefused` without a hint which keys
    exist, `TooMany`, and `Upstream` while nobody can say what the owner may.
    """
    row = _row(services, _value(header), about, realm)
    hit(services.store, f"keys.use:{row.id}", RATE, WINDOW)
    row = owners.present(services, row)
    if row.suspended:
        raise _refused(services, about, f"suspended: {row.reason}")
    keys.used(services.store, row, now())
    return _actor(services, row, about)


def _value(header: str) -> str:
    scheme, _space, value = header.partition(" ")
    value = value.strip()
    if not header.strip():
        raise KeyRefused(_("Send a key in the header: Authorization: Bearer sk_…"))
    if scheme.lower() != "bearer" or not value:
        raise KeyRefused(_("Send the key as a bearer token: Authorization: Bearer sk_…"))
    if not value.startswith(PREFIX):
        raise KeyRefused(_("Keys of this portal begin with sk_. This looks like something else."))
    return value


def _row(services: Services, value: str, about: Mapping[str, str], realm: str) -> ApiKey:
    wanted = digest(value)
    row = keys.by_hash(services.store, wanted)
    if row is None or not hmac.compare_digest(row.hash, wanted):
        raise _refused(services, about, "unknown")
    reason = _unfit(services, row, about.get("ip_address", ""), realm)
    if reason:
        raise _refused(services, about, reason)
    return row


def _unfit(services: Services, row: ApiKey, address: str, realm: str) -> str:
    if row.realm not in services.settings.realms or (realm and row.realm != realm):
        return "of another realm"
    if row.revoked:
        return "revoked"
    if row.expires <= now():
        return "expired"
    return "" if _within(row.networks, address) else "network"


def _within(networks: list[str], address: str) -> bool:
    if not networks:
        return True
    try:
        found = ip_address(address)
    except ValueError:
        return False
    # A socket for both families tells of an IPv4 client by an IPv6 address that holds his.
    inner = getattr(found, "ipv4_mapped", None) or found
    return any(inner in ip_network(each) for each in networks)


def _refused(services: Services, about: Mapping[str, str], reason: str) -> KeyRefused:
    """The same for whatever is wrong with a key; the reason is logged alone. Guesses are counted for each address."""
    hit(services.store, f"keys.guess:{source(about.get('ip_address', ''))}", GUESSES, GUESS_WINDOW)
    log.info("key refused", reason=reason, request_id=about.get("request_id", ""))
    return KeyRefused(
        _(
            "This key is unknown, was revoked or suspended, has expired, or may not be used from where you are. "
            "Operators see under Settings, API keys, which keys there are."
        )
    )


def _actor(services: Services, row: ApiKey, about: Mapping[str, str]) -> Actor:
    """The owner's place, with the rights of the scopes alone and no sign-in that could be fresh."""
    realm = services.realm(row.realm)
    roles, present = frozenset(row.roles), time.time()
    standing = Standing(read=present, realm_roles=roles, realm_read=present)
    known = person.facts(services, realm, [], float("inf"), standing)
    named = holder(realm.name, f"key:{row.id}", *row.organizations)
    reach = named if row.organizations else holder_of_all(realm.name, f"key:{row.id}")
    return Actor(
        kind="key", realm=realm, sub=row.owner, key=row.id, name=row.name, ip_address=about.get("ip_address", ""),
        request_id=about.get("request_id", ""), roles_at=present, standing=standing,
        facts=known.limited(scopes.rights(row.scopes)), own_services=services,
        own_orgs=services.orgs.reaching(reach),
    )  # fmt: skip
