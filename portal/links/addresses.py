"""Where a guest returns to and where a finished set-up leads: checked when a link is made, and when it is used."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from portal.errors import Invalid
from portal.return_addresses import allowed, origin_of, return_default, success_address
from portal.services import Services
from portal.store.models_links import SetupLink


def check(attributes: Mapping[str, str], addresses: Mapping[str, str], *, loopback: bool) -> None:
    """Raise `Invalid` unless the realm has a return address and each of `addresses` (by field) may be used."""
    if return_default(attributes, loopback=loopback) is None:
        text = _("Set a return address first, under Return and links: people must find their way back from a link.")
        raise Invalid(form=[text])
    errors = {name: _refusal(attributes, url, loopback=loopback) for name, url in addresses.items() if url}
    if found := {name: said for name, said in errors.items() if said}:
        raise Invalid(found)


def _refusal(attributes: Mapping[str, str], url: str, *, loopback: bool) -> str:
    if allowed(attributes, url, loopback=loopback):
        return ""
    if origin_of(url, loopback=loopback):
        return _("The origin of this address is not on the list of applications that people may return to.")
    if url.lower().startswith("http://"):
        return _("A return address must use https.")
    return _("This is not a complete address that begins with https://.")


def return_link(services: Services, link: SetupLink) -> dict[str, str] | None:
    """Where the button leads, with the application's name: the link's own address, else the realm's default."""
    attributes, loopback = services.realm_facts(link.realm).attributes, services.settings.loopback
    own = allowed(attributes, link.return_url, loopback=loopback) if link.return_url else None
    return own or return_default(attributes, loopback=loopback)


def after(services: Services, link: SetupLink, intent: str) -> dict[str, str] | None:
    """Where a finished set-up of an intent leads, with the name of the application there: the first that may be used
    of the link's success address, its return address, the intent's success address, the realm's default."""
    attributes, loopback = services.realm_facts(link.realm).attributes, services.settings.loopback
    usual = success_address(attributes, intent, loopback=loopback)
    found = (
        allowed(attributes, each, loopback=loopback) for each in (link.success_url, link.return_url, usual) if each
    )
    return next((each for each in found if each), None) or return_default(attributes, loopback=loopback)
