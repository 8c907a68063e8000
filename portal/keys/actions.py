"""Making, listing, revoking and adopting the keys of a realm."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _

from portal.access_grant import holder_of_all, own_standing
from portal.actor import Actor
from portal.audit import audited
from portal.errors import Conflict, Denied, Invalid, NotFound
from portal.keys import owners
from portal.keys.authenticate import SHOWN, digest, new_key
from portal.keys.scopes import givable, label
from portal.standing import ID, NAME
from portal.store import keys, now
from portal.store.models_keys import ApiKey

TAG = "keys.manage"
MOST = 200


@dataclass(frozen=True)
class Wanted:
    """What a key is to be. `id` names the form it was asked for with; `owner` is whose rights bound it."""

    id: str
    name: str
    scopes: tuple[str, ...]
    days: int
    organizations: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()


def listed(actor: Actor) -> list[ApiKey]:
    """All keys that are not revoked, newest first, with what their owners may by now."""
    found = keys.of_realm(actor.services.store, actor.realm.name)
    return [owners.present(actor.services, row) if row.expires > now() else row for row in found]


def find(actor: Actor, key_id: str) -> ApiKey:
    """One of them. Raises `NotFound`."""
    row = keys.get(actor.services.store, actor.realm.name, key_id)
    if row is None:
        raise NotFound("no such key")
    return row


def create(actor: Actor, wanted: Wanted, owner: tuple[str, str] = ("", "")) -> tuple[ApiKey, str]:
    """Make a key; returns it with the secret, which nobody can read again.

    `owner` (id, name) is somebody else's, for the command line. Raises `Invalid` by field, `Conflict` if the same form
    made one already.
    """
    _check_scopes(actor, wanted.scopes)
    if len(keys.of_realm(actor.services.store, actor.realm.name)) >= MOST:
        raise Invalid(form=[_("A realm can have %(most)d keys. Revoke some that nobody uses.", most=MOST)])
    organizations = resolved(actor, wanted.organizations)
    secret, row_owner = new_key(), owner if owner[0] else (actor.sub, actor.label)
    row = _row(actor, wanted, secret, row_owner, organizations)
    about = {
        "deed": "create", "name": row.name, "scopes": row.scopes, "organizations": len(organizations),
        "networks": row.networks, "expires": row.expires.isoformat(), "owner": row.owner,
    }  # fmt: skip
    with audited(actor, TAG, row.id, {}, about):
        keys.insert(actor.services.store, row)
    return row, secret


def _check_scopes(actor: Actor, scopes: Iterable[str]) -> None:
    refused = [scope for scope in scopes if not givable(scope, actor.facts)]
    if refused:
        names = ", ".join(label(scope) for scope in refused)
        raise Invalid(
            {"scopes": _("You may not do this yourself, so a key of yours cannot either: %(what)s", what=names)}
        )


def _row(
    actor: Actor, wanted: Wanted, secret: str, owner: tuple[str, str], organizations: list[str]
) -> ApiKey:  # fmt: skip
    return ApiKey(
        id=wanted.id, realm=actor.realm.name, hash=digest(secret), shown=secret[:SHOWN], name=wanted.name,
        scopes=sorted(wanted.scopes), organizations=organizations, networks=list(wanted.networks), owner=owner[0],
        owner_name=owner[1][:255], roles=[], roles_at=0.0, created=now(), created_by_name=actor.label[:255],
        expires=now() + timedelta(days=wanted.days), last_used=None, suspended=None, reason="", revoked=None,
    )  # fmt: skip


def owner(actor: Actor, reference: str) -> tuple[str, str]:
    """Id and name of the operator with this id or email address. Raises `Invalid` for one who could make no keys."""
    services, granted = actor.services, own_standing(actor.realm.name, reference)
    try:
        found = (
            [services.admin.person(granted, reference)]
            if ID.fullmatch(reference)
            else (services.admin.at(granted, reference))
        )
    except NotFound:
        found = []
    if len(found) != 1 or not found[0].enabled:
        raise Invalid({"owner": _("There is no account with this ID or email address that could own a key.")})
    roles = services.admin.realm_roles(own_standing(actor.realm.name, found[0].id), found[0].id)
    if not roles >= owners.MAKER:
        raise Invalid({"owner": _("The owner of a key needs the role manage-realm of this realm.")})
    return found[0].id, found[0].label


def resolved(actor: Actor, references: Iterable[str]) -> list[str]:
    """The ids of organizations named by id or name. Raises `Invalid` for the field `organizations`."""
    orgs = actor.services.orgs.reaching(holder_of_all(actor.realm.name, f"{actor.kind}:{actor.sub}"))
    found, unknown = set(), []
    for reference in references:
        try:
            by_id = ID.fullmatch(reference)
            if not by_id and not NAME.fullmatch(reference):
                raise NotFound(reference)
            found.add((orgs.organization(reference) if by_id else orgs.named(reference)).id)
        except (NotFound, Denied):
            unknown.append(reference)
    if unknown:
        raise Invalid({"organizations": _("There is no such organization: %(what)s", what=", ".join(unknown))})
    return sorted(found)


def revoke(actor: Actor, key_id: str) -> ApiKey:
    """End a key; the next request with it is refused. Raises `NotFound`."""
    row = find(actor, key_id)
    with audited(actor, TAG, row.id, {"name": row.name}, {"deed": "revoke"}):
        if not keys.change(actor.services.store, row, revoked=now()):
            raise NotFound("revoked already")
    return row


def adopt(actor: Actor, key_id: str) -> ApiKey:
    """Make the actor the owner of a suspended key, which works again with his rights. Raises `Conflict`, `Invalid`."""
    row = find(actor, key_id)
    if not row.suspended:
        raise Conflict(_("This key works; there is nothing to adopt."))
    _check_scopes(actor, row.scopes)
    with audited(actor, TAG, row.id, {"name": row.name, "owner": row.owner}, {"deed": "adopt", "owner": actor.sub}):
        keys.change(
            actor.services.store, row, owner=actor.sub, owner_name=actor.label[:255], suspended=None, reason="",
            roles=[], roles_at=0.0,
        )  # fmt: skip
    return row
