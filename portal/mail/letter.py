"""From words to a mail: headers, a text part and its HTML twin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

import idna
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from portal.errors import Invalid
from portal.mail.texts import LONGEST_NAME, one_line, plain, texts
from portal.settings_mail import MailSettings
from portal.styles.branding import Brand
from portal.styles.contrast import palettes

_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,253}")
LONGEST_QUOTE = 2000


@dataclass(frozen=True)
class Logo:
    """A picture to put into a mail, and whose it is."""

    name: str
    content_type: str
    body: bytes


@dataclass(frozen=True)
class Letter:
    """What a mail says, in the language `locale`. Names that people chose come through `portal.mail.texts.plain`.

    `reason` tells why the recipient gets it. `button` is a label and an address, `facts` are labels with values,
    `quote` is somebody's own words. `closing` stands below the button. `look` is what the organization it is about,
    `wearer`, says of its look.
    """

    locale: str
    subject: str
    paragraphs: tuple[str, ...]
    reason: str
    button: tuple[str, str] | None = None
    facts: tuple[tuple[str, str], ...] = ()
    quote: str = ""
    closing: tuple[str, ...] = ()
    wearer: str = ""
    look: Mapping[str, str] = field(default_factory=dict)


def compose(mail: MailSettings, brand: Brand, recipient: str, letter: Letter, logo: Logo | None = None) -> EmailMessage:
    """The mail as it will be sent, with the logo of the organization it is about.

    Raises `Invalid` for an address that cannot be one.
    """
    address = mailbox(recipient)
    # This policy raises on line breaks in a header, whatever came this far.
    message = EmailMessage(policy=SMTP if address.isascii() else SMTPUTF8)
    name = one_line(mail.sender_name or brand.name)[:LONGEST_NAME]
    message["From"] = Address(name, addr_spec=mail.sender)
    local, _, domain = address.rpartition("@")
    message["To"] = Address("", local, domain)
    message["Subject"] = one_line(letter.subject)
    message["Date"] = format_datetime(datetime.now(UTC))
    # Answering machines leave it alone (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    words = {**_words(brand, letter), "logo": one_line(logo.name) if logo else ""}
    message.set_content(_rendered("letter.txt", words), cte="quoted-printable")
    message.add_alternative(_rendered("letter.html", words), subtype="html", cte="quoted-printable")
    if logo:
        _bring(message, logo)
    message["Content-Language"] = words["letter"].locale
    return message


def _bring(message: EmailMessage, logo: Logo) -> None:
    """Put the picture beside the HTML part, which names it by its id (RFC 2392)."""
    kind, _, subtype = logo.content_type.partition("/")
    part = next(each for each in message.iter_parts() if each.get_content_type() == "text/html")
    part.add_related(logo.body, kind, subtype, cid="<logo>", disposition="inline")


def mailbox(address: str) -> str:
    """The address as it goes to the server, its domain in ASCII. Raises `Invalid`."""
    local, _, domain = address.strip().rpartition("@")
    try:
        found = f"{local}@{idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError as error:
        raise Invalid({"email": "error-invalid-email"}) from error
    if not _ADDRESS.fullmatch(found) or one_line(found) != found:
        raise Invalid({"email": "error-invalid-email"})
    return found


def _words(brand: Brand, letter: Letter) -> dict[str, Any]:
    quote = [plain(line, LONGEST_QUOTE) for line in letter.quote[:LONGEST_QUOTE].splitlines()]
    return {"letter": _tidy(letter), "brand": one_line(brand.name), "quote": quote, "sheet": _sheet(brand)}


def _tidy(letter: Letter) -> Letter:
    """No value begins a line of its own in the text part, where it could pass for the portal's words."""
    return replace(
        letter, locale=texts(letter.locale).locale, subject=one_line(letter.subject), reason=one_line(letter.reason),
        paragraphs=tuple(map(one_line, letter.paragraphs)), closing=tuple(map(one_line, letter.closing)),
        facts=tuple((one_line(label), one_line(value)) for label, value in letter.facts),
    )  # fmt: skip


def _sheet(brand: Brand) -> Markup:
    """The style of the mail. The portal's own sheet cannot be used: mail programs fetch none."""
    return _coloured(brand.primary, brand.secondary, brand.accent)


@lru_cache(maxsize=64)
def _coloured(primary: str | None, secondary: str | None, accent: str | None) -> Markup:
    light, dark = palettes(Brand("", primary, secondary, accent))
    colours = {"FILL": light.primary.hex, "LETTERING": light.on_primary.hex}
    night = {"NIGHT_FILL": dark.primary.hex, "NIGHT_LETTERING": dark.on_primary.hex}
    text = _environment("en").get_template("mail/letter.css").render({**colours, **night})
    return Markup("<style>\n{}</style>").format(Markup(text))  # noqa: S704 - ours, with four checked colours


def _rendered(name: str, words: dict[str, Any]) -> str:
    return _environment(words["letter"].locale).get_template(f"mail/{name}").render(words)


@lru_cache
def _environment(locale: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("portal"), autoescape=select_autoescape(default_for_string=True),
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"],
    )  # fmt: skip
    spoken = texts(locale)
    environment.install_gettext_callables(spoken, spoken.ngettext, newstyle=True)  # type: ignore[attr-defined]
    return environment
