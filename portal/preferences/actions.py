"""Keeping a person's theme and language."""

from __future__ import annotations

import structlog
from sqlalchemy import delete

from portal.actor import Actor
from portal.errors import Denied, Invalid, NotFound
from portal.store.models import Preference

THEMES = ("system", "light", "dark")
log = structlog.get_logger("portal.preferences")


def keep(actor: Actor, key: str, value: str) -> None:
    """Store one choice of the actor."""
    with actor.services.store.write() as transaction:
        transaction.merge(Preference(realm=actor.realm.name, sub=actor.sub, key=key, value=value))


def kept(actor: Actor, key: str) -> str:
    """One choice of the actor, or an empty string."""
    with actor.services.store.read() as transaction:
        row = transaction.get(Preference, (actor.realm.name, actor.sub, key))
    return row.value if row else ""


def drop(actor: Actor, key: str) -> None:
    """Forget one choice of the actor."""
    mine = delete(Preference).where(
        Preference.realm == actor.realm.name, Preference.sub == actor.sub, Preference.key == key
    )
    with actor.services.store.write() as transaction:
        transaction.execute(mine)


def set_language(actor: Actor, tag: str) -> None:
    """Store the language in the account (attribute `locale`), so that Keycloak's pages and mails follow.

    Where the account cannot keep it (no right to change it, no languages in the realm), the portal does.
    """
    keep(actor, "locale", tag)
    if not actor.services.realm_facts(actor.realm.name).internationalization:
        return
    try:
        profile = actor.account.profile()
        if profile.value("locale") != tag:
            actor.account.save_profile(profile.with_values({"locale": [tag]}))
    except (Denied, Invalid, NotFound) as error:
        log.info("language kept in the portal only", reason=str(error), request_id=actor.request_id)
