"""Connections for single sign-on as JSON: their state, and what is done to them once they exist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from portal.actor import Actor
from portal.api.filling import TEXT, TEXTS, data, objects, of_form, valid
from portal.api.operations import Body, Operation
from portal.api.organizations import HERE
from portal.errors import Conflict, NotFound
from portal.sso import actions, gates, saving, words
from portal.sso.actions import ATTENTION, TESTING, Shown
from portal.sso.forms import ConnectionForm, OverrideForm
from portal.store.connections import ACTIVE, DRAFT


@dataclass(frozen=True)
class ConnectionDocument:
    """A connection. `state` is draft, testing, active, disabled, attention, gone or foreign.

    `reason` is a stable word for why it is not simply active, `message` says the same in words; `missing` is what
    stands between it and going live.
    """

    id: str
    name: str
    protocol: str
    vendor: str
    state: str
    reason: str
    message: str
    missing: str
    enabled: bool
    domains: list[str]
    certificate_days_left: int | None
    tested: datetime | None
    activated: datetime | None
    last_sign_in: datetime | None
    created: datetime | None


def listed(actor: Actor, _body: Body) -> list[ConnectionDocument]:
    """All connections of the organization."""
    return [document(actor, each) for each in actions.listed(actor)]


def read(actor: Actor, _body: Body, connection: str) -> ConnectionDocument:
    """One connection."""
    return document(actor, actions.find(actor, connection))


def document(actor: Actor, shown: Shown) -> ConnectionDocument:
    """A connection as the API tells it."""
    row, told = shown.row, words.situation(shown)
    said = f"{told.title}. {told.text}".strip() if told else _attention(shown)
    return ConnectionDocument(
        shown.alias, shown.name, shown.protocol.lower(), actions.vendor(actor, row), shown.state, _reason(shown),
        said, _missing(actor, shown), shown.enabled, list(shown.domains), shown.days_left,
        row.tested if row else None, row.activated if row else None, shown.last_sign_in, row.created if row else None,
    )  # fmt: skip


def _reason(shown: Shown) -> str:
    if shown.state == ATTENTION:
        if shown.changed_outside:
            return "changed_outside"
        if shown.row and shown.row.attention:
            return str(shown.row.attention.get("kind", "attention"))
        return "certificate_ended" if (shown.days_left or 0) < 0 else "certificate_ends"
    return {DRAFT: "not_activated", TESTING: "being_tested", ACTIVE: ""}.get(shown.state, shown.state)


def _attention(shown: Shown) -> str:
    return _("What the identity provider tells of itself has changed.") if shown.state == ATTENTION else ""


def _missing(actor: Actor, shown: Shown) -> str:
    if shown.row is None or shown.provider is None or shown.row.state == ACTIVE:
        return ""
    try:
        gates.check_proved(actor, shown.row, shown.provider)
    except Conflict as error:
        return str(error)
    return ""


def own(actor: Actor, connection: str) -> Shown:
    """A connection of the portal's own that Keycloak holds. Raises `NotFound`."""
    shown = actions.find(actor, connection)
    if shown.row is None or shown.provider is None:
        raise NotFound("not a connection of the portal's")
    return shown


def change(actor: Actor, body: Body, connection: str) -> ConnectionDocument:
    """Change its name and the verified domains that lead to it."""
    shown = own(actor, connection)
    given = {"name": shown.name, "domains": list(shown.domains), **body}
    form = valid(ConnectionForm(sorted(gates.verified(actor) | set(shown.domains)), formdata=data(given)))
    saving.change(actor, connection, display_name=form.name.data or "", domains=form.domains.data or [])
    return read(actor, {}, connection)


def activate(actor: Actor, _body: Body, connection: str) -> ConnectionDocument:
    """Let people sign in by it."""
    saving.activate(actor, own(actor, connection).alias)
    return read(actor, {}, connection)


def override(actor: Actor, body: Body, connection: str) -> ConnectionDocument:
    """Let people sign in by it on an operator's word."""
    shown = own(actor, connection)
    form = valid(OverrideForm(formdata=data({**body, "confirm": "yes"})))
    saving.activate(actor, shown.alias, form.reason.data or "")
    return read(actor, {}, connection)


def disable(actor: Actor, _body: Body, connection: str) -> ConnectionDocument:
    """Let nobody sign in by it for the time being."""
    saving.disable(actor, own(actor, connection).alias)
    return read(actor, {}, connection)


def delete(actor: Actor, _body: Body, connection: str) -> None:
    """Remove it for good."""
    actions.find(actor, connection)
    saving.delete(actor, connection)


CONNECTIONS = f"{HERE}/connections"
ONE = f"{CONNECTIONS}/<connection>"

OPERATIONS = (
    Operation(
        "GET", CONNECTIONS, "sso.view", "listConnections", "All connections with their state", listed,
        ConnectionDocument, many=True,
    ),
    Operation("GET", ONE, "sso.view", "getConnection", "One connection", read, ConnectionDocument),
    Operation(
        "PATCH", ONE, "sso.manage", "changeConnection", "Change its name and domains", change, ConnectionDocument,
        body=objects(name=TEXT, domains=TEXTS),
    ),
    Operation(
        "POST", f"{ONE}/activate", "sso.manage", "activateConnection", "Let people sign in by it", activate,
        ConnectionDocument,
    ),
    Operation(
        "POST", f"{ONE}/override", "sso.override", "overrideConnection", "Without a passed test, for operators",
        override, ConnectionDocument, body=of_form(OverrideForm, "reason"),
    ),
    Operation(
        "POST", f"{ONE}/disable", "sso.manage", "disableConnection", "Let nobody sign in by it", disable,
        ConnectionDocument,
    ),
    Operation("DELETE", ONE, "sso.manage", "deleteConnection", "Remove it for good", delete),
)  # fmt: skip
