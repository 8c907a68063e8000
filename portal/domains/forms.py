"""The form to add a domain."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from wtforms import Field, StringField, ValidationError

from portal.actor import Actor
from portal.domains.names import DomainName, parse
from portal.errors import Invalid
from portal.forms import BaseForm


def read(actor: Actor, text: str) -> DomainName:
    """The name that was typed. Raises `Invalid` with the reason for the field `domain`."""
    settings, realm = actor.services.settings, actor.realm
    hosts = {urlsplit(url).hostname or "" for url in (settings.public_url, realm.keycloak_url)}
    return parse(text, own_hosts=hosts, allow_test=settings.loopback)


class DomainForm(BaseForm):
    """One field; `name` is what it holds once it is valid."""

    domain = StringField()

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._actor = actor
        self.name: DomainName | None = None

    def validate_domain(self, field: Field) -> None:
        """Refuse what nobody can own, with the reason."""
        try:
            self.name = read(self._actor, str(field.data or ""))
        except Invalid as error:
            raise ValidationError(error.errors["domain"]) from error
