"""The routes below `/setup`: those of the rooms once more, and those about the link itself. All are a guest's alone."""

from __future__ import annotations

from collections.abc import Mapping

from twins import YES, Twin
from twins_organizations import ORGANIZATIONS

HOME = {
    "home.show": Twin("GET", "o/{org}"),
    "home.ending": Twin("GET", "o/{org}/finish/audit_logs"),
    "home.end": Twin("POST", "o/{org}/finish/audit_logs", 303, YES),
    "home.leaving": Twin("GET", "o/{org}/leave"),
    "home.leave": Twin("POST", "o/{org}/leave", 200, YES),
    "handing.show": Twin("GET", "o/{org}/hand-over"),
    "handing.create": Twin("POST", "o/{org}/hand-over", 200, {"way": "copy", "intents": "audit_logs", "locale": "en"}),
    "handing.taking_back": Twin("GET", "o/{org}/hand-over/{free}/take-back", 404),
    "handing.take_back": Twin("POST", "o/{org}/hand-over/{free}/take-back", 404, YES),
    "home.confirming": Twin("GET", "o/{org}/confirm"),
    "home.code": Twin("POST", "o/{org}/confirm/code", 303),
    "home.confirm": Twin("POST", "o/{org}/confirm", 422, {"code": "000000"}),
}
# Which intents open a route, by the room; what is not named here no link opens.
ROOMS: Mapping[str, frozenset[str]] = {
    "sso": frozenset({"sso", "certificate_renewal"}), "wizard": frozenset({"sso"}), "attributes": frozenset({"sso"}),
    "sso_tests": frozenset({"sso", "certificate_renewal"}), "renewals": frozenset({"sso", "certificate_renewal"}),
    "domains": frozenset({"domain_verification"}), "events": frozenset({"audit_logs"}),
}  # fmt: skip
# Exceptions: within a room not all is for all.
ONLY: Mapping[str, frozenset[str]] = {
    **{f"sso.{name}": frozenset({"sso"}) for name in (
        "editing", "edit", "activating", "activate", "disabling", "disable", "deleting", "delete",
        "adopting", "adopt",
    )},
    "sso.overriding": frozenset(), "sso.override": frozenset(),
}  # fmt: skip


def twin_of(endpoint: str) -> Twin:
    """The request of a guest who may."""
    name = endpoint.removeprefix("setup.")
    return HOME.get(name) or ORGANIZATIONS[name]


def intents_of(endpoint: str) -> frozenset[str]:
    """For which intents a link must be to open this route."""
    name = endpoint.removeprefix("setup.")
    every = frozenset({"sso", "domain_verification", "certificate_renewal", "audit_logs"})
    return every if name in HOME else ONLY.get(name, ROOMS[name.partition(".")[0]])
