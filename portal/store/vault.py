"""AEAD encryption of secrets at rest (AES-256-GCM), bound to the very place they are stored in."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class VaultError(ValueError):
    """No key opens this value, or the key file cannot be used."""


class Vault:
    """Seals with the newest key and opens with any; each value carries the id of its key."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != 32 for key in keys):
            raise VaultError("each key must be 32 bytes, base64url-encoded, one per line, newest first")
        self._keys = {_key_id(key): AESGCM(key) for key in keys}
        self._newest = _key_id(keys[0])

    def seal(self, value: str, *place: str) -> bytes:
        """Encrypt `value` for `place` (realm, table, column, row id)."""
        nonce = os.urandom(12)
        return self._newest + nonce + self._keys[self._newest].encrypt(nonce, value.encode(), _associated(place))

    def open(self, sealed: bytes, *place: str) -> str:
        """Decrypt; raises `VaultError` for a foreign place, a changed value or an unknown key."""
        key = self._keys.get(sealed[:4])
        if key is None:
            raise VaultError("unknown key")
        try:
            return key.decrypt(sealed[4:16], sealed[16:], _associated(place)).decode()
        except InvalidTag as error:
            raise VaultError("the value does not belong here") from error

    def is_newest(self, sealed: bytes) -> bool:
        """Whether the newest key sealed this value, so that rotation can leave it alone."""
        return sealed[:4] == self._newest


def load_keys(path: str) -> list[bytes]:
    """Read a key file: one base64url key of 32 bytes per line, newest first."""
    try:
        lines = Path(path).read_text(encoding="ascii").split()
        return [base64.urlsafe_b64decode(line + "=" * (-len(line) % 4)) for line in lines]
    except (OSError, ValueError) as error:
        raise VaultError(f"cannot read keys from {path}") from error


def new_key() -> str:
    """A fresh key as a line for the key file."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"key id" + key).digest()[:4]


def _associated(place: Sequence[str]) -> bytes:
    return "\x00".join(place).encode()
