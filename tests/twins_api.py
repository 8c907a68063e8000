"""For each operation of the JSON face about organizations the request of somebody entitled.

`{org}` is the organization at hand, other names in braces are what `organization_holdings.Place` has.
An operation without a twin fails test_gate.
"""

from __future__ import annotations

from twins import Twin
from twins_organizations import RESPONSE

HERE = "organizations/{org}"
METADATA = {"url": "{descriptor}"}
JOBS, SETUPS = f"{HERE}/invitation-jobs", f"{HERE}/connection-setups"
HOOK, WEBHOOK = "webhooks/{webhook}", {"name": "Orders", "url": "{receiver}", "contact": "ops@tests.test"}
CONNECTION = f"{HERE}/connections/{{connection}}"
ONE = {"email": "{address}", "first_name": "Nora", "last_name": "New"}

API: dict[str, Twin] = {
    "api.listOrganizations": Twin("GET", "organizations"),
    "api.createOrganization": Twin("POST", "organizations", 201, json={"name": "{free}", "display_name": "New"}),
    "api.getOrganization": Twin("GET", HERE),
    "api.changeOrganization": Twin("PATCH", HERE, json={"url": "https://www.tests.test/"}),
    "api.undoOrganizationChange": Twin("POST", f"{HERE}/changes/{{record}}/undo"),
    "api.renameOrganization": Twin("PUT", f"{HERE}/name", json={"name": "{free}"}),
    "api.placeOrganization": Twin("PUT", f"{HERE}/parent", json={"parent": "{other}"}),
    "api.deleteOrganization": Twin("DELETE", HERE, 204),
    "api.getMembership": Twin("GET", f"{HERE}/membership"),
    "api.leaveOrganization": Twin("DELETE", f"{HERE}/membership", 204),
    "api.listMembers": Twin("GET", f"{HERE}/members"),
    "api.getMember": Twin("GET", f"{HERE}/members/{{member}}"),
    "api.removeMember": Twin("DELETE", f"{HERE}/members/{{member}}"),
    "api.restoreMember": Twin("POST", f"{HERE}/removals/{{removal}}/undo", 204),
    "api.changeMemberRoles": Twin("PATCH", f"{HERE}/members/{{member}}/roles", 207, json={"grant": ["view-members"]}),
    "api.undoRoleChange": Twin("POST", f"{HERE}/role-changes/{{grant}}/undo", 207),
    "api.listRoles": Twin("GET", f"{HERE}/roles"),
    "api.createRole": Twin("POST", f"{HERE}/roles", 201, json={"name": "billing"}),
    "api.describeRole": Twin("PATCH", f"{HERE}/roles/{{role}}", json={"description": "Sees bills"}),
    "api.deleteRole": Twin("DELETE", f"{HERE}/roles/{{role}}", 204),
    "api.listInvitations": Twin("GET", f"{HERE}/invitations"),
    "api.createInvitation": Twin("POST", f"{HERE}/invitations", 201, json=ONE),
    "api.getInvitation": Twin("GET", f"{HERE}/invitations/{{invitation}}"),
    "api.resendInvitation": Twin("POST", f"{HERE}/invitations/{{invitation}}/resend"),
    "api.revokeInvitation": Twin("DELETE", f"{HERE}/invitations/{{invitation}}", 204),
    "api.listReceivedInvitations": Twin("GET", "invitations"),
    "api.answerInvitation": Twin("POST", "invitations/{received}/answer", json={"answer": "accept"}),
    "api.getOrganizationLook": Twin("GET", f"{HERE}/look"),
    "api.changeOrganizationLook": Twin("PATCH", f"{HERE}/look", json={"background": "#1b5e20"}),
    "api.listSetupLinks": Twin("GET", f"{HERE}/setup-links"),
    "api.getSetupLink": Twin("GET", f"{HERE}/setup-links/{{link}}"),
    "api.createSetupLink": Twin("POST", f"{HERE}/setup-links", 201, json={"intents": ["domain_verification"]}),
    "api.generatePortalLink": Twin("POST", f"{HERE}/portal-links", 201, json={"intent": "domain_verification"}),
    "api.sendSetupLink": Twin("POST", f"{HERE}/setup-links/{{link}}/send", json={"contact": "{contact}"}),
    "api.revokeSetupLink": Twin("DELETE", f"{HERE}/setup-links/{{link}}"),
    "api.listOrganizationPermissions": Twin("GET", f"{HERE}/permissions"),
    "api.createInvitationJob": Twin("POST", JOBS, 202, json={"people": [{"email": "{address}"}]}),
    "api.listInvitationJobs": Twin("GET", JOBS),
    "api.getInvitationJob": Twin("GET", f"{JOBS}/{{job}}"),
    "api.listInvitationJobRows": Twin("GET", f"{JOBS}/{{job}}/rows"),
    "api.stopInvitationJob": Twin("POST", f"{JOBS}/{{job}}/stop"),
    "api.listDomains": Twin("GET", f"{HERE}/domains"),
    "api.addDomain": Twin("POST", f"{HERE}/domains", 201, json={"domain": "{free}.test"}),
    "api.getDomain": Twin("GET", f"{HERE}/domains/{{domain}}"),
    "api.verifyDomain": Twin("POST", f"{HERE}/domains/{{domain}}/verify"),
    "api.removeDomain": Twin("DELETE", f"{HERE}/domains/{{domain}}"),
    "api.restoreDomain": Twin("POST", f"{HERE}/domain-removals/{{gone}}/undo"),
    "api.listEvents": Twin("GET", f"{HERE}/events"),
    "api.getEventReach": Twin("GET", f"{HERE}/events/reach"),
    "api.exportEvents": Twin("GET", f"{HERE}/events/export"),
    "api.listConnections": Twin("GET", f"{HERE}/connections"),
    "api.getConnection": Twin("GET", f"{CONNECTION}"),
    "api.changeConnection": Twin("PATCH", f"{CONNECTION}", json={"name": "Other"}),
    "api.activateConnection": Twin("POST", f"{HERE}/connections/{{ready}}/activate"),
    "api.overrideConnection": Twin("POST", f"{CONNECTION}/override", json={"reason": "Seen elsewhere"}),
    "api.disableConnection": Twin("POST", f"{HERE}/connections/{{active}}/disable"),
    "api.deleteConnection": Twin("DELETE", f"{CONNECTION}", 204),
    "api.listConnectionGuides": Twin("GET", f"{HERE}/connection-guides"),
    "api.listConnectionSetups": Twin("GET", SETUPS),
    "api.beginConnectionSetup": Twin("POST", SETUPS, 201, json={"guide": "generic-saml"}),
    "api.getConnectionSetup": Twin("GET", f"{SETUPS}/{{setup}}"),
    "api.saveConnectionSetup": Twin(
        "POST", f"{SETUPS}/{{setup}}/save", 201, json={"metadata": {"url": "{descriptor}"}}
    ),
    "api.discardConnectionSetup": Twin("DELETE", f"{SETUPS}/{{setup}}", 204),
    "api.startConnectionTest": Twin("POST", f"{CONNECTION}/tests", 201),
    "api.listConnectionTests": Twin("GET", f"{CONNECTION}/tests"),
    "api.getConnectionTest": Twin("GET", f"{CONNECTION}/tests/{{trial}}"),
    "api.judgeConnectionTest": Twin(
        "POST", f"{HERE}/connections/{{saml}}/tests/{{saml_trial}}/answer", json={"response": RESPONSE}
    ),
    "api.tellConnectionTestSecret": Twin(
        "POST", f"{CONNECTION}/tests/{{trial}}/secret", json={"secret": "a-client-secret"}
    ),
    "api.getConnectionRules": Twin("GET", f"{CONNECTION}/rules"),
    "api.addConnectionRule": Twin(
        "POST", f"{CONNECTION}/rules", 201, json={"claim": "groups", "value": "{free}", "role": "view-members"}
    ),
    "api.adoptConnectionRule": Twin("POST", f"{CONNECTION}/rules/{{rule}}/adopt"),
    "api.getConnectionFields": Twin("GET", f"{CONNECTION}/fields"),
    "api.changeConnectionFields": Twin("PUT", f"{CONNECTION}/fields", json={"names": {"email": "email"}}),
    "api.adoptConnection": Twin("POST", f"{HERE}/connections/{{elsewhere}}/adopt"),
    "api.removeConnectionRule": Twin("DELETE", f"{CONNECTION}/rules/{{rule}}", 204),
    "api.decideUnmapped": Twin("PUT", f"{CONNECTION}/unmapped", json={"unmapped": "closed"}),
    "api.getConnectionMetadata": Twin("GET", f"{CONNECTION}/metadata"),
    "api.handOverMetadata": Twin("POST", f"{CONNECTION}/metadata", json={"url": "{discovery}"}),
    "api.applyMetadata": Twin("POST", f"{HERE}/connections/{{waiting}}/metadata/apply", json={"seen": "{seen}"}),
    "api.discardMetadata": Twin("DELETE", f"{HERE}/connections/{{waiting}}/metadata", 204),
    "api.dropCertificate": Twin("DELETE", f"{HERE}/connections/{{twofold}}/certificates/{{old}}", 204),
    "api.listRulesToReview": Twin("GET", "rules-to-review"),
    "api.getSsoPolicy": Twin("GET", f"{HERE}/sso-policy"),
    "api.changeSsoPolicy": Twin("PATCH", f"{HERE}/sso-policy", json={"rescue": "{administrator}"}),
    "api.allowSeveralConnections": Twin("PUT", f"{HERE}/sso-policy/several", 204, json={"several": False}),
}

# In a realm whose application may ask for an operator's roles.
SETTINGS: dict[str, Twin] = {
    "api.getSettings": Twin("GET", "settings"),
    "api.changeSettings": Twin("PATCH", "settings", json={"sections": {"org.sso": False}}),
    "api.changeStyleSheet": Twin("PUT", "settings/style-sheet", json={"css": ".btn {{ border-radius: 0 }}"}),
    "api.listSettingsChanges": Twin("GET", "settings/changes"),
    "api.undoSettingsChange": Twin("POST", "settings/changes/{change}/undo"),
    "api.getLayout": Twin("GET", "settings/layout"),
    "api.changeLayout": Twin("PATCH", "settings/layout", json={"layout": "top"}),
    "api.listWebhooks": Twin("GET", "webhooks"),
    "api.createWebhook": Twin("POST", "webhooks", 201, json=WEBHOOK),
    "api.listWebhookKinds": Twin("GET", "webhook-kinds"),
    "api.getWebhook": Twin("GET", HOOK),
    "api.changeWebhook": Twin("PATCH", HOOK, json={"groups": ["sso"], "kinds": ["LOGIN"]}),
    "api.deleteWebhook": Twin("DELETE", HOOK, 204),
    "api.getWebhookQueue": Twin("GET", f"{HOOK}/queue"),
    "api.rotateWebhookSecret": Twin("POST", f"{HOOK}/secret"),
    "api.testWebhook": Twin("POST", f"{HOOK}/test"),
    "api.enableWebhook": Twin("POST", f"{HOOK}/enable"),
    "api.disableWebhook": Twin("POST", f"{HOOK}/disable"),
    "api.adoptWebhook": Twin("POST", "webhooks/{suspended_webhook}/adopt"),
    "api.skipWebhook": Twin("POST", f"{HOOK}/skip"),
    "api.replayWebhook": Twin("POST", f"{HOOK}/replay", json={"since": "2026-11-01"}),
    "api.listWebhookDeliveries": Twin("GET", f"{HOOK}/deliveries"),
    "api.getWebhookDelivery": Twin("GET", f"{HOOK}/deliveries/1"),
    "api.replayWebhookDelivery": Twin("POST", f"{HOOK}/deliveries/1/replay"),
}
