"""`portal org`: organizations at the command line, by the actions of the pages."""

from __future__ import annotations

import argparse
from typing import Any

from werkzeug.datastructures import MultiDict

from portal.actor import Actor
from portal.clients.orgs_types import Organization
from portal.console import Deed, add_deeds, run_deed
from portal.details import ending
from portal.errors import Denied, Invalid
from portal.organizations import actions, creating
from portal.organizations.forms import CreateForm

# What to do where there is none; the list page says it too.
ADVICE = "No organization yet. Make one: portal org create NAME, the page “New organization”, or the API.\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the deeds of `portal org`."""
    parser.description = "Organizations of a realm. PORTAL_CONFIG names the configuration file."
    add_deeds(parser, DEEDS)


def run(args: argparse.Namespace) -> int:
    """See `portal.console.frame.run_deed`."""
    return run_deed("org", args, DEEDS)


def _search(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("search", nargs="?", default="", help="part of a name or path")
    parser.add_argument("--first", type=int, default=0, help="leave out that many")
    parser.add_argument("--max", type=int, default=50, help="at most that many (default: 50, most: 100)")


def _list(actor: Actor, args: argparse.Namespace) -> Any:
    rows = actions.listed(actor, args.search, max(0, args.first), min(max(1, args.max), 100))
    if not rows and not args.search and not args.first and not args.json:
        return ADVICE
    return [{"id": row.id, "name": row.name, "display name": row.label, "path": row.route} for row in rows]


def _details(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="small letters, digits and hyphens")
    parser.add_argument("--display-name", default="", help="what people read")
    parser.add_argument("--url", default="", help="web address")
    parser.add_argument("--domain", action="append", default=[], help="a domain to be proved; may be repeated")


def _create(actor: Actor, args: argparse.Namespace) -> Any:
    entered = {"name": args.name, "display_name": args.display_name, "url": args.url, "domains": "\n".join(args.domain)}
    form = CreateForm(MultiDict(entered))
    if not form.validate():
        raise Invalid({str(name): " ".join(map(str, said)) for name, said in form.errors.items()})
    return _told(actor, creating.create(actor, form))


def _show(actor: Actor, _args: argparse.Namespace) -> Any:
    return {**_told(actor, actor.here), "members": actor.orgs.count_members(actor.here.id)}


def _told(actor: Actor, organization: Organization) -> dict[str, Any]:
    return {
        "id": organization.id, "name": organization.name, "display_name": organization.display_name,
        "url": organization.url, "path": actions.routes_of(actor, [organization.id]).get(organization.id, ""),
        "domains": list(organization.domains),
    }  # fmt: skip


def _yes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _delete(actor: Actor, args: argparse.Namespace) -> Any:
    if not args.yes and not _asked(actor):
        raise Denied("nothing was deleted; --yes does not ask")
    ending.end(actor)
    return {"deleted": actor.here.id} if args.json else f"{actor.here.name} is deleted."


def _asked(actor: Actor) -> bool:
    lost = ending.loss(actor)
    people = f"{lost.members} members, {lost.invitations} invitations"
    told = f"{people}, {lost.domains} domains, {lost.connections} connections"
    try:
        return input(f"Delete {actor.here.name} with {told}? Type its name: ").strip() == actor.here.name
    except EOFError:
        return False


DEEDS = {
    "list": Deed("overview.organizations", "list or search organizations", _list, _search),
    "create": Deed("organizations.create", "make an organization without members", _create, _details),
    "show": Deed("organization.view", "show one organization", _show, organization=True),
    "delete": Deed("organization.delete", "delete an organization and what belongs to it", _delete, _yes, True),
}
