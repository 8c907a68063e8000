"""`portal connect`: the arguments and the run."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from portal.connect import apply, config_file, credential, plan, show, undo
from portal.connect.changes import Change, Level
from portal.connect.console import Console
from portal.connect.found import Found
from portal.connect.wanted import Target
from portal.errors import Invalid, PortalError, Upstream
from portal.settings import SettingsError, checked_realm, is_loopback

DONE, REFUSED, FAILED = 0, 1, 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `portal connect`."""
    parser.description = (
        "Gives a Keycloak realm what the portal needs. The plan is shown first; a second run changes nothing."
    )
    parser.add_argument("--keycloak-url", required=True, help="Keycloak as browsers reach it")
    parser.add_argument("--internal-url", help="Keycloak as the portal reaches it (default: the same)")
    parser.add_argument("--realm", required=True)
    parser.add_argument("--portal-url", required=True, help="the portal as browsers reach it")
    parser.add_argument("--backchannel-url", help="the portal as Keycloak reaches it (default: the same)")
    parser.add_argument("--prefix", default="portal", help="start of the names of the portal's clients")
    parser.add_argument(
        "--accounts", action="store_true",
        help="also make the client that creates accounts, for invited people who have none and for test sign-ins",
    )  # fmt: skip
    parser.add_argument("--config", default="portal.toml", help="configuration file to write (default: portal.toml)")
    parser.add_argument("--plan", action="store_true", help="show the plan and change nothing")
    parser.add_argument("--undo", action="store_true", help="take away what earlier runs made and restore the settings")
    parser.add_argument(
        "--yes", action="store_true", help="do not ask; does the needed changes unless --class says more"
    )
    parser.add_argument(
        "--class",
        dest="levels",
        action="append",
        choices=[level.value for level in Level],
        help="class of changes to make; may be repeated. sign-ins only ever happens when named here",
    )
    parser.add_argument("--json", action="store_true", help="print JSON; never asks, so it needs --plan or --yes")
    credential.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Exit code 0: done or nothing to do, 1: declined, 2: could not."""
    try:
        return _run(args)
    except (PortalError, SettingsError) as error:
        print(f"portal connect: {sentence(error)}", file=sys.stderr)
        return FAILED


def _run(args: argparse.Namespace) -> int:
    target = _target(args)
    lent = credential.read(args)
    if lent is None:
        raise SettingsError("say who connects: --username, or --token with an access token on standard input")
    if args.json and not (args.plan or args.yes):
        raise SettingsError("--json does not ask, so it needs --plan or --yes")
    console = Console(_address(args.internal_url or args.keycloak_url), target.realm, lent)
    try:
        found = Found(console, target.client_ids[3])
        _ = found.realm  # no such realm is said before anything else
        session = Session(args, target, found)
        return session.undo() if args.undo else session.connect()
    finally:
        console.close()


def _target(args: argparse.Namespace) -> Target:
    checked_realm(args.realm)
    if args.realm == "master":
        raise SettingsError("realm master is for administrators; connect the realm your users are in")
    portal_url = _address(args.portal_url)
    return Target(args.realm, portal_url, _address(args.backchannel_url or portal_url), args.prefix, args.accounts)


def _address(value: str) -> str:
    """A base address; passwords and secrets travel to it, so plain http is for this machine only."""
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsError(f"{value!r} is not an address like https://id.example.com")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise SettingsError(f"{value} is not encrypted; plain http is accepted for a loopback address only")
    return value.rstrip("/")


@dataclass
class Session:
    """One run against one realm."""

    args: argparse.Namespace
    target: Target
    found: Found

    def connect(self) -> int:
        """Plan, ask, do, write the configuration."""
        changes = plan.plan(self.found, self.target)
        chosen = [change for change in changes if change.level in self._levels()]
        if not self.args.json:
            print(show.plan_text(changes, self.target.realm) or "Nothing to do: the realm has what the portal needs.")
        if self.args.plan:
            return self._report(changes, [], "")
        accepted = self._accepted(chosen)
        if accepted is None:
            return REFUSED
        apply.apply(self.found, accepted, self._say)
        return self._finish(changes, accepted)

    def undo(self) -> int:
        """Take back what the record in the realm names."""
        undoing = undo.plan(self.found, self.target)
        if not self.args.json:
            print(show.undo_text(undoing.changes, self.target.realm) or "Nothing to undo.")
            print("".join(f"{note}\n" for note in undoing.notes), end="")
        if self.args.plan:
            return self._report(undoing.changes, [], "")
        if not self.args.yes and undoing.changes and not _ask("Undo all this?"):
            return REFUSED
        for change in undoing.changes:
            for call in change.calls:
                self.found.console.send(call)
            self._say(change)
        apply.write_record(self.found.forget(), {})
        dropped = config_file.drop_realm(Path(self.args.config), self.target.realm)
        return self._report(undoing.changes, undoing.changes, self.args.config if dropped else "")

    def _levels(self) -> set[Level]:
        if self.args.levels:
            return {Level(name) for name in self.args.levels}
        return {Level.NEEDED} if self.args.yes else {Level.NEEDED, Level.RECOMMENDED}

    def _accepted(self, chosen: list[Change]) -> list[Change] | None:
        """The changes the operator agrees to; None when he declines what the portal cannot do without."""
        if self.args.yes or not chosen:
            return chosen
        needed = [change for change in chosen if change.level is Level.NEEDED]
        if needed and not _ask(f"Make the {len(needed)} needed changes?"):
            return None
        others = [change for change in chosen if change.level is not Level.NEEDED]
        return needed + [change for change in others if _ask(f"{change.title}?")]

    def _finish(self, changes: list[Change], accepted: list[Change]) -> int:
        found = self.found.forget()
        left = plan.plan(found, self.target, {Level.NEEDED})
        foreign = [c for c in plan.plan(found, self.target, {Level.SIGN_INS}) if c.key != "realm"]
        if left or foreign:
            raise SettingsError(
                "not complete: " + "; ".join(change.title for change in [*left, *foreign])
                + (" (run again with --class sign-ins, or choose other names with --prefix)" if foreign else "")
            )  # fmt: skip
        written = config_file.put_realm(Path(self.args.config), self.target.portal_url, self._section(found))
        return self._report(changes, accepted, self.args.config if written else "")

    def _section(self, found: Found) -> dict[str, str]:
        portal, operator, read, api, setup, accounts, test = self.target.client_ids
        public = _address(self.args.keycloak_url)
        internal = _address(self.args.internal_url or public)
        return {
            "name": self.target.realm,
            "keycloak_url": public,
            **({"internal_url": internal} if internal != public else {}),
            "client_id": portal,
            "client_secret": found.secret(portal),
            "operator_client_id": operator,
            "operator_client_secret": found.secret(operator),
            "read_client_id": read,
            "read_client_secret": found.secret(read),
            **self._optional(found, "setup", setup),
            **self._optional(found, "accounts", accounts),
            **self._optional(found, "test", test),
            "api_client_id": api,
        }

    @staticmethod
    def _optional(found: Found, kind: str, client_id: str) -> dict[str, str]:
        """The settings of a client that not every realm has."""
        if found.client(client_id) is None:
            return {}
        return {f"{kind}_client_id": client_id, f"{kind}_client_secret": found.secret(client_id)}

    def _say(self, change: Change) -> None:
        if not self.args.json:
            print(f"done: {change.title}")

    def _report(self, changes: Sequence[Change], applied: Sequence[Change], written: str) -> int:
        if self.args.json:
            document = {
                "realm": self.target.realm,
                "changes": [change.as_json(self.target.realm) for change in changes],
                "applied": [change.key for change in applied],
                "config": written,
            }
            print(json.dumps(document, indent=2))
        elif written:
            verb = "no longer holds" if self.args.undo else "holds"
            print(f"{written} {verb} the configuration of realm {self.target.realm}.")
        return DONE


def sentence(error: Exception) -> str:
    """What went wrong, in the words of whoever said so."""
    if isinstance(error, Invalid):
        return "; ".join([*error.form, *(f"{name}: {text}" for name, text in error.errors.items())])
    if isinstance(error, Upstream):
        return f"Keycloak does not answer as it should: {error}"
    return str(error) or type(error).__name__


def _ask(question: str) -> bool:
    try:
        return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False
