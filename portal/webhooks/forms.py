"""What an operator enters about a webhook, and the checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches

from flask_babel import gettext as _

from portal.actor import Actor
from portal.clients.outbound import check
from portal.errors import Denied, Invalid, NotFound, Upstream
from portal.mail.letter import mailbox
from portal.standing import ID, NAME
from portal.store.models_webhooks import Webhook
from portal.webhooks.kinds import GROUPS
from portal.webhooks.sending import policy_of
from portal.webhooks.single import by_group, is_kind

LONGEST_NAME, LONGEST_URL, MOST_ORGANIZATIONS = 100, 2000, 50


@dataclass(frozen=True)
class Entry:
    """What is entered, and what is wrong with it by field. `found` is names of organizations by id.

    `organizations` and `kinds` are one to a line.
    """

    name: str = ""
    url: str = ""
    organizations: str = ""
    groups: tuple[str, ...] = ()
    kinds: str = ""
    contact: str = ""
    found: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def values(self) -> dict[str, object]:
        """As columns of the table."""
        return {
            "name": self.name, "url": self.url, "organizations": dict(self.found), "contact": self.contact,
            "groups": [*self.groups, *self.kinds.splitlines()],
        }  # fmt: skip


def of(row: Webhook) -> Entry:
    """What stands there."""
    names = "\n".join(name or id_ for id_, name in row.organizations.items())
    return Entry(row.name, row.url, names, groups_of(row), "\n".join(kinds_of(row)), row.contact, row.organizations)


def groups_of(row: Webhook) -> tuple[str, ...]:
    """Whole groups that it wants."""
    return tuple(each for each in row.groups if each in GROUPS)


def kinds_of(row: Webhook) -> tuple[str, ...]:
    """Single kinds that it wants."""
    return tuple(each for each in row.groups if each not in GROUPS)


def entered(actor: Actor, form: Mapping[str, str], groups: list[str]) -> Entry:
    """What somebody entered, with what is wrong. The address is resolved, not called; organizations are looked up."""
    texts = {name: form.get(name, "").strip() for name in ("name", "url", "contact")}
    lines, kinds = _lines(form.get("organizations", "")), _lines(form.get("kinds", ""))
    chosen = tuple(group for group in GROUPS if group in groups)
    entry = Entry(texts["name"], texts["url"], "\n".join(lines), chosen, "\n".join(kinds), texts["contact"])
    found, wrong = _organizations(actor, lines)
    said = {
        "name": _name_error(entry.name), "url": _address_error(actor, entry.url), "contact": _contact_error(entry),
        "organizations": wrong, "kinds": _kinds_error(kinds),
    }  # fmt: skip
    return replace(entry, found=found, errors={key: text for key, text in said.items() if text})


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def _kinds_error(kinds: list[str]) -> str:
    unknown = [kind for kind in kinds if not is_kind(kind)]
    if not unknown:
        return ""
    near = get_close_matches(unknown[0], [kind for some in by_group().values() for kind in some], 3, 0.4)
    said = _("There is no kind “%(name)s”.", name=unknown[0][:80])
    return f"{said} {_('Is one of these meant: %(names)s?', names=', '.join(near))}" if near else said


def _name_error(name: str) -> str:
    if not name:
        return _("Give it a name by which you find it again.")
    return _("At most %(most)d letters.", most=LONGEST_NAME) if len(name) > LONGEST_NAME else ""


def _address_error(actor: Actor, url: str) -> str:
    try:
        if len(url) > LONGEST_URL:
            return _("This address is too long.")
        check(url, policy_of(actor.services))
    except Invalid:
        return _("This address cannot be used. It must be a public https address.")
    except Upstream:
        return _("The name in this address cannot be found at present. Try again in a moment.")
    return ""


def _contact_error(entry: Entry) -> str:
    try:
        mailbox(entry.contact)
    except Invalid:
        return _("Enter an email address.")
    return ""


def _organizations(actor: Actor, lines: list[str]) -> tuple[dict[str, str], str]:
    if len(lines) > MOST_ORGANIZATIONS:
        return {}, _("At most %(most)d organizations can be listed.", most=MOST_ORGANIZATIONS)
    found = {}
    for line in lines:
        try:
            if not (ID.fullmatch(line) or NAME.fullmatch(line)):
                raise NotFound(line)
            each = actor.orgs.organization(line) if ID.fullmatch(line) else actor.orgs.named(line)
        except (NotFound, Denied):
            return {}, _("There is no organization “%(name)s”.", name=line[:80])
        found[each.id] = each.name
    return found, ""


def moment(text: str) -> datetime:
    """A moment that has come, naive UTC; without a zone it is in UTC. Raises `ValueError` for what is none."""
    found = datetime.fromisoformat(text)
    if not 1900 < found.year < 9000:
        raise ValueError(text)  # too near the ends of what a zone can be taken from
    found = (found - (found.utcoffset() or timedelta())).replace(tzinfo=None)
    if found > datetime.now(UTC).replace(tzinfo=None) + timedelta(minutes=1):
        raise ValueError(text)
    return found


def since(form: Mapping[str, str]) -> datetime:
    """The moment from which to send again, naive UTC: `day` and `time` of a form. Raises `Invalid`."""
    try:
        text = f"{form.get('day', '').strip()}T{form.get('time', '').strip() or '00:00'}"
        found = datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise Invalid({"day": _("Write the day as 2026-11-30 and the time as 14:30.")}) from None
    if found > datetime.now(UTC).replace(tzinfo=None) + timedelta(minutes=1):
        raise Invalid({"day": _("This moment is still to come.")})
    return found
