"""Limits that matter, counted in the database: one count for all processes and machines."""

from __future__ import annotations

import hashlib
import math
import time
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import case

from portal.errors import TooMany
from portal.store import Store, inserting
from portal.store.models_work import Counter

# A count is of no use after its window, and none is longer than this many seconds: `purge` relies on it.
LONGEST_WINDOW = 24 * 3600


# Bits of an IPv6 address that tell customers of a provider apart; the rest each one chooses himself.
CUSTOMER = 64


def source(address: str) -> str:
    """What of an IP address is counted: all of IPv4, the network of IPv6, so that no fresh address evades a limit."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and not found.ipv4_mapped:
        return str(ip_network((int(found), CUSTOMER), strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)


def hit(store: Store, key: str, limit: int, window_seconds: int, uses: int = 1) -> None:
    """Count one use of `key`, or several. Raises `TooMany` for each after `limit` of them within a window.

    A window begins with the first use and lasts `window_seconds`, at most a day. Only a hash of the key is stored.
    Several are counted together or, beyond the limit, not at all.
    """
    if not 0 < window_seconds <= LONGEST_WINDOW:
        raise ValueError(f"a window lasts from 1 to {LONGEST_WINDOW} seconds")
    present = time.time()
    insert = inserting(store.engine.dialect.name)
    over = Counter.begun <= present - window_seconds
    counted = insert(Counter).values(key=hashlib.sha256(key.encode()).hexdigest(), begun=present, count=uses)
    # One statement, so that two at once are both counted.
    counted = counted.on_conflict_do_update(
        index_elements=[Counter.key],
        set_={
            "begun": case((over, present), else_=Counter.begun),
            "count": case((over, uses), else_=Counter.count + uses),
        },
    )
    with store.write() as session:
        begun, count = session.execute(counted.returning(Counter.begun, Counter.count)).one()
        if count > limit and uses > 1:
            raise TooMany(max(1, math.ceil(begun + window_seconds - present)))
    if count > limit:
        raise TooMany(max(1, math.ceil(begun + window_seconds - present)))
