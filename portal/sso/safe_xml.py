"""XML from strangers: no document type, no entity, nothing included, nothing fetched, bounded in size."""

from __future__ import annotations

import codecs
import re
from datetime import UTC, datetime

from flask_babel import gettext as _
from lxml import etree

from portal.errors import Invalid
from portal.sso.documents import instead_of_metadata

Element = etree._Element
MOST_BYTES = 2 * 1024 * 1024
NAMESPACES = {
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xenc": "http://www.w3.org/2001/04/xmlenc#",
}
_DECLARATION = re.compile(r"^\s*<\?xml\s[^>]*\?>")
_ENCODING = re.compile(rb"^\s*<\?xml\s[^>]*?\bencoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_ENCODINGS = frozenset({"utf-8", "ascii", "iso8859-1", "iso8859-15", "cp1252"})
_NEVER = ("http://www.w3.org/2001/XInclude", "http://www.w3.org/2003/XInclude", "http://www.w3.org/1999/XSL/Transform")


def parse(data: bytes, name: str = "metadata") -> Element:
    """The root of a document. Raises `Invalid` for the field `name`; never anything else.

    A document type is refused wherever its words stand: neither metadata nor an answer has any use for them.
    """
    if len(data) > MOST_BYTES:
        raise Invalid({name: _("The document is too large: more than 2 MiB.")})
    if wrong := instead_of_metadata(data, "xml"):
        raise Invalid({name: wrong})
    text = _text(data, name)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Invalid({name: _("The document contains a document type or entities (DTD). It is not read.")})
    root = _root(_DECLARATION.sub("", text, count=1), name)
    if any(_foreign(each) for each in (*root.iter(), *root.itersiblings(preceding=True), *root.itersiblings())):
        raise Invalid({name: _("The document wants other documents to be included (XInclude, XSLT). It is not read.")})
    return root


def _root(text: str, name: str) -> Element:
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        huge_tree=False, remove_comments=True,
    )  # fmt: skip
    try:
        # Comments go before anything is read: one in the middle of a name would cut it in two.
        return etree.fromstring(text.strip().encode(), parser)
    except (etree.LxmlError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        told = _("This is not well-formed XML (line %(line)d). Was it changed or cut off while copying?", line=line)
        raise Invalid({name: told}) from error


def _text(data: bytes, name: str) -> str:
    """Decoded here, so that what is searched is what is parsed."""
    mark, encoding = next(((mark, each) for mark, each in _MARKS if data.startswith(mark)), (b"", ""))
    try:
        named = codecs.lookup((_ENCODING.match(data[:200]) or [b"", b"utf-8"])[1].decode()).name
        # A declaration that can be read byte by byte is not in UTF-16, whatever it says: the text was pasted.
        named = "utf-8" if named.startswith("utf-16") else named
        if not encoding and named not in _ENCODINGS:
            raise LookupError(named)
        return data[len(mark) :].decode(encoding or named)
    except (LookupError, UnicodeError) as error:
        raise Invalid({name: _("The characters of this document cannot be read. Save it as UTF-8.")}) from error


def _foreign(node: Element) -> bool:
    if isinstance(node, etree._ProcessingInstruction):
        return str(getattr(node, "target", "")).startswith("xml")
    return isinstance(node.tag, str) and etree.QName(node).namespace in _NEVER


def find(node: Element, path: str) -> Element | None:
    """The first element at `path`, with the prefixes of `NAMESPACES`."""
    return node.find(path, NAMESPACES)


def find_all(node: Element, path: str) -> list[Element]:
    """All elements at `path`."""
    return list(node.iterfind(path, NAMESPACES))


def text(node: Element | None) -> str:
    """Its text without spaces around it; empty text for no element."""
    return "".join(str(each) for each in node.itertext()).strip() if node is not None else ""


def named(node: Element, name: str) -> bool:
    """Whether this is the element `name`, like `md:EntityDescriptor`."""
    prefix, _colon, local = name.partition(":")
    return bool(node.tag == f"{{{NAMESPACES[prefix]}}}{local}")


def moment(value: str | None) -> datetime | None:
    """An `xs:dateTime`, aware; without a zone it is UTC, as SAML demands (core 1.3.3). None for none or nonsense."""
    try:
        found = datetime.fromisoformat((value or "").strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
