"""Which company runs a zone, told by the names of its servers."""

from __future__ import annotations

import re
from collections.abc import Iterable

# What the names of a provider's servers end in.
_ENDINGS = {
    "akamai": ("akam.net", "linode.com"),
    "all-inkl": ("kasserver.com",),
    "azure": ("azure-dns.com", "azure-dns.net", "azure-dns.org", "azure-dns.info"),
    "bluehost": ("bluehost.com", "hostgator.com"),
    "cloudflare": ("ns.cloudflare.com",),
    "digitalocean": ("digitalocean.com",),
    "dnsimple": ("dnsimple.com", "dnsimple-edge.com", "dnsimple-edge.net", "dnsimple-edge.org", "dnsimple-edge.io"),
    "dreamhost": ("dreamhost.com",),
    "gandi": ("gandi.net",),
    "godaddy": ("domaincontrol.com",),
    "google": ("googledomains.com", "squarespacedns.com"),
    "hetzner": ("ns.hetzner.com", "ns.hetzner.de", "first-ns.de", "second-ns.de", "second-ns.com"),
    "hostinger": ("dns-parking.com", "hostinger.com"),
    "hurricane": ("he.net",),
    "infomaniak": ("infomaniak.ch", "infomaniak.com"),
    "inwx": ("inwx.de", "inwx.eu", "inwx.com", "inwx.net"),
    "ionos": ("ui-dns.com", "ui-dns.de", "ui-dns.org", "ui-dns.biz"),
    "namecheap": ("registrar-servers.com", "namecheaphosting.com"),
    "netcup": ("netcup.net",),
    "one": ("one.com",),
    "ovh": ("ovh.net", "ovh.ca", "anycast.me"),
    "porkbun": ("porkbun.com",),
    "strato": ("rzone.de", "strato.de"),
    "transip": ("transip.net", "transip.nl", "transip.eu"),
    "united-domains": ("udag.de", "udag.net", "udag.org", "udagdns.de", "udagdns.net"),
    "vercel": ("vercel-dns.com",),
    "wix": ("wixdns.net",),
}
_AWS = re.compile(r"(?:.*\.)?awsdns-[0-9]+\.(?:com|net|org|co\.uk)")


def provider_of(hosts: Iterable[str]) -> str:
    """The provider's short name, an empty string if it is none of the known or the servers belong to several."""
    found = {_provider(host.rstrip(".").lower()) for host in hosts}
    return found.pop() if len(found) == 1 else ""


def _provider(host: str) -> str:
    if _AWS.fullmatch(host):
        return "route53"
    return next((name for name, endings in _ENDINGS.items() if f".{host}".endswith(_dotted(endings))), "")


def _dotted(endings: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f".{ending}" for ending in endings)
