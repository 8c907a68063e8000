"""For each route of `/compat/workos` the request of a program entitled; what is refused differs from it in one thing.

Names in braces are ids of what the realm of `test_gate_compat` has. A route without a twin fails test_gate.
"""

from __future__ import annotations

from twins import Twin

LINK = {"organization": "{organization}", "intent": "sso"}
DOMAIN = {"organization_id": "{organization}", "domain": "{name}.test"}

COMPAT: dict[str, Twin] = {
    "compat.list_organizations": Twin("GET", "organizations"),
    "compat.create_organization": Twin("POST", "organizations", 201, json={"name": "New"}),
    "compat.get_organization": Twin("GET", "organizations/{organization}"),
    "compat.get_organization_by_external_id": Twin("GET", "organizations/external_id/{external}"),
    "compat.update_organization": Twin("PUT", "organizations/{organization}", json={"name": "Other"}),
    "compat.delete_organization": Twin("DELETE", "organizations/{organization}", 204),
    "compat.create_organization_domain": Twin("POST", "organization_domains", 201, json=DOMAIN),
    "compat.get_organization_domain": Twin("GET", "organization_domains/{domain}"),
    "compat.verify_organization_domain": Twin("POST", "organization_domains/{domain}/verify"),
    "compat.delete_organization_domain": Twin("DELETE", "organization_domains/{domain}", 204),
    "compat.list_connections": Twin("GET", "connections?organization_id={organization}"),
    "compat.get_connection": Twin("GET", "connections/{connection}"),
    "compat.list_it_contacts": Twin("GET", "organizations/{organization}/it_contacts"),
    "compat.revoke_it_contact": Twin("POST", "organizations/{organization}/it_contacts/{contact}/revoke", 204),
    "compat.generate_link": Twin("POST", "portal/generate_link", 201, json=LINK),
    "compat.revoke_link": Twin("POST", "portal/revoke_link", 204, json={**LINK, "external_user_id": "u-1"}),
}
