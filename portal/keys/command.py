"""`portal key`: the keys of programs at the command line, by the actions of the pages."""

from __future__ import annotations

import argparse
import uuid
from typing import Any

from portal.actor import Actor
from portal.console import Deed, add_deeds, run_deed
from portal.errors import Invalid
from portal.keys import actions
from portal.keys.actions import Wanted
from portal.keys.forms import LONGEST_DAYS, LONGEST_NAME, network
from portal.keys.scopes import SCOPES
from portal.keys.words import state_of
from portal.store.models_keys import ApiKey


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the deeds of `portal key`."""
    parser.description = "The API keys of a realm. PORTAL_CONFIG names the configuration file."
    add_deeds(parser, DEEDS)


def run(args: argparse.Namespace) -> int:
    """See `portal.console.frame.run_deed`."""
    return run_deed("key", args, DEEDS)


def _wanted(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", required=True, help="what uses it")
    parser.add_argument("--owner", required=True, help="email address or ID of the operator whose rights bound it")
    parser.add_argument(
        "--scope", action="append", required=True, choices=sorted(SCOPES), metavar="SCOPE",
        help=f"what it may do; may be repeated. One of: {', '.join(sorted(SCOPES))}",
    )  # fmt: skip
    parser.add_argument("--days", type=int, default=90, help=f"for how long, at most {LONGEST_DAYS} (default: 90)")
    parser.add_argument("--organization", action="append", default=[], help="only this one; may be repeated")
    parser.add_argument("--network", action="append", default=[], help="only from there, such as 192.0.2.0/24")


def _create(actor: Actor, args: argparse.Namespace) -> Any:
    _check(args)
    wanted = Wanted(
        uuid.uuid4().hex, args.name.strip(), tuple(dict.fromkeys(args.scope)), args.days, tuple(args.organization),
        tuple(network(each) for each in args.network),
    )  # fmt: skip
    row, secret = actions.create(actor, wanted, actions.owner(actor, args.owner))
    # The key alone on its line, for a script; it cannot be shown again.
    return {"key": secret, **_told(row)} if args.json else secret


def _check(args: argparse.Namespace) -> None:
    errors = {}
    if not args.name.strip() or len(args.name) > LONGEST_NAME:
        errors["--name"] = f"use 1 to {LONGEST_NAME} characters"
    if not 1 <= args.days <= LONGEST_DAYS:
        errors["--days"] = f"a whole number from 1 to {LONGEST_DAYS}"
    for each in args.network:
        try:
            network(each)
        except ValueError:
            errors["--network"] = f"{each} is no address or network"
    if errors:
        raise Invalid(errors)


def _list(actor: Actor, _args: argparse.Namespace) -> Any:
    return [_told(row) for row in actions.listed(actor)]


def _told(row: ApiKey) -> dict[str, Any]:
    return {
        "id": row.id, "begins": row.shown, "state": state_of(row), "ends": f"{row.expires:%Y-%m-%d}",
        "used": f"{row.last_used:%Y-%m-%d}" if row.last_used else "never", "owner": row.owner_name, "name": row.name,
        "scopes": list(row.scopes),
    }  # fmt: skip


def _id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", help="its ID, as list prints it")


def _revoke(actor: Actor, args: argparse.Namespace) -> Any:
    row = actions.revoke(actor, args.key)
    return _told(row) if args.json else f"Key {row.id} ({row.name}) is revoked."


DEEDS = {
    "list": Deed("keys.view", "list the keys, without what opens anything", _list),
    "create": Deed("keys.manage", "make a key and print it, this one time", _create, _wanted),
    "revoke": Deed("keys.manage", "end a key", _revoke, _id),
}
