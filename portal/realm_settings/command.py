"""`portal settings`: a realm's settings at the command line, by the actions of the pages."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from portal.actor import Actor
from portal.console import Deed, add_deeds, run_deed
from portal.errors import Conflict, Invalid
from portal.realm_settings import actions, values
from portal.realm_settings.words import label_of, said
from portal.realm_settings.writing import WholeRealm


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the deeds of `portal settings`."""
    parser.description = (
        "Settings of a realm, by the names of their realm attributes. Saving needs an administrator of the realm, as "
        "Keycloak decides; the history on the pages shows it and can take it back."
    )
    add_deeds(parser, DEEDS)


def run(args: argparse.Namespace) -> int:
    """See `portal.console.frame.run_deed`."""
    return run_deed("settings", args, DEEDS)


def _names(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("keys", nargs="*", metavar="attribute", help="these alone (default: all)")


def _show(actor: Actor, args: argparse.Namespace) -> Any:
    if unknown := [key for key in args.keys if key not in values.KEYS]:
        raise Invalid(form=[f"{', '.join(unknown)}: no setting of the portal"])
    present = actions.present(actor)
    shown = {key: present.get(key, "") for key in args.keys or values.KEYS}
    if args.json:
        return shown
    return [{"attribute": key, "what": label_of(key), "value": said(key, value)} for key, value in shown.items()]


def _pairs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pairs", nargs="+", metavar="attribute=value", help="an empty value unsets")
    _whole(parser)


def _whole(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--whole-realm", action="store_true",
        help="agree to a write of the whole realm, where Keycloak takes attributes in no other way",
    )  # fmt: skip


def _set(actor: Actor, args: argparse.Namespace) -> Any:
    if wrong := [pair for pair in args.pairs if "=" not in pair]:
        raise Invalid(form=[f"{', '.join(wrong)}: write attribute=value"])
    return _save(actor, dict(pair.split("=", 1) for pair in args.pairs), args)


def _export(actor: Actor, _args: argparse.Namespace) -> str:
    return json.dumps(values.of(actions.present(actor)), indent=2, ensure_ascii=False)


def _file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help="what export printed; - reads standard input")
    parser.add_argument("--exactly", action="store_true", help="also unset what the file does not name")
    _whole(parser)


def _import(actor: Actor, args: argparse.Namespace) -> Any:
    given = _read(args.file)
    return _save(actor, {**dict.fromkeys(values.KEYS, ""), **given} if args.exactly else given, args)


def _read(name: str) -> dict[str, str]:
    try:
        found = json.loads(sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Invalid(form=[f"{name} cannot be read ({type(error).__name__})"]) from error
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise Invalid(form=[f"{name} is not what portal settings export prints"])
    return found


def _save(actor: Actor, given: Mapping[str, str], args: argparse.Namespace) -> Any:
    """Check all of it, then save area by area, as the pages do."""
    present = actor.attributes.read()
    changed: list[str] = []
    overwritten: list[str] = []
    for area, wanted in values.wanted(present, given, loopback=actions.loopback(actor)).items():
        shown = {key: present.get(key, "") for key in wanted}
        saved = _saved(actor, area, shown, wanted, whole=args.whole_realm)
        changed += saved.changed
        overwritten += saved.overwritten
    if args.json:
        return {"changed": changed, "overwritten": overwritten}
    lines = [f"changed: {key}" for key in changed] or ["Nothing was changed."]
    return "\n".join([*lines, *(f"somebody else changed it at the same moment: {key}" for key in overwritten)])


def _saved(actor: Actor, area: str, shown: Mapping[str, str], wanted: Mapping[str, str], *, whole: bool) -> Any:
    try:
        saved = actions.save(actor, area, shown, wanted, whole)
    except WholeRealm as error:
        said_why = "this Keycloak takes the whole realm only, which may undo what others save in that moment"
        raise Conflict(f"{said_why}; agree with --whole-realm") from error
    if saved.clashes:
        raise Conflict("somebody else changes the same settings; look at them and try again")
    return saved


DEEDS = {
    "show": Deed("settings.view", "show the settings", _show, _names),
    "set": Deed("settings.save", "change settings", _set, _pairs, lent=True),
    "export": Deed("settings.view", "print the settings that are set, as JSON", _export),
    "import": Deed("settings.save", "set what an export holds", _import, _file, lent=True),
}
