"""Setup links as JSON: made, seen and revoked. The address of a link stands in the answer that makes it, and nowhere
else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.actor import Actor
from portal.api.filling import TEXT, TEXTS, objects
from portal.api.operations import Body, Operation
from portal.api.organizations import HERE
from portal.api.paging import Page, page
from portal.errors import Invalid
from portal.links import actions, progress
from portal.store import links
from portal.store.links import API, OPERATOR
from portal.store.models_links import SetupLink


@dataclass(frozen=True)
class LinkStep:
    """One intent of a link. `state` is waiting, begun or done."""

    intent: str
    state: str
    done: datetime | None


@dataclass(frozen=True)
class LinkDocument:
    """A setup link. `kind` is operator (for a person) or api (made by a program, opens once); no answer tells its
    address a second time."""

    id: str
    kind: str
    state: str
    intents: list[str]
    steps: list[LinkStep]
    made_by: str
    created: datetime
    expires: datetime
    opened: datetime | None
    ended: datetime | None
    return_url: str
    success_url: str
    external_user_id: str


@dataclass(frozen=True)
class NewLink:
    """A link that was made. `link` opens it: lead people there, do not keep it."""

    id: str
    link: str
    expires: datetime


def listed(actor: Actor, body: Body) -> Page[LinkDocument]:
    """A page of links, newest first, ended ones too."""

    def fetch(first: int, maximum: int) -> Sequence[SetupLink]:
        return actions.listed(actor, first, maximum)

    found = page(body, f"links {actor.here.id}", fetch, lambda row: row.id)
    return Page([_document(actor, each) for each in found.items], found.next)


def _document(actor: Actor, row: SetupLink) -> LinkDocument:
    steps = [LinkStep(each.intent, each.state, each.done) for each in progress.progress(actor.services, row)]
    return LinkDocument(
        row.id, row.kind, links.state_of(row), list(row.intents), steps, row.maker_name, row.created, row.expires,
        row.opened, row.ended, row.return_url, row.success_url, row.external_user_id,
    )  # fmt: skip


def read(actor: Actor, _body: Body, link: str) -> LinkDocument:
    """One link."""
    return _document(actor, actions.find(actor, link))


def create(actor: Actor, body: Body) -> NewLink:
    """A link for an administrator of the customer, to be handed to him; one is active at a time."""
    return _made(actor, body["intents"], body, OPERATOR)


def generate(actor: Actor, body: Body) -> NewLink:
    """A link that lives minutes and opens once, for the handler that leads somebody there right now."""
    try:
        return _made(actor, [body["intent"]], body, API)
    except Invalid as error:
        # The one field is called otherwise here.
        errors = {"intent" if name == "intents" else name: said for name, said in error.errors.items()}
        raise Invalid(errors, error.form) from error


def _made(actor: Actor, intents: Sequence[str], body: Body, kind: str) -> NewLink:
    texts = {name: str(body.get(name, "")) for name in ("return_url", "success_url", "external_user_id", "locale")}
    row, token = actions.create(actor, actor.here, intents, kind=kind, days=body.get("days"), **texts)
    return NewLink(row.id, actions.address(actor.services, token), row.expires)


def revoke(actor: Actor, _body: Body, link: str) -> LinkDocument:
    """End a link and the sessions that it opened."""
    return _document(actor, actions.revoke(actor, link))


LINKS = f"{HERE}/setup-links"
ABOUT = {"return_url": TEXT, "success_url": TEXT, "locale": TEXT}
NEW = objects(("intents",), intents=TEXTS, days={"type": "integer"}, **ABOUT)
NOW = objects(("intent",), intent=TEXT, external_user_id=TEXT, **ABOUT)

OPERATIONS = (
    Operation(
        "GET", LINKS, "links.view", "listSetupLinks", "Links that let somebody set things up", listed, LinkDocument,
        paged=True,
    ),
    Operation("GET", f"{LINKS}/<link>", "links.view", "getSetupLink", "One link with its progress", read, LinkDocument),
    Operation(
        "POST", LINKS, "links.create", "createSetupLink", "Make a link to hand to an administrator", create, NewLink,
        body=NEW, code=201, secret=True,
    ),
    Operation(
        "POST", f"{HERE}/portal-links", "links.generate", "generatePortalLink", "Make a link to lead somebody to now",
        generate, NewLink, body=NOW, code=201, secret=True,
    ),
    Operation("DELETE", f"{LINKS}/<link>", "links.revoke", "revokeSetupLink", "End a link", revoke, LinkDocument),
)  # fmt: skip
