"""Where each DNS provider has its form for a TXT record, and what its name field wants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext

_ = lazy_gettext


@dataclass(frozen=True)
class Provider:
    """One provider. `key` is that of `portal.clients.dns_providers`; `where` leads to the form.

    `full`: its name field wants the whole name; others put the zone behind what is typed. `note` is worth knowing.
    """

    key: str
    name: str
    where: Any
    note: Any = ""
    full: bool = False

    def name_field(self, record_name: str, zone: str) -> str:
        """What to type into the name field for a record in this zone (the domain itself, if unknown)."""
        return record_name if self.full else record_name.removesuffix(f".{zone}")


_APPENDED = _("The name field takes the part before your domain; the domain is put behind it.")
_WHOLE = _("The name field takes the whole name, with your domain at its end.")
_QUOTES = _("Put the value between double quotes.")
_EITHER = _("The whole name is understood too.")

PROVIDERS = (
    Provider("akamai", "Akamai (Linode)", _("Open Domains, choose yours, then Add a TXT record.")),
    Provider("all-inkl", "ALL-INKL", _("In KAS open Tools, DNS settings, your domain, then Create new DNS entry.")),
    Provider("azure", "Azure DNS", _("Open the DNS zone, then Recordsets, Add, type TXT.")),
    Provider("bluehost", "Bluehost / HostGator", _("Open Domains, your domain, DNS, then Add record.")),
    Provider("cloudflare", "Cloudflare", _("Choose your domain, then DNS, Records, Add record."), _EITHER),
    Provider("digitalocean", "DigitalOcean", _("Open Networking, Domains, your domain, then TXT.")),
    Provider("dnsimple", "DNSimple", _("Open your domain, DNS, Record editor, then Add a TXT record.")),
    Provider("dreamhost", "DreamHost", _("Open Manage Websites or Domains, DNS settings, then Add record.")),
    Provider("gandi", "Gandi", _("Open Domain, your domain, DNS Records, then Add.")),
    Provider("godaddy", "GoDaddy", _("Open your domain, DNS, then Add New Record.")),
    Provider("google", "Google Cloud DNS / Squarespace", _("Open the zone or domain, its DNS records, then add one.")),
    Provider("hetzner", "Hetzner", _("Open DNS, your zone, Records, then Add record.")),
    Provider("hostinger", "Hostinger", _("Open Domains, Manage, DNS / Nameservers, then add a record.")),
    Provider("hurricane", "Hurricane Electric", _("Open Edit zone for your domain, then New TXT."), "", full=True),
    Provider("infomaniak", "Infomaniak", _("Open your domain, DNS zone, then Add a record.")),
    Provider("inwx", "INWX", _("Open Nameservers, your domain, then add a record.")),
    Provider("ionos", "IONOS", _("Open Domains & SSL, your domain, DNS, then Add record, TXT.")),
    Provider("namecheap", "Namecheap", _("Open Domain List, Manage, Advanced DNS, then Add New Record.")),
    Provider("netcup", "netcup", _("In the customer control panel open Domains, your domain, DNS.")),
    Provider("one", "one.com", _("Open Advanced settings, DNS settings, DNS records, then TXT.")),
    Provider("ovh", "OVHcloud", _("Open Domain names, your domain, DNS zone, then Add an entry, TXT.")),
    Provider("porkbun", "Porkbun", _("Open Domain Management, then DNS beside your domain.")),
    Provider("route53", "Amazon Route 53", _("Open Hosted zones, your domain, then Create record."), _QUOTES),
    Provider("strato", "STRATO", _("Open Domain management, your domain, DNS, then TXT records.")),
    Provider("transip", "TransIP", _("Open your domain, then DNS, and add a line of type TXT.")),
    Provider("united-domains", "united-domains", _("Open your portfolio, DNS beside your domain, then TXT records.")),
    Provider("vercel", "Vercel", _("Open Domains, your domain, DNS Records, then Add.")),
    Provider("wix", "Wix", _("Open Domains, Manage DNS records, then add one under TXT.")),
)
BY_KEY = {provider.key: provider for provider in PROVIDERS}
UNKNOWN = Provider(
    "", "",
    _("Open the DNS settings where your domain is managed and add a record of type TXT."),
    _("If your domain already stands behind the name field, type only the part before it."),
)  # fmt: skip


def provider(key: str) -> Provider:
    """The provider of this key, or general words."""
    return BY_KEY.get(key, UNKNOWN)


def name_hint(found: Provider) -> Any:
    """What its name field wants, in words; empty where that is not known."""
    if not found.key:
        return ""
    return _WHOLE if found.full else _APPENDED
