"""Which domain names an organization may claim: one parser, one reason for each refusal."""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

import idna
from flask_babel import gettext as _
from publicsuffixlist import PublicSuffixList

from portal.domains.records import PREFIX
from portal.domains.scripts import deceptive
from portal.errors import Invalid

# 253 characters are the limit of a name (RFC 1035 in text); the name of the record must fit as well.
LONGEST = 253 - len(PREFIX) - 1
_AROUND = " \t\r\n<>\"',;"
_PORT = re.compile(r":[0-9]*$")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# RFC 6761, 6762, 7686, 8375, 9476 and ICANN's `internal`; example.com and its like are for documentation alone.
_SPECIAL = frozenset(
    ("localhost", "local", "internal", "invalid", "example", "test", "onion", "alt", "arpa",
     "example.com", "example.net", "example.org")
)  # fmt: skip
# Never delegated, and in use inside companies.
_INNER = frozenset(("corp", "home", "intranet", "lan", "localdomain", "private"))


@dataclass(frozen=True)
class DomainName:
    """A domain in its two forms: `ascii` is what DNS and Keycloak hold (lower case, punycode), `unicode` is to read."""

    ascii: str
    unicode: str

    @property
    def is_idn(self) -> bool:
        """Whether the two forms differ, so that both are to be shown."""
        return self.ascii != self.unicode


def parse(text: str, *, own_hosts: Iterable[str] = (), allow_test: bool = False) -> DomainName:
    """The domain that somebody typed or pasted, also out of a web or e-mail address.

    `own_hosts` are the hosts of portal and Keycloak; `allow_test` opens names below `.test`.
    Raises `Invalid` with one sentence for the field `domain`.
    """
    name = _encoded(_extracted(text))
    _check_place(name.ascii, allow_test=allow_test)
    _check_owner(name.ascii, own_hosts)
    if deceptive(name.unicode):
        raise _refused(_("This name mixes letters of different scripts or imitates other letters."))
    return name


def registrable(name: str) -> str:
    """The domain somebody registered of which `name` is a part: `example.co.uk` of `mail.example.co.uk`."""
    return str(suffixes().privatesuffix(name) or name)


def known(ascii_: str) -> DomainName:
    """A name that is kept already, with what it reads like; as it is if it cannot be decoded."""
    try:
        return DomainName(ascii_, idna.decode(ascii_))
    except (idna.IDNAError, UnicodeError):
        return DomainName(ascii_, ascii_)


def _refused(reason: str) -> Invalid:
    return Invalid({"domain": reason})


def _extracted(text: str) -> str:
    """The host of a web address, what follows the @ of an e-mail address, or the text itself."""
    scheme, found, rest = text.strip(_AROUND).partition("://")
    host = re.split(r"[/?#\\]", rest if found else scheme.removeprefix("//"), maxsplit=1)[0]
    host = host.rpartition("@")[2].strip(_AROUND)
    if _is_address(host):
        raise _refused(_("This is an IP address. Enter a domain name like company.com."))
    host = _PORT.sub("", host).removesuffix(".")
    # Who pastes the address of a web site means the domain it is in.
    return re.sub(r"^www\.(?=[^.]+\.)", "", host, flags=re.IGNORECASE) if found else host


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return host.startswith("[")
    return True


def _encoded(host: str) -> DomainName:
    if not host:
        raise _refused(_("Enter a domain name like company.com."))
    if len(host) > 253:
        raise _refused(_too_long())
    if "_" in host:
        raise _refused(_("A domain name has no underscore (_). Enter the domain itself, without the record's name."))
    try:
        ascii_ = idna.encode(host, uts46=True, std3_rules=True).decode()
        name = DomainName(ascii_, idna.decode(ascii_))
    except (idna.IDNAError, UnicodeError) as error:
        raise _refused(_malformed(host)) from error
    if ascii_.endswith("."):
        raise _refused(_malformed(ascii_))
    if len(ascii_) > LONGEST:
        raise _refused(_too_long())
    return name


def _too_long() -> str:
    return _("This name is too long: %(most)d characters are the limit.", most=LONGEST)


def _malformed(host: str) -> str:
    labels = [label.lower() for label in host.split(".")]
    if any(not label for label in labels):
        return _("There is nothing between two dots, or the name begins or ends with one.")
    if any(_length(label) > 63 for label in labels):
        return _("A part between two dots is too long: 63 characters are the limit.")
    if any(label.startswith("xn--") for label in labels):
        return _("The part that begins with xn-- is not a valid encoded name.")
    return _("A domain name holds letters, digits, hyphens inside its parts, and dots between them.")


def _length(label: str) -> int:
    return len(label) if label.isascii() else len(f"xn--{label.encode('punycode').decode()}")


def _check_place(name: str, *, allow_test: bool) -> None:
    """Refuse what is no place on the internet of its own."""
    labels = name.split(".")
    special = _SPECIAL - {"test"} if allow_test else _SPECIAL
    if any(_within(name, each) for each in special):
        raise _refused(_("This name is reserved for special use and belongs to nobody."))
    if labels[-1] in _INNER:
        raise _refused(_("Names that end in .%(ending)s exist only inside a network.", ending=labels[-1]))
    if _NUMBER.fullmatch(labels[-1]):
        raise _refused(_("This is an IP address. Enter a domain name like company.com."))
    if len(labels) == 1:
        raise _refused(_("The ending is missing. Enter a domain name like company.com."))
    if suffixes().publicsuffix(name) == name:
        raise _refused(_("Under %(name)s everybody can register names. Enter your own.", name=name))


def _check_owner(name: str, own_hosts: Iterable[str]) -> None:
    """Refuse what is known to belong to somebody else."""
    if any(_within(name, each) for each in mail_providers()):
        raise _refused(_("This is a public mail provider. Enter a domain that belongs to your organization."))
    if any(_within(name, host.lower()) or _within(host.lower(), name) for host in own_hosts):
        raise _refused(_("This domain belongs to the service itself."))


def _within(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain}")


@functools.cache
def suffixes() -> PublicSuffixList:
    """The list of public suffixes as shipped with its library; nothing is fetched."""
    return PublicSuffixList()


@functools.cache
def mail_providers() -> frozenset[str]:
    """Domains under which anybody gets a mailbox."""
    lines = files("portal.domains").joinpath("mail_providers.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))
