"""`portal link`: setup links at the command line, by the actions of the pages."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from portal.access_links import OFFERED
from portal.actor import Actor
from portal.console import Deed, add_deeds, run_deed
from portal.errors import Invalid
from portal.invitations.forms import check_email
from portal.links import actions, inviting
from portal.return_addresses import LONGEST_LINK_DAYS, link_days
from portal.store import links
from portal.store.models_links import SetupLink
from portal.web.language import OURS

MOST = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the deeds of `portal link`."""
    parser.description = "Setup links of an organization. PORTAL_CONFIG names the configuration file."
    add_deeds(parser, DEEDS)


def run(args: argparse.Namespace) -> int:
    """See `portal.console.frame.run_deed`."""
    return run_deed("link", args, DEEDS)


def _list(actor: Actor, _args: argparse.Namespace) -> Any:
    return [_told(row) for row in actions.listed(actor, 0, MOST)]


def _told(row: SetupLink) -> dict[str, Any]:
    return {
        "id": row.id, "kind": row.kind, "state": links.state_of(row), "for": list(row.intents),
        "expires": row.expires, "opened": row.opened or "never", "by": row.maker_name,
    }  # fmt: skip


def _wanted(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--intent", action="append", required=True, metavar="INTENT",
        help=f"what it is for; may be repeated. One of: {', '.join(OFFERED)}",
    )  # fmt: skip
    parser.add_argument("--mail", action="append", default=[], metavar="ADDRESS",
                        help="mail it there; may be repeated. Without, the address of the link is printed")  # fmt: skip
    parser.add_argument("--days", type=int, help=f"for how long, at most {LONGEST_LINK_DAYS} (default: the realm's)")
    parser.add_argument("--return-url", default="", help="where “back” leads, instead of the realm's return address")
    parser.add_argument("--success-url", default="", help="where who has finished is led")
    parser.add_argument("--by", default="", metavar="NAME", help="who asks, as the mail says (default: this account)")
    parser.add_argument("--language", default="en", choices=OURS, help="of the mail (default: en)")


def _create(actor: Actor, args: argparse.Namespace) -> Any:
    contacts = tuple(dict.fromkeys(address.lower() for address in args.mail))
    for address in contacts:
        if wrong := check_email(address):
            raise Invalid({"--mail": f"{address[:80]}: {wrong}"})
    usual = link_days(actor.services.realm_facts(actor.realm.name).attributes)
    days = usual if args.days is None else args.days
    wanted = inviting.Wanted(tuple(args.intent), contacts, days, args.return_url, args.success_url, args.language)
    row, raw = inviting.invite(replace(actor, name=args.by.strip() or actor.name), wanted)
    url = actions.address(actor.services, raw) if raw else ""
    if args.json:
        return {**_told(row), **({"url": url} if url else {})}
    # The address alone on its line, for a script; it cannot be shown again.
    return url or f"Link {row.id} is on its way to {', '.join(contacts)}."


def _id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("link", help="its ID, as list prints it")


def _revoke(actor: Actor, args: argparse.Namespace) -> Any:
    row = inviting.revoke(actor, args.link)
    return _told(row) if args.json else f"Link {row.id} is revoked."


DEEDS = {
    "list": Deed("links.view", "list an organization's links, without what opens them", _list, organization=True),
    "create": Deed("links.create", "make a link, mailed or printed this one time", _create, _wanted, organization=True),
    "revoke": Deed("links.revoke", "end a link and whoever works with it", _revoke, _id, organization=True),
}
