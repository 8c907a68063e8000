"""What the commands about a realm have in common: options, the decision of the table, output, exit codes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from portal.actor import Actor
from portal.connect import credential
from portal.connect.command import sentence
from portal.connect.console import DEADLINES
from portal.console.lent import Lent
from portal.console.output import printed
from portal.console.principal import at, check, console_actor
from portal.errors import Denied, PortalError, TooMany, Upstream
from portal.services import Services
from portal.settings import Realm, Settings, SettingsError, load
from portal.store.vault import VaultError

DONE, REFUSED, FAILED = 0, 1, 2


@dataclass(frozen=True)
class Deed:
    """One deed of a command, such as `list`. `right` is the row of the table that decides it.

    `call` takes the actor and the arguments and returns what to print: rows, one thing, a sentence, or nothing.
    `organization`: it is about one, named by its id or name; `lent`: it needs an administrator's credential.
    """

    right: str
    about: str
    call: Callable[[Actor, argparse.Namespace], Any]
    arguments: Callable[[argparse.ArgumentParser], None] | None = None
    organization: bool = False
    lent: bool = False


def add_deeds(parser: argparse.ArgumentParser, deeds: Mapping[str, Deed]) -> None:
    """Declare the deeds of a command with their options."""
    below = parser.add_subparsers(dest="deed", required=True, metavar="|".join(deeds))
    for name, deed in deeds.items():
        each = below.add_parser(name, help=deed.about, description=deed.about[:1].upper() + deed.about[1:] + ".")
        each.add_argument("--realm", default="", help="realm (default: the configured default, or the only one)")
        each.add_argument("--json", action="store_true", help="print JSON")
        if deed.organization:
            each.add_argument("organization", help="its id or name")
        if deed.arguments:
            deed.arguments(each)
        if deed.lent:
            credential.add_arguments(each)


def run_deed(command: str, args: argparse.Namespace, deeds: Mapping[str, Deed]) -> int:
    """Do what was asked. Exit code 0: done, 1: refused, 2: could not; then a sentence on standard error says why."""
    deed = deeds[args.deed]
    try:
        with _services() as services:
            actor = _decided(services, deed, args)
            sys.stdout.write(printed(deed.call(actor, args), as_json=args.json))
    except (SettingsError, VaultError) as error:
        return _failed(command, str(error), FAILED)
    except SQLAlchemyError as error:
        return _failed(command, f"the database cannot be used ({type(error).__name__}); see portal doctor", FAILED)
    except PortalError as error:
        return _failed(command, _said(error), FAILED if isinstance(error, Upstream) else REFUSED)
    return DONE


@contextmanager
def _services() -> Iterator[Services]:
    """The parts of the application, within its context: forms and texts are those of the pages."""
    from portal import create_app

    app = create_app(replace(load(), log_level="ERROR"))
    services: Services = app.extensions["portal"]
    services.http.read_seconds = DEADLINES[1]
    try:
        with app.app_context():
            yield services
    finally:
        services.store.engine.dispose()


def _decided(services: Services, deed: Deed, args: argparse.Namespace) -> Actor:
    realm = realm_of(services.settings, args.realm)
    actor = console_actor(services, realm, _lent(services, realm, args) if deed.lent else None)
    if deed.organization:
        actor = at(actor, args.organization)
    check(actor, deed.right)
    return actor


def realm_of(settings: Settings, name: str) -> Realm:
    """The realm of a command. Raises `SettingsError` where it is not clear which."""
    only = next(iter(settings.realms), "") if len(settings.realms) == 1 else ""
    wanted = name or settings.default_realm or only
    if wanted not in settings.realms:
        listed = ", ".join(settings.realms)
        raise SettingsError(f"realm {wanted} is not configured" if wanted else f"say which --realm: {listed}")
    return settings.realms[wanted]


def _lent(services: Services, realm: Realm, args: argparse.Namespace) -> Lent:
    given = credential.read(args)
    if given is None:
        raise SettingsError("say who saves: --username, or --token with an access token on standard input")
    return Lent(realm, services.http, given)


def _said(error: PortalError) -> str:
    if isinstance(error, Denied):
        return f"refused ({error.reason})" if error.reason else "refused"
    if isinstance(error, TooMany):
        return f"too many at once; try again in {error.retry_after} s"
    return sentence(error)


def _failed(command: str, said: str, code: int) -> int:
    sys.stderr.write(f"portal {command}: {said}\n")
    return code
