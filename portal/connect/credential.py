"""The credential of an administrator, lent for one run and stored nowhere."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from dataclasses import dataclass, field
from typing import Any

PASSWORD_VARIABLE = "PORTAL_CONNECT_PASSWORD"  # noqa: S105 - the name of a variable
SECRET_VARIABLE = "PORTAL_CONNECT_CLIENT_SECRET"  # noqa: S105 - the name of a variable


@dataclass(frozen=True)
class Credential:
    """Whom to sign in as, or a ready access token."""

    realm: str = "master"
    client_id: str = "admin-cli"
    client_secret: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    totp: int | None = None
    token: str = field(default="", repr=False)

    def bearer(self) -> dict[str, Any] | None:
        """A ready token in the shape python-keycloak keeps them; it is used until it expires."""
        return {"access_token": self.token, "expires_in": 3600} if self.token else None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that say how to sign in as an administrator."""
    group = parser.add_argument_group("administrator", "used for this run only, never stored")
    group.add_argument(
        "--username", help=f"administrator; the password is asked for, or read from ${PASSWORD_VARIABLE}"
    )
    group.add_argument("--totp", type=int, help="one-time code, if this administrator needs one")
    group.add_argument("--token", action="store_true", help="read an access token from standard input instead")
    group.add_argument("--auth-realm", default="master", help="realm the administrator belongs to (default: master)")
    group.add_argument(
        "--auth-client",
        default="admin-cli",
        help=f"client to sign in with; its secret, if any, from ${SECRET_VARIABLE}",
    )


def read(args: argparse.Namespace) -> Credential | None:
    """The credential the arguments describe; None when they describe none."""
    secret = os.environ.get(SECRET_VARIABLE, "")
    if args.token:
        return Credential(token=sys.stdin.readline().strip())
    if not args.username and not secret:
        return None
    return Credential(
        realm=args.auth_realm,
        client_id=args.auth_client,
        client_secret=secret,
        username=args.username or "",
        password=_password(args.username) if args.username else "",
        totp=args.totp,
    )


def _password(username: str) -> str:
    return os.environ.get(PASSWORD_VARIABLE) or getpass.getpass(f"Password of {username}: ")
