"""One frozen, validated object from a TOML file (`PORTAL_CONFIG`) or the environment."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from portal.settings_checks import SettingsError, is_loopback, with_secrets
from portal.settings_mail import MailSettings, mail_environment, mail_settings

__all__ = ["Realm", "Settings", "SettingsError", "checked_realm", "from_mapping", "is_loopback", "load"]

RESERVED_REALMS = frozenset(
    {"api", "portal", "setup", "compat", "static", "healthz", "readyz", "metrics", "favicon.ico", "robots.txt"}
)
_REALM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


@dataclass(frozen=True)
class Realm:
    """One Keycloak realm and the portal's clients in it."""

    name: str
    keycloak_url: str
    internal_url: str = ""
    client_id: str = "portal"
    client_secret: str = field(default="", repr=False)
    read_client_id: str = "portal-read"
    read_client_secret: str = field(default="", repr=False)
    setup_client_id: str = "portal-setup"
    setup_client_secret: str = field(default="", repr=False)
    operator_client_id: str = "portal-operator"
    operator_client_secret: str = field(default="", repr=False)
    accounts_client_id: str = "portal-accounts"
    accounts_client_secret: str = field(default="", repr=False)
    test_client_id: str = "portal-test"
    test_client_secret: str = field(default="", repr=False)
    api_client_id: str = "portal-api"

    @property
    def issuer(self) -> str:
        """The `iss` of this realm's tokens: always the public address."""
        return f"{self.keycloak_url}/realms/{self.name}"

    @property
    def base(self) -> str:
        """Where the portal's own calls go: `<internal>/realms/<name>`."""
        return f"{self.internal_url}/realms/{self.name}"

    @property
    def admin_base(self) -> str:
        """`<internal>/admin/realms/<name>`."""
        return f"{self.internal_url}/admin/realms/{self.name}"


@dataclass(frozen=True)
class Settings:
    """Everything the portal is told at start. Times are in seconds."""

    public_url: str
    realms: Mapping[str, Realm]
    default_realm: str = ""
    database_url: str = "sqlite:///portal.db"
    key_file: str = ""
    demo: bool = False
    trusted_proxies: int = 0
    metrics_networks: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    outbound_allow: tuple[str, ...] = ()
    outbound_nameserver: str = ""
    log_level: str = "INFO"
    session_idle: int = 1800
    session_absolute: int = 43200
    flood_limit: str = "1200/minute"
    mail: MailSettings | None = None

    @property
    def secure(self) -> bool:
        """Whether the portal is reached by https, so that cookies carry Secure and `__Host-`."""
        return self.public_url.startswith("https://")

    @property
    def loopback(self) -> bool:
        """Whether the portal's own base address is on this machine only."""
        return is_loopback(urlsplit(self.public_url).hostname or "")


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Raises `SettingsError` with one sentence a person can act on.
    """
    env = os.environ if environ is None else environ
    path = env.get("PORTAL_CONFIG")
    raw = _read_file(path) if path else _from_environment(env)
    # Beside a file too: the mail server's address and password often come from elsewhere than the rest.
    return from_mapping({"mail": mail_environment(env), **raw})


def from_mapping(raw: Mapping[str, Any]) -> Settings:
    """Build settings from the parsed file. Unknown keys are refused: a typo must not go unnoticed."""
    known = {f.name for f in fields(Settings)}
    unknown = set(raw) - known
    if unknown:
        raise SettingsError(f"unknown setting {sorted(unknown)[0]!r}; known are {', '.join(sorted(known))}")
    realms = {realm.name: realm for realm in map(_realm, raw.get("realms", []))}
    if not realms:
        raise SettingsError("no realm is configured: add a [[realms]] table or set PORTAL_REALM")
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in raw.items() if key != "realms"
    }
    values["public_url"] = _base_address(str(raw.get("public_url", "")), "public_url")
    settings = Settings(**{**values, "realms": realms, "mail": mail_settings(raw.get("mail"))})
    return _checked(settings)


def _checked(settings: Settings) -> Settings:
    if not settings.secure and not settings.loopback:
        raise SettingsError("public_url must be https; plain http is accepted for a loopback address only")
    if not settings.key_file and not settings.demo:
        raise SettingsError("key_file is required: one base64url key of 32 bytes per line, newest first")
    if settings.default_realm and settings.default_realm not in settings.realms:
        raise SettingsError(f"default_realm {settings.default_realm!r} is not among the configured realms")
    return settings


def _realm(raw: Mapping[str, Any]) -> Realm:
    values = with_secrets(raw)
    name = checked_realm(str(values.get("name", "")))
    values["keycloak_url"] = _base_address(str(values.get("keycloak_url", "")), f"keycloak_url of realm {name}")
    internal = str(values.get("internal_url") or values["keycloak_url"])
    values["internal_url"] = _base_address(internal, f"internal_url of realm {name}")
    try:
        return Realm(**values)
    except TypeError as error:
        raise SettingsError(f"realm {name}: {error}") from error


def checked_realm(name: str) -> str:
    """`name`, if a realm of that name can have an address in the portal. Raises `SettingsError`."""
    if not _REALM.fullmatch(name) or name.lower() in RESERVED_REALMS:
        raise SettingsError(f"realm name {name!r} cannot be used in an address of the portal")
    return name


def _base_address(value: str, what: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise SettingsError(f"{what} must be an address like https://portal.example.com, not {value!r}")
    return value.rstrip("/")


def _read_file(path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read PORTAL_CONFIG {path}: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"PORTAL_CONFIG {path} is not valid TOML: {error}") from error


_REALM_ENV = {
    "PORTAL_REALM": "name",
    "PORTAL_KEYCLOAK_URL": "keycloak_url",
    "PORTAL_KEYCLOAK_INTERNAL_URL": "internal_url",
    "PORTAL_CLIENT_ID": "client_id",
    "PORTAL_CLIENT_SECRET": "client_secret",
    "PORTAL_CLIENT_SECRET_FILE": "client_secret_file",
    "PORTAL_READ_CLIENT_ID": "read_client_id",
    "PORTAL_READ_CLIENT_SECRET": "read_client_secret",
    "PORTAL_READ_CLIENT_SECRET_FILE": "read_client_secret_file",
    "PORTAL_SETUP_CLIENT_ID": "setup_client_id",
    "PORTAL_SETUP_CLIENT_SECRET": "setup_client_secret",
    "PORTAL_SETUP_CLIENT_SECRET_FILE": "setup_client_secret_file",
    "PORTAL_OPERATOR_CLIENT_ID": "operator_client_id",
    "PORTAL_OPERATOR_CLIENT_SECRET": "operator_client_secret",
    "PORTAL_OPERATOR_CLIENT_SECRET_FILE": "operator_client_secret_file",
    "PORTAL_ACCOUNTS_CLIENT_ID": "accounts_client_id",
    "PORTAL_ACCOUNTS_CLIENT_SECRET": "accounts_client_secret",
    "PORTAL_ACCOUNTS_CLIENT_SECRET_FILE": "accounts_client_secret_file",
    "PORTAL_TEST_CLIENT_ID": "test_client_id",
    "PORTAL_TEST_CLIENT_SECRET": "test_client_secret",
    "PORTAL_TEST_CLIENT_SECRET_FILE": "test_client_secret_file",
    "PORTAL_API_CLIENT_ID": "api_client_id",
}


def _from_environment(env: Mapping[str, str]) -> dict[str, Any]:
    realm = {key: env[name] for name, key in _REALM_ENV.items() if env.get(name)}
    raw: dict[str, Any] = {"realms": [realm] if realm else []}
    for item in fields(Settings):
        value = env.get(f"PORTAL_{item.name.upper()}")
        if value is not None and item.name not in {"realms", "mail"}:
            raw[item.name] = _typed(item.name, str(item.type), value)
    if realm:
        raw.setdefault("default_realm", realm.get("name", ""))
    return raw


def _typed(name: str, kind: str, value: str) -> Any:
    if kind == "bool":
        return value.lower() in {"1", "true", "yes", "on"}
    if kind == "int":
        if not value.isdigit():
            raise SettingsError(f"PORTAL_{name.upper()} must be a whole number, not {value!r}")
        return int(value)
    if kind.startswith("tuple"):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value
