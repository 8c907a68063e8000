"""Sign-in methods as Keycloak stores them, given to people without walking through its pages."""

from __future__ import annotations

import json
import re
from typing import Any

from cast import Person
from stack import Stack

SEED = "abcdefghijklmnopqrst"
ADDED = 1_760_000_000_000
WINDOWS_HELLO, YUBIKEY = "08987058-cadc-4b81-b6e1-30de50dcbe96", "ee882879-721c-4913-9775-3dfcce97072a"


def _stored(kind: str, label: str | None, data: dict[str, Any], secret: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": kind, "userLabel": label, "createdDate": ADDED, "credentialData": json.dumps(data),
        "secretData": json.dumps(secret),
    }  # fmt: skip


def app(label: str | None = "Phone") -> dict[str, Any]:
    """An authenticator app."""
    data = {"subType": "totp", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA1"}
    return _stored("otp", label, data, {"value": SEED})


def codes(left: int, total: int = 12) -> dict[str, Any]:
    """Recovery codes of which some are used up."""
    data = {"hashIterations": 1, "algorithm": "RS512", "totalCodes": total, "remainingCodes": left}
    kept = [{"number": total - left + n + 1, "encodedHashedValue": "eA=="} for n in range(left)]
    return _stored("recovery-authn-codes", "Recovery codes", data, {"codes": kept})


def key(
    label: str | None = "Blue key",
    *,
    passkey: bool = False,
    model: str = YUBIKEY,
    transports: tuple[str, ...] = ("usb",),
) -> dict[str, Any]:
    """A security key or a passkey that no authenticator can use."""
    data = {
        "aaguid": model, "credentialId": "AAAA", "counter": 0, "attestationStatementFormat": "none",
        "credentialPublicKey": "AAAA", "transports": list(transports),
    }  # fmt: skip
    return _stored("webauthn-passwordless" if passkey else "webauthn", label, data, {})


def give(someone: Person, *stored: dict[str, Any]) -> Person:
    """Give a person these sign-in methods."""
    admin = someone.stack.admin()
    path = f"/admin/realms/{someone.realm}/users/{someone.id}"
    admin.put(path, {**admin.get(path), "credentials": list(stored)})
    admin.close()
    return someone


def take(someone: Person, kind: str) -> None:
    """Take all methods of a type away, behind the portal's back."""
    admin = someone.stack.admin()
    path = f"/admin/realms/{someone.realm}/users/{someone.id}/credentials"
    for each in admin.get(path):
        if each["type"] == kind:
            admin.delete(f"{path}/{each['id']}")
    admin.close()


def named(someone: Person, name: str) -> str:
    """The id of a method, as the administrator sees it."""
    return next(str(each["id"]) for each in someone.read("/credentials") if each.get("userLabel") == name)


def names(someone: Person) -> set[str]:
    """The names of all methods, as the administrator sees them."""
    return {each.get("userLabel", "") for each in someone.read("/credentials")}


def change_action(stack: Stack, realm: str, alias: str, **changes: Any) -> None:
    """Change a required action of a realm."""
    admin = stack.admin()
    path = f"/admin/realms/{realm}/authentication/required-actions/{alias}"
    admin.put(path, {**admin.get(path), **changes})
    admin.close()


def laptop() -> dict[str, Any]:
    """A passkey of a computer."""
    return key("Work laptop", passkey=True, model=WINDOWS_HELLO, transports=("internal", "hybrid"))


def everything(someone: Person) -> Person:
    """Give a person one of everything, and two apps without a name."""
    return give(someone, app("Phone"), app(None), app(None), codes(3), key("Blue key"), laptop())


def types(someone: Person) -> list[str]:
    """The types of all methods, as the administrator sees them."""
    return sorted(each["type"] for each in someone.read("/credentials"))


def words(page: str) -> str:
    """The text of a page on one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
