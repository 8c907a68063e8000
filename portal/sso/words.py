"""States of connections in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.sso.actions import ATTENTION, FOREIGN, GONE, SOON, TESTING, Shown
from portal.sso.adopting import Prospect
from portal.sso.effects import Effect
from portal.store.connections import ACTIVE, DISABLED, DRAFT

# Accounts named on a page.
MOST_SHOWN = 50


@dataclass(frozen=True)
class Told:
    """Something to show: `kind` is that of a banner or badge."""

    kind: str
    title: str
    text: str = ""
    icon: str = ""


def badge(shown: Shown) -> Told:
    """A state in two or three words."""
    if shown.state == FOREIGN:
        return Told("", _("Enabled") if shown.enabled else _("Disabled"))
    badges = {
        DRAFT: Told("warn", _("Draft"), icon="pencil"),
        TESTING: Told("warn", _("Being tested"), icon="clock"),
        ACTIVE: Told("ok", _("Active"), icon="check"),
        DISABLED: Told("", _("Disabled"), icon="minus"),
        ATTENTION: Told("bad", _("Needs attention"), icon="alert"),
        GONE: Told("bad", _("Gone from Keycloak"), icon="alert"),
    }
    return badges[shown.state]


def situation(shown: Shown) -> Told | None:
    """What is true of it until somebody acts; None where the badge says it all."""
    if shown.state == GONE:
        return Told("bad", _("Somebody deleted this connection in Keycloak"), _(
            "Nobody can sign in by it. Delete it here too, and set it up again if it is still needed."))  # fmt: skip
    if shown.state == FOREIGN:
        return Told("note", _("This connection was made outside the portal"), _(
            "It is shown as Keycloak holds it. The portal has not tested it and does not watch it. It can be brought "
            "under the portal’s rules, or deleted."))  # fmt: skip
    if shown.changed_outside:
        return Told("bad", _("This connection was changed outside the portal"), _(
            "It no longer is what was tested. Disable it, test it and enable it again."))  # fmt: skip
    if shown.state in {DRAFT, TESTING}:
        return Told("note", _("Nobody can sign in by this draft yet"), _(
            "It is open to test sign-ins alone. Once a test has passed it can be activated."))  # fmt: skip
    return _certificate(shown)


def _certificate(shown: Shown) -> Told | None:
    left = shown.days_left
    if left is None or left >= SOON:
        return None
    if left < 0:
        text = _("Sign-ins fail until a new one is entered.")
        return Told("bad", _("The certificate of the identity provider has ended"), text)
    title = ngettext("The certificate ends in %(num)d day", "The certificate ends in %(num)d days", left)
    return Told("warn", title, _("Without a new one nobody can sign in after that day."))


def affected(found: Effect) -> list[str]:
    """Whom it touches when this connection signs nobody in."""
    said = [people(found.people)]
    if found.domains:
        said.append(_("Addresses of %(domains)s no longer lead there.", domains=", ".join(found.domains)))
    if found.stranded:
        names = ", ".join(each.label for each in found.stranded)
        said.append(_("These administrators have no other way in: %(names)s.", names=names))
    return said


def kept_out(found: Prospect) -> list[str]:
    """Whose next sign-in would be refused."""
    if not found.refused:
        return [_("Everybody who signs in by it now has an address of a verified domain: nobody would be refused.")]
    shown = ", ".join(each.email or each.username for each in found.refused[:MOST_SHOWN])
    count, more = len(found.refused), len(found.refused) - MOST_SHOWN
    said = [ngettext(
        "%(num)d of %(people)d accounts has no address of a verified domain and would be refused at the next sign-in: "
        "%(shown)s",
        "%(num)d of %(people)d accounts have no address of a verified domain and would be refused at the next "
        "sign-in: %(shown)s", count, people=found.people, shown=shown,
    )]  # fmt: skip
    return [*said, ngettext("%(num)d more.", "%(num)d more.", more)] if more > 0 else said


def adopted() -> list[str]:
    """What changes, and what does not."""
    return [
        _("From then on each sign-in by it is let in only with an address of a verified domain, and the portal watches "
          "its metadata and certificates."),
        _("Its addresses, keys, mappers and links stay as they are, and so does whether it is enabled."),
    ]  # fmt: skip


def people(count: int) -> str:
    """How many come through it."""
    if not count:
        return _("Nobody has signed in by it yet.")
    return ngettext(
        "%(num)d person signs in by it; the account stays, but needs another way in.",
        "%(num)d people sign in by it; their accounts stay, but need another way in.", count,
    )  # fmt: skip
