"""`portal key`: the keys of programs, from the command line."""

from __future__ import annotations

import argparse
import sys
import uuid

from portal.actor import Actor
from portal.console.principal import check, console_actor
from portal.errors import Invalid, NotFound, PortalError
from portal.keys import actions
from portal.keys.actions import Wanted
from portal.keys.forms import LONGEST_DAYS, LONGEST_NAME, network
from portal.keys.scopes import SCOPES
from portal.keys.words import state_of
from portal.messages import text
from portal.services import Services, build
from portal.settings import SettingsError, load
from portal.store.vault import VaultError

DONE, FAILED = 0, 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare `create`, `list` and `revoke`."""
    parser.description = "Looks after the API keys of a realm. PORTAL_CONFIG names the configuration file."
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="create|list|revoke")
    create = deeds.add_parser("create", help="make a key and print it, this one time")
    create.add_argument("--name", required=True, help="what uses it")
    create.add_argument("--owner", required=True, help="email address or ID of the operator whose rights bound it")
    create.add_argument("--scope", action="append", required=True, choices=sorted(SCOPES), metavar="SCOPE",
                        help=f"what it may do; give it several times. One of: {', '.join(sorted(SCOPES))}")  # fmt: skip
    create.add_argument("--days", type=int, default=90, help="for how long, at most 365 (default: 90)")
    create.add_argument("--organization", action="append", default=[], help="only this one; may be given several times")
    create.add_argument("--network", action="append", default=[], help="only from there, such as 192.0.2.0/24")
    listing = deeds.add_parser("list", help="list the keys, without what opens anything")
    revoke = deeds.add_parser("revoke", help="end a key")
    revoke.add_argument("key", help="its ID, as list prints it")
    for each in (create, listing, revoke):
        each.add_argument("--realm", required=True, help="which realm")


def run(args: argparse.Namespace) -> int:
    """Exit code 0: done, 2: could not; then sentences on standard error say why."""
    try:
        services = build(load())
    except (SettingsError, VaultError) as error:
        return _failed([str(error)])
    try:
        return {"create": _create, "list": _list, "revoke": _revoke}[args.deed](services, args)
    except Invalid as error:
        return _failed([*(f"{name}: {text(said)}" for name, said in error.errors.items()), *error.form])
    except NotFound as error:
        return _failed([f"not found: {error}"])
    except PortalError as error:
        return _failed([str(error) or type(error).__name__])
    finally:
        services.store.engine.dispose()


def _failed(sentences: list[str]) -> int:
    for sentence in sentences:
        sys.stderr.write(f"portal key: {sentence}\n")
    return FAILED


def _console(services: Services, args: argparse.Namespace) -> Actor:
    actor = console_actor(services, services.realm(args.realm))
    check(actor, "keys.view" if args.deed == "list" else "keys.manage")
    return actor


def _create(services: Services, args: argparse.Namespace) -> int:
    _check(args)
    actor = _console(services, args)
    wanted = Wanted(
        uuid.uuid4().hex, args.name.strip(), tuple(dict.fromkeys(args.scope)), args.days, tuple(args.organization),
        tuple(network(each) for each in args.network),
    )  # fmt: skip
    row, secret = actions.create(actor, wanted, actions.owner(actor, args.owner))
    sys.stdout.write(f"{secret}\n")
    sys.stderr.write(f"Key {row.id} ends on {row.expires:%Y-%m-%d}. It cannot be shown again.\n")
    return DONE


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


def _list(services: Services, args: argparse.Namespace) -> int:
    for row in actions.listed(_console(services, args)):
        used = f"{row.last_used:%Y-%m-%d}" if row.last_used else "never"
        parts = (row.id, row.shown, state_of(row), f"ends {row.expires:%Y-%m-%d}", f"used {used}", row.owner_name)
        sys.stdout.write("  ".join((*parts, row.name, ",".join(row.scopes))) + "\n")
    return DONE


def _revoke(services: Services, args: argparse.Namespace) -> int:
    row = actions.revoke(_console(services, args), args.key)
    sys.stdout.write(f"Key {row.id} ({row.name}) is revoked.\n")
    return DONE
