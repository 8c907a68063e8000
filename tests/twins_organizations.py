"""For each route about organizations the request of somebody entitled; what is refused differs from it in one thing.

`{org}` is the organization at hand, other names in braces are what `organization_holdings.Place` has.
A route without a twin fails test_gate.
"""

from __future__ import annotations

from twins import Twin

ORGANIZATIONS: dict[str, Twin] = {
    "organizations.index": Twin("GET", "organizations"),
    "organizations.show": Twin("GET", "o/{org}", 303),
    "organizations.membership": Twin("GET", "o/{org}/membership"),
    "organizations.star": Twin("POST", "o/{org}/star", 303, {"on": "yes"}),
    "members.index": Twin("GET", "o/{org}/members"),
    "members.show": Twin("GET", "o/{org}/members/{member}"),
}
