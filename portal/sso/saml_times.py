"""Times of a SAML assertion beside our own clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from portal.sso.faults import Finding
from portal.sso.safe_xml import Element, find_all, moment

_BOUNDED = ("saml:Conditions", "saml:Subject/saml:SubjectConfirmation/saml:SubjectConfirmationData")


def findings(node: Element, received: datetime | None, skew: int) -> Iterator[Finding]:
    """Whether the assertion was valid when it was `received`; a pasted one is not judged by its age."""
    if received is None:
        return
    allowed = timedelta(seconds=skew)
    begins, ends = _bound(node, "NotBefore"), _bound(node, "NotOnOrAfter")
    if begins and (early := max(begins) - received) > allowed:
        yield Finding("clock-ahead", _seconds(early))
    if ends and (late := received - min(ends)) >= allowed:
        yield Finding("clock-behind", _seconds(late))


def skew(root: Element, received: datetime | None) -> int | None:
    """Their clock minus ours in seconds, the way of the answer included; None for a pasted one."""
    issued = moment(root.get("IssueInstant"))
    return round((issued - received).total_seconds()) if issued and received else None


def described(node: Element) -> str:
    """`NotBefore – NotOnOrAfter` in UTC."""
    begins, ends = _bound(node, "NotBefore"), _bound(node, "NotOnOrAfter")
    shown = [
        f"{each:%Y-%m-%d %H:%M:%S}" if each else "" for each in (max(begins, default=None), min(ends, default=None))
    ]
    return " – ".join(shown) + " UTC" if any(shown) else ""


def _bound(node: Element, name: str) -> list[datetime]:
    places = [each for path in _BOUNDED for each in find_all(node, path)]
    return [found for each in places if (found := moment(each.get(name)))]


def _seconds(length: timedelta) -> str:
    return str(max(1, round(length.total_seconds())))
