"""Signatures of tokens by the keys a provider publishes (RFC 7515, RFC 7517)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from portal.sso.discovery import ALGORITHMS

VERIFIED, SIGNATURE_WRONG, KEY_UNKNOWN = "verified", "signature-wrong", "key-unknown"
MOST_KEYS = 50
# Shared secrets (`oct`) sign nothing here: whoever can read a published key could sign with it.
_KINDS = ("RSA", "EC", "OKP")
_BROKEN = (JoseError, ValueError, TypeError, KeyError)
AsymmetricKey = RSAKey | ECKey | OKPKey


def verify(token: str, header: Mapping[str, Any], keys: Mapping[str, Any]) -> str:
    """Whether one of `keys` signed the token: `verified`, `signature-wrong`, or `key-unknown` if none could have."""
    candidates = list(_candidates(header, keys))
    if not candidates:
        return KEY_UNKNOWN
    return VERIFIED if any(_verifies(token, key) for key in candidates) else SIGNATURE_WRONG


def _candidates(header: Mapping[str, Any], keys: Mapping[str, Any]) -> Iterator[AsymmetricKey]:
    wanted = header.get("kid")
    for each in keys.get("keys", [])[:MOST_KEYS]:
        named = wanted is None or each.get("kid") == wanted
        if named and each.get("kty") in _KINDS and each.get("use", "sig") == "sig":
            try:
                # Without `alg` and the like: some providers publish a key for more than it says.
                plain = {name: each[name] for name in ("kty", "n", "e", "crv", "x", "y") if name in each}
                key = JWKRegistry.import_key(plain)
            except _BROKEN:
                continue
            if isinstance(key, AsymmetricKey):
                yield key


def _verifies(token: str, key: AsymmetricKey) -> bool:
    # Vendors put all sorts of things into the header; `crit` is heeded all the same.
    registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
    registry.max_header_length = registry.max_payload_length = len(token)
    try:
        jws.deserialize_compact(token, key, registry=registry)
    except _BROKEN:
        return False
    return True
