"""Parts of a SAML answer by name, whether signed or not: the caller says from which elements."""

from __future__ import annotations

from collections.abc import Iterator

from portal.sso.judgement import LONGEST, MOST_ATTRIBUTES, Attribute, attribute
from portal.sso.keycloak_config import EMAIL
from portal.sso.safe_xml import Element, find, find_all, text

BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_MAILS = ("email", "mail", "emailaddress", "urn:oid:0.9.2342.19200300.100.1.3")


def issuers(root: Element, node: Element | None) -> list[str]:
    """Issuers of the response and of the assertion, doubles dropped."""
    found = [find(root, "saml:Issuer"), find(node, "saml:Issuer") if node is not None else None]
    return list(dict.fromkeys(text(each) for each in found if each is not None))


def audiences(node: Element | None) -> list[str]:
    """For whom the assertion is."""
    path = "saml:Conditions/saml:AudienceRestriction/saml:Audience"
    return [text(each) for each in find_all(node, path)] if node is not None else []


def confirmations(node: Element) -> list[Element]:
    """Data of the bearer confirmations that name a recipient."""
    bearers = [each for each in find_all(node, "saml:Subject/saml:SubjectConfirmation") if each.get("Method") == BEARER]
    data = [find(each, "saml:SubjectConfirmationData") for each in bearers]
    return [each for each in data if each is not None and each.get("Recipient")]


def recipients(root: Element, node: Element | None) -> list[str]:
    """Where it goes: the response's destination and the recipients of the assertion, doubles dropped."""
    confirmed = [each.get("Recipient", "") for each in confirmations(node)] if node is not None else []
    return [each for each in dict.fromkeys([root.get("Destination", ""), *confirmed]) if each]


def attributes(node: Element | None) -> Iterator[Attribute]:
    """The attributes of the assertion, within the limits."""
    for each in find_all(node, "saml:AttributeStatement/saml:Attribute")[:MOST_ATTRIBUTES] if node is not None else ():
        values = (text(value) for value in find_all(each, "saml:AttributeValue"))
        yield attribute(each.get("Name", ""), values, each.get("FriendlyName", ""))


def email(each_attribute: tuple[Attribute, ...], name_id: Element | None, wanted: str) -> str:
    """The address, by the name a mapping gives it, else by a usual name, else the name id if it is one."""
    for each in each_attribute:
        names = {each.name, each.friendly_name} if wanted else {_last(each.name), _last(each.friendly_name), each.name}
        if each.values and names & ({wanted} if wanted else set(_MAILS)):
            return each.values[0]
    is_mail = name_id is not None and (name_id.get("Format") == EMAIL or "@" in text(name_id))
    return text(name_id)[:LONGEST] if is_mail and not wanted else ""


def _last(name: str) -> str:
    return name.rpartition("/")[2].lower()
