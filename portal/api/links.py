"""Setup links as JSON: made, seen and revoked. The address of a link stands in the answer that makes it, and nowhere
else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.actor import Actor
from portal.api.filling import TEXT, TEXTS, data, objects, valid
from portal.api.operations import Body, Operation
from portal.api.organizations import HERE
from portal.api.paging import Page, page
from portal.errors import Denied, Invalid
from portal.keys.scopes import beyond_key
from portal.links import actions, inviting, progress
from portal.links.inviting_forms import COPY, MAIL, DeliveryForm
from portal.return_addresses import link_days
from portal.store import links
from portal.store.links import API
from portal.store.models_links import SetupLink
from portal.web.language import locale_tag, offered


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
    """A link that was made. `link` opens it: lead people there, do not keep it; empty for one that is mailed."""

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
    """A link for an administrator of the customer, mailed to `contacts` or to be handed over; one is active."""
    form = DeliveryForm(formdata=data(_entered(actor, body)))
    form.offered = tuple(dict.fromkeys(body["intents"]))  # which of them may be given is said by `invite`
    form.locale.choices = offered()
    row, token = inviting.invite(actor, valid(form).wanted())
    return NewLink(row.id, actions.address(actor.services, token) if token else "", row.expires)


def _entered(actor: Actor, body: Body) -> dict[str, Any]:
    """As the page of the second step sends it."""
    days = link_days(actor.services.realm_facts(actor.realm.name).attributes)
    contacts = body.get("contacts") or []
    way = MAIL if contacts else COPY
    return {"locale": locale_tag(), "days": days, **body, "contacts": "\n".join(contacts), "way": way}


def send(actor: Actor, body: Body, link: str) -> LinkDocument:
    """Mail a recipient a new address; his old one is dead."""
    return _document(actor, inviting.send_again(actor, link, body["contact"].strip().lower()))


def generate(actor: Actor, body: Body) -> NewLink:
    """A link that lives minutes and opens once, for the handler that leads somebody there right now."""
    try:
        return _made(actor, [body["intent"]], body)
    except Invalid as error:
        # The one field is called otherwise here.
        errors = {"intent" if name == "intents" else name: said for name, said in error.errors.items()}
        raise Invalid(errors, error.form) from error


def _made(actor: Actor, intents: Sequence[str], body: Body) -> NewLink:
    texts: dict[str, Any] = {
        name: str(body.get(name, "")) for name in ("return_url", "success_url", "external_user_id", "locale")
    }
    row, token = actions.create(actor, actor.here, intents, kind=API, **texts)
    return NewLink(row.id, actions.address(actor.services, token), row.expires)


def revoke(actor: Actor, _body: Body, link: str) -> LinkDocument:
    """End a link and the sessions that it opened; mails with it that have not left stay here."""
    if beyond := beyond_key(actor, actions.find(actor, link).intents):
        raise Denied(f"scope: {beyond}")
    return _document(actor, inviting.revoke(actor, link))


LINKS = f"{HERE}/setup-links"
ABOUT = {"return_url": TEXT, "success_url": TEXT, "locale": TEXT}
NEW = objects(("intents",), intents=TEXTS, contacts=TEXTS, days={"type": "integer"}, **ABOUT)
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
    Operation(
        "POST", f"{LINKS}/<link>/send", "links.create", "sendSetupLink", "Mail it to one of its recipients anew", send,
        LinkDocument, body=objects(("contact",), contact=TEXT),
    ),
    Operation("DELETE", f"{LINKS}/<link>", "links.revoke", "revokeSetupLink", "End a link", revoke, LinkDocument),
)  # fmt: skip
