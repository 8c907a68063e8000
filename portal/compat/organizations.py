"""Organizations as programs make, find, change and delete them."""

from __future__ import annotations

import dataclasses
import re
import secrets
import unicodedata
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal.access_grant import holder_of_all
from portal.actor import Actor
from portal.clients.orgs_types import Organization
from portal.compat import ids, paging, reading, shapes
from portal.compat.face import text
from portal.compat.listing import Window, envelope, part
from portal.details import actions as details
from portal.details.ending import end
from portal.details.forms import Details, Row, checked, of
from portal.errors import Conflict, Invalid, NotFound, PortalError, Upstream
from portal.organizations import creating
from portal.organizations.forms import CreateForm
from portal.store import domains as domain_rows
from portal.store import public_ids
from portal.store.leases import lease
from portal.web.vendor import Unknown

MOST_KEYS, LONGEST_KEY, LONGEST_VALUE, LONGEST_EXTERNAL = 50, 40, 255, 255
TRIES = 5
_FIELDS = {"domains": "domain_data", "display_name": "name", "attributes": "metadata"}
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")


def listed(actor: Actor, wanted: Window, search: str, names: list[str]) -> dict[str, Any]:
    """A page of the organizations the key reaches. `names` are domains, one of which it must have."""
    page = None if search or names else paging.page(actor, wanted)
    if page is not None:
        return envelope(shapes.organizations(actor, page.organizations), page.part)
    found = {each.id: each for each in reading.organizations(actor, search)}
    if names:
        owners = domain_rows.owners(actor.services.store, actor.realm.name, names)
        found = {key: each for key, each in found.items() if key in owners or set(names) & set(each.domains)}
    records = public_ids.records(actor.services.store, actor.realm.name, list(found))
    oldest_first = sorted(found, key=lambda each: (records[each].created, each))
    window = part([ids.organization_id(each) for each in oldest_first], wanted)
    chosen = [found[ids.keycloak_id(each)] for each in window.ids]
    advice = {} if found or search or names else {"hint": _("There is none yet: make one here, or by POST.")}
    return {**envelope(shapes.organizations(actor, chosen), window), **advice}


def shown(actor: Actor) -> dict[str, Any]:
    """The organization of the request, as it is now."""
    return shapes.organizations(actor, [details.load(actor)])[0]


def by_external_id(actor: Actor, external_id: str) -> str:
    """Keycloak's id of the organization that programs call so. Raises `Unknown`."""
    plain = external_id.isprintable() and len(external_id) <= LONGEST_EXTERNAL
    found = public_ids.by_external_id(actor.services.store, actor.realm.name, external_id) if plain else ""
    if not found:
        raise Unknown("Organization", external_id)
    return found


def create(actor: Actor, sent: Mapping[str, Any], domains: list[str]) -> dict[str, Any]:
    """Make one; its domains wait to be proved whatever the caller says of them. Raises `Invalid`, `Conflict`."""
    name = text(sent, "name", required=True, longest=255)
    metadata, external_id = metadata_of(sent), text(sent, "external_id", longest=LONGEST_EXTERNAL)
    _form(Details(), name, metadata)  # before anything is made
    with _external_ids(actor):
        _check_free(actor, external_id, "")
        made = _made(actor, name, domains)
        public_ids.change(actor.services.store, actor.realm.name, made.id, external_id=external_id or None)
    there = dataclasses.replace(actor, organization=made)
    try:
        if metadata:
            _save(there, made.label, metadata)
        return shown(there)
    except PortalError as error:
        # It exists by now: the same idempotency key shall not make another one.
        raise Upstream("made, but not all of it was seen", unknown=True) from error


def _external_ids(actor: Actor) -> AbstractContextManager[str]:
    """Whoever gives an organization an external id holds this."""
    return lease(actor.services.store, f"external-ids:{actor.realm.name}", wait=20)


def _made(actor: Actor, name: str, domains: list[str]) -> Organization:
    """With a name for addresses that is made from the one for people."""
    plain = slug(name)
    for attempt in range(TRIES):
        short = plain if not attempt else f"{plain[:50].rstrip('-')}-{secrets.token_hex(3)}"
        form = CreateForm(
            formdata=MultiDict({"name": short, "display_name": name, "domains": "\n".join(domains)})
        )  # fmt: skip
        if not form.validate():
            raise Invalid({"name": " ".join(str(said) for said in [*form.name.errors, *form.display_name.errors])})
        try:
            return creating.create(actor, form)
        except Invalid as error:
            if "name" not in error.errors:
                raise Invalid({_FIELDS.get(name, name): said for name, said in error.errors.items()}) from error
        except Conflict as error:
            # Many are made at once and this one's turn did not come: clients repeat what is answered so.
            raise error if str(error) else Upstream("others are being made") from error
    raise Conflict(_("Another organization has this name."))


def slug(name: str) -> str:
    """Small letters, digits and hyphens that remind of a name."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    return _NOT_PLAIN.sub("-", plain).strip("-")[:63].rstrip("-") or "organization"


def _check_free(actor: Actor, external_id: str, but: str) -> None:
    holder = public_ids.by_external_id(actor.services.store, actor.realm.name, external_id) if external_id else ""
    if not holder or holder == but:
        return
    try:
        actor.services.orgs.reaching(holder_of_all(actor.realm.name, f"key:{actor.key}")).organization(holder)
    except NotFound:
        public_ids.change(actor.services.store, actor.realm.name, holder, external_id=None)  # it was deleted elsewhere
        return
    raise Conflict(_("Another organization has this external ID."))


def update(actor: Actor, sent: Mapping[str, Any]) -> None:
    """Change what is named and leave the rest. Raises `Invalid`, `Conflict`."""
    store, realm, here = actor.services.store, actor.realm.name, actor.here.id
    present = details.load(actor)
    name = text(sent, "name", longest=255) or present.label
    metadata = metadata_of(sent)
    with _external_ids(actor):
        external_id = text(sent, "external_id", longest=LONGEST_EXTERNAL)
        _check_free(actor, external_id, here)
        if name != present.label or metadata:
            _save(actor, name, metadata)
        values = {"external_id": external_id or None} if "external_id" in sent else {}
        public_ids.change(store, realm, here, **values)


def metadata_of(sent: Mapping[str, Any]) -> dict[str, str]:
    """Texts by key; an empty one takes the key away. Raises `Invalid`."""
    found = sent.get("metadata")
    if found is None:
        return {}
    if not isinstance(found, dict) or len(found) > MOST_KEYS:
        raise Invalid({"metadata": _("Send an object of at most %(most)d texts.", most=MOST_KEYS)})
    for key, value in found.items():
        if not (value is None or isinstance(value, str)) or len(key) > LONGEST_KEY or len(value or "") > LONGEST_VALUE:
            raise Invalid({f"metadata.{key[:LONGEST_KEY]}": "error-invalid-value"})
    return {key: value or "" for key, value in found.items()}


def _save(actor: Actor, name: str, metadata: Mapping[str, str]) -> None:
    if details.save(actor, _form(of(details.load(actor)), name, metadata)).clashes:
        raise Conflict


def _form(present: Details, name: str, metadata: Mapping[str, str]) -> Details:
    """As the page of the details sends it, and judged by the same rules. Raises `Invalid`."""
    rows = [row for row in present.rows if row.key not in metadata]
    rows += [Row(key, value) for key, value in metadata.items() if value]
    form = checked(Details(name, present.url, tuple(rows), present.shown))
    errors = {f"metadata.{row.key}": row.error for row in form.rows if row.error}
    errors |= {_FIELDS.get(field, field): said for field, said in form.errors.items()}
    if errors:
        raise Invalid(errors)
    return form


def remove(actor: Actor) -> None:
    """Delete the organization of the request."""
    end(actor)
