"""What a wizard's steps do with what was entered, and what they show of it later."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from portal.actor import Actor
from portal.errors import Conflict, Invalid
from portal.messages import text
from portal.sso import drafting, reading, setups
from portal.sso.guide_types import Guide
from portal.sso.guides import guide
from portal.sso.wizard_forms import LARGEST, AttributesForm, ClientForm, MetadataForm, attributes_form
from portal.sso.wizard_steps import Stage
from portal.store import domains as claims
from portal.store.models_organizations import Domain
from portal.store.models_sso import Setup

# What the portal calls the values that are pasted at a vendor.
LABELS = {
    "acs_url": lazy_gettext("Reply address (assertion consumer service)"),
    "acs_url_regex": lazy_gettext("Pattern of the reply address"),
    "second_acs_url": lazy_gettext("Second reply address, for tests"),
    "entity_id": lazy_gettext("Entity ID (audience)"),
    "sp_metadata_url": lazy_gettext("Address of our metadata"),
    "redirect_uri": lazy_gettext("Redirect address"),
    "second_redirect_uri": lazy_gettext("Second redirect address, for tests"),
    "logout_url": lazy_gettext("Address after signing out"),
    "organization_name": lazy_gettext("Name of the organization"),
    "attribute.email": lazy_gettext("Email"),
    "attribute.firstName": lazy_gettext("First name"),
    "attribute.lastName": lazy_gettext("Last name"),
    "attribute.username": lazy_gettext("Username"),
}
Forms = dict[str, Any]


def forms(actor: Actor, row: Setup, here: Stage, *, sent: bool) -> Forms:
    """The forms of a step by group: as sent, or with what was entered before."""
    chosen = guide(row.guide)
    made: Forms = {}
    for group in here.groups:
        if group in {"metadata", "manual"}:
            # One form, though a guide may set the fields for handing it over by hand apart.
            made["metadata"] = made.get("metadata") or _metadata(row, chosen, group, sent=sent)
        elif group == "client":
            made[group] = _client(actor, row, chosen, sent=sent)
        elif group == "attributes":
            made[group] = attributes_form(chosen, row.values.get("attributes", {}), sent=sent)
    return made


def _metadata(row: Setup, chosen: Guide, group: str, *, sent: bool) -> MetadataForm:
    first = "manual" if group == "manual" else chosen.ways[0]
    if sent:
        form = MetadataForm()
        form.way.data = form.way.data if form.way.data in chosen.ways else first
        return form
    return MetadataForm(formdata=None, data={"way": first, **row.values.get("entered", {})})


def _client(actor: Actor, row: Setup, chosen: Guide, *, sent: bool) -> ClientForm:
    kept = "client_secret" in setups.secrets_of(actor, row)
    form = ClientForm() if sent else ClientForm(formdata=None, data={"client_id": row.values.get("client_id", "")})
    return form.of(chosen, kept=kept)


def take(actor: Actor, row: Setup, here: Stage, sent: Forms) -> list[str] | None:
    """Check a step and keep it; None when all is well, otherwise what belongs to no field (may be empty)."""
    try:
        if here.id == setups.REVIEW:
            save(actor, row, request.form.getlist("domains"))
        elif not _keep(actor, row, here, sent):
            return []
    except Invalid as error:
        return [text(each) for each in (*error.form, *error.errors.values())]
    except Conflict as error:
        return [str(error)] if error.args else [_("This does not fit what is there by now.")]
    return None


def _keep(actor: Actor, row: Setup, here: Stage, sent: Forms) -> bool:
    """Whether every form of the step was in order; then its values are kept."""
    values: dict[str, Any] = {}
    hidden: dict[str, str] = {}
    good = [read(actor, row, form, values, hidden) for form in sent.values()]
    if all(good):
        setups.finish_step(actor, row, here.id, values, **hidden)
    return all(good)


def read(actor: Actor, row: Setup, form: Any, values: dict[str, Any], hidden: dict[str, str]) -> bool:
    """Whether a form is in order; then what it says is added to `values`, and secrets to `hidden`."""
    if not form.validate():
        return False
    if isinstance(form, MetadataForm):
        return _document(actor, row, form, values)
    if isinstance(form, ClientForm):
        values["client_id"] = form.client_id.data
        if form.client_secret.data:
            hidden["client_secret"] = form.client_secret.data
    elif isinstance(form, AttributesForm):
        values["attributes"] = form.names()
    return True


def _document(actor: Actor, row: Setup, form: MetadataForm, values: dict[str, Any]) -> bool:
    try:
        found = reading.read(actor, guide(row.guide), form, _upload())
    except Invalid as error:
        form.stands_for(error)
        return False
    weak = [[each.code, each.value] for each in found.weaknesses]
    values.update(config=found.config, metadata_url=found.url, entered=reading.entered(form), weak=weak)
    return True


def _upload() -> bytes:
    sent = request.files.get("file")
    return sent.stream.read(LARGEST + 1) if sent and sent.filename else b""


def save(actor: Actor, row: Setup, wanted: Iterable[str]) -> None:
    """Make the draft of what was entered, with those of the `wanted` domains that are verified."""
    chosen = guide(row.guide)
    routed = [name for name in wanted if name in {each.name for each in domains(actor)}]
    drafting.save_draft(
        actor, row.alias, chosen.key, chosen.protocol, config={**row.values["config"], **_client_config(row)},
        secret=setups.secrets_of(actor, row).get("client_secret", ""), attributes=_mapped(row, chosen),
        domains=routed, metadata_url=row.values.get("metadata_url", ""),
    )  # fmt: skip
    setups.mark_saved(actor, row)


def _mapped(row: Setup, chosen: Guide) -> dict[str, str]:
    """Field in Keycloak -> name sent. A SAML name ID is often a row of random letters; an address names people."""
    names = attribute_names(row, chosen)
    return {"username": names["email"], **names} if chosen.protocol == "saml" and "email" in names else names


def _client_config(row: Setup) -> dict[str, str]:
    return {"clientId": row.values["client_id"]} if row.values.get("client_id") else {}


def attribute_names(row: Setup, chosen: Guide) -> dict[str, str]:
    """Field in Keycloak -> name sent: as entered, otherwise as the guide tells."""
    told = {field: name for field, name in chosen.attributes.items() if field != "groups"}
    return dict(row.values.get("attributes") or told)


def found(actor: Actor, row: Setup, chosen: Guide) -> Any:
    """What the metadata said, for looking it over; None before it was handed over."""
    config = row.values.get("config")
    return reading.shown(actor, chosen.protocol, config, row.values.get("weak", ())) if config else None


def domains(actor: Actor) -> list[Domain]:
    """Verified domains of the organization: those that can lead people to its identity provider."""
    rows = claims.of_organization(actor.services.store, actor.realm.name, actor.here.id)
    return [each for each in rows if each.state == claims.VERIFIED]
