"""Six-digit codes, mailed to the contact of a token: for another browser, and to prove anew that it is he."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import update

from portal.errors import Conflict, Invalid, NotFound
from portal.links.code_letter import letter
from portal.mail.outbox import enqueue
from portal.services import Services
from portal.store import links, now
from portal.store.counters import hit
from portal.store.leases import count
from portal.store.models_links import LinkToken, SetupLink

LIFE, TRIES = timedelta(minutes=10), 5
MAILS, HOUR = 5, 3600


def send(services: Services, link: SetupLink, token: LinkToken) -> None:
    """Mail a new code to the contact; the one before is worth nothing any more.

    Raises `NotFound` for a token without a contact, `TooMany` beyond five mails an hour.
    """
    if not token.contact:
        raise NotFound("nobody to mail a code to")
    hit(services.store, f"setup link codes {token.token}", MAILS, HOUR)
    code = f"{secrets.randbelow(10**6):06d}"
    values = {"code": _hashed(services, token.token, code), "code_until": now() + LIFE, "code_tries": 0}
    with services.store.write() as session:
        session.execute(update(LinkToken).where(LinkToken.token == token.token).values(**values))
    made = letter(services, link, code, minutes=int(LIFE.total_seconds()) // 60)
    enqueue(services, link.realm, token.contact, made, organization=link.organization, about=link.id)


def check(services: Services, token_hash: str, code: str) -> None:
    """Use a code up. Raises `Invalid` for the field `code`; five wrong ones end it."""
    given = "".join(letter for letter in code if letter.isdigit())
    tried = update(LinkToken).where(
        LinkToken.token == token_hash, LinkToken.code_until > now(), LinkToken.code_tries < TRIES, LinkToken.code != ""
    )
    with services.store.write() as session:
        counted = count(session.execute(tried.values(code_tries=LinkToken.code_tries + 1))) == 1
        row = session.get(LinkToken, token_hash)
        right = counted and row and hmac.compare_digest(row.code, _hashed(services, token_hash, given))
        if right:
            session.execute(update(LinkToken).where(LinkToken.token == token_hash).values(code="", code_until=None))
    if not right:
        raise Invalid({"code": _("This is not the code, or it is too old. Ask for a new one.")})


def _hashed(services: Services, token_hash: str, code: str) -> str:
    return hmac.new(services.form_key.encode(), f"{token_hash} {code}".encode(), hashlib.sha256).hexdigest()


def token_of(services: Services, token_hash: str) -> tuple[SetupLink, LinkToken]:
    """The link and the token behind a guest's session. Raises `Conflict` once a newer mail has replaced it."""
    found = links.by_token(services.store, token_hash)
    if found is None:
        raise Conflict(_("A newer link was sent in the meantime. Open that one."))
    return found


def hidden(contact: str) -> str:
    """An address as somebody may see it who has only the link: `i•••@example.com`."""
    local, _at, domain = contact.rpartition("@")
    return f"{local[:1]}•••@{domain}" if domain else ""
