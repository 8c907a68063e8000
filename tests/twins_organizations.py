"""For each route about organizations the request of somebody entitled; what is refused differs from it in one thing.

`{org}` is the organization at hand, other names in braces are what `organization_holdings.Place` has.
A route without a twin fails test_gate.
"""

from __future__ import annotations

from twins import YES, Twin

LETTER = {"locale": "en", "days": "7"}
ONE = {"email": "{address}", "first_name": "Nora", "last_name": "New", "roles": "none", **LETTER}
MANY = {"people": "{address}", "do": "send", **LETTER}

ORGANIZATIONS: dict[str, Twin] = {
    "organizations.index": Twin("GET", "organizations"),
    "organizations.show": Twin("GET", "o/{org}", 303),
    "organizations.membership": Twin("GET", "o/{org}/membership"),
    "organizations.star": Twin("POST", "o/{org}/star", 303, {"on": "yes"}),
    "search.show": Twin("GET", "search?q=a"),
    "events.index": Twin("GET", "o/{org}/events"),
    "events.export": Twin("GET", "o/{org}/events/export?format=csv"),
    "members.index": Twin("GET", "o/{org}/members"),
    "members.show": Twin("GET", "o/{org}/members/{member}"),
    "members.removing": Twin("GET", "o/{org}/members/{member}/remove"),
    "members.remove": Twin("POST", "o/{org}/members/{member}/remove", 303, YES),
    "members.restore": Twin("POST", "o/{org}/members/restore/{removal}", 303),
    "roles.edit": Twin("GET", "o/{org}/members/{member}/roles"),
    "roles.change": Twin("POST", "o/{org}/members/{member}/roles", 303, {"roles": "view-members"}),
    "roles.undo": Twin("POST", "o/{org}/members/roles/undo/{grant}", 303),
    "roles.index": Twin("GET", "o/{org}/roles"),
    "roles.new": Twin("GET", "o/{org}/roles/new"),
    "roles.create": Twin("POST", "o/{org}/roles/new", 303, {"name": "billing", "description": "Sees bills"}),
    "roles.describing": Twin("GET", "o/{org}/roles/{role}/describe"),
    "roles.describe": Twin("POST", "o/{org}/roles/{role}/describe", 303, {"description": "Sees bills"}),
    "roles.deleting": Twin("GET", "o/{org}/roles/{role}/delete"),
    "roles.delete": Twin("POST", "o/{org}/roles/{role}/delete", 303, YES),
    "domains.index": Twin("GET", "o/{org}/domains"),
    "domains.add": Twin("POST", "o/{org}/domains", 303, {"domain": "{free}.test"}),
    "domains.show": Twin("GET", "o/{org}/domains/{domain}"),
    "domains.check": Twin("POST", "o/{org}/domains/{domain}/check", 303),
    "domains.removing": Twin("GET", "o/{org}/domains/{domain}/remove"),
    "domains.remove": Twin("POST", "o/{org}/domains/{domain}/remove", 303, YES),
    "domains.restore": Twin("POST", "o/{org}/domains/undo/{gone}", 303),
    "organizations.new": Twin("GET", "organizations/new"),
    "organizations.create": Twin("POST", "organizations/new", 303, {"name": "{free}", "display_name": "New"}),
    "organizations.asking_to_leave": Twin("GET", "o/{org}/leave"),
    "organizations.leave": Twin("POST", "o/{org}/leave", 303, {"confirm": "yes"}),
    "details.show": Twin("GET", "o/{org}/details"),
    "details.save": Twin("POST", "o/{org}/details", 303, {"url": "https://www.tests.test/"}),
    "details.undo": Twin("POST", "o/{org}/details/undo/{record}", 303),
    "details.naming": Twin("GET", "o/{org}/details/name"),
    "details.rename": Twin("POST", "o/{org}/details/name", 303, {"name": "{free}"}),
    "details.placing": Twin("GET", "o/{org}/details/place"),
    "details.put": Twin("POST", "o/{org}/details/place", 303, {"parent": "{other}"}),
    "details.deleting": Twin("GET", "o/{org}/details/delete"),
    "details.delete": Twin("POST", "o/{org}/details/delete", 303, {"name": "{org}", "confirm": "yes"}),
    "invitations.index": Twin("GET", "o/{org}/invitations"),
    "invitations.new": Twin("GET", "o/{org}/invitations/new"),
    "invitations.create": Twin("POST", "o/{org}/invitations/new", 303, ONE),
    "invitations.show": Twin("GET", "o/{org}/invitations/{invitation}"),
    "invitations.resend": Twin("POST", "o/{org}/invitations/{invitation}/resend", 303, YES),
    "invitations.deleting": Twin("GET", "o/{org}/invitations/{invitation}/delete"),
    "invitations.delete": Twin("POST", "o/{org}/invitations/{invitation}/delete", 303, YES),
    "many.new": Twin("GET", "o/{org}/invitations/many"),
    "many.create": Twin("POST", "o/{org}/invitations/many", 303, MANY),
    "many.show": Twin("GET", "o/{org}/invitations/many/{job}"),
    "many.outcomes": Twin("GET", "o/{org}/invitations/many/{job}/outcomes.csv"),
    "many.stop": Twin("POST", "o/{org}/invitations/many/{job}/stop", 303, YES),
    "answers.received": Twin("GET", "invitations"),
    "answers.deciding": Twin("GET", "invitation/answer?invitation={received}"),
    "answers.decide": Twin("POST", "invitation/answer", 303, {"invitation": "{received}", "answer": "accept"}),
    "answers.verify": Twin("GET", "invitation/verify", 302),
    "answers.switch": Twin("POST", "invitation/switch", 303),
}
