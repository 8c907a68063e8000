"""Keys for realms that tests make: Keycloak would take about a second to find new ones for each."""

from __future__ import annotations

from functools import cache
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

_PROVIDER = "org.keycloak.keys.KeyProvider"
_USES = {"rsa": "RS256", "rsa-enc": "RSA-OAEP"}


def with_keys(realm: dict[str, Any]) -> dict[str, Any]:
    """The realm to import, with key providers as a new realm has them, but for keys made once per process."""
    asymmetric = [_component(use, {"privateKey": [_pem(use)], "algorithm": [name]}) for use, name in _USES.items()]
    secret = [_component("hmac-generated", {"algorithm": ["HS512"]}), _component("aes-generated", {})]
    components = {**realm.get("components", {}), _PROVIDER: [*asymmetric, *secret]}
    return {**realm, "components": components}


def _component(provider: str, config: dict[str, list[str]]) -> dict[str, Any]:
    return {"name": provider, "providerId": provider, "config": {"priority": ["100"], **config}}


@cache
def _pem(_use: str) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
