"""What the pages can do and what programs can do are the same list: a right reachable in one face only fails."""

from __future__ import annotations

from test_gate import app

from portal.access import API, BY_NAME, HTML, RIGHTS, Scope
from portal.api.rows import OPERATIONS
from portal.realm_settings.arranging import FIELDS
from portal.realm_settings.values import AREAS
from portal.webhooks.views import DEEDS as webhook_deeds

# Rights whose thing is done in a browser or is about the pages themselves, with the reason.
IN_A_BROWSER = {
    "help.read": "texts beside the pages",
    "home.open": "leads to the first page",
    "preferences.set": "how the pages look and speak",
    "organizations.search": "listOrganizations takes the same search",
    "organizations.star": "the order of the pages' own selector",
    "signout": "ends the browser's session",
    "profile.change_email": "Keycloak's own page mails and confirms",
    "security.password": "Keycloak's own page asks for it",
    "security.twofactor": "Keycloak's own page shows the code",
    "security.passwordless": "the browser makes the passkey",
    "linked.link": "the other provider asks in a browser",
    "account.delete": "Keycloak's own page asks once more",
    "settings.confirm": "a sign-in; programs bring a fresh token",
    "overview.view": "what the server's files and flows look like; the command line's doctor says the same",
    "overview.organizations": "listOrganizations and listConnections say the same",
    "overview.mend": "the command line's connect does the same",
    "keys.view": "no key sees keys",
    "keys.manage": "a key is made for one program by one person, who is shown it once",
}
# Each page on which something is done, and the operations that do the same. A page with several deeds has several.
DEEDS: dict[str, str] = {
    "answers.decide": "answerInvitation",
    "applications.revoke": "revokeAccess",
    "attributes.save": "changeConnectionFields",
    "changes.undo": "undoSettingsChange",
    "details.delete": "deleteOrganization",
    "details.put": "placeOrganization",
    "details.rename": "renameOrganization",
    "details.save": "changeOrganization",
    "details.undo": "undoOrganizationChange",
    "devices.end": "endSession",
    "devices.end_others": "endOtherSessions",
    "domains.add": "addDomain",
    "domains.check": "verifyDomain",
    "domains.remove": "removeDomain",
    "domains.restore": "restoreDomain",
    "invitations.create": "createInvitation",
    "invitations.delete": "revokeInvitation",
    "invitations.resend": "resendInvitation",
    "layouts.save": "changeLayout",
    "linked.unlink": "unlinkAccount",
    "look.save": "changeOrganizationLook",
    "looks.save": "changeSettings",
    "many.create": "createInvitationJob",
    "many.stop": "stopInvitationJob",
    "members.remove": "removeMember",
    "members.restore": "restoreMember",
    "organizations.create": "createOrganization",
    "organizations.leave": "leaveOrganization",
    "policies.enforce": "changeSsoPolicy",
    "policies.manage": "changeSsoPolicy",
    "policies.rescue": "changeSsoPolicy",
    "policies.several": "allowSeveralConnections",
    "profile.save": "changeProfile",
    "profile.undo": "undoProfileChange",
    "renewals.apply": "applyMetadata",
    "renewals.discard": "discardMetadata",
    "renewals.drop": "dropCertificate",
    "renewals.hand_over": "handOverMetadata",
    "returns.save": "changeSettings",
    "roles.change": "changeMemberRoles",
    "roles.create": "createRole",
    "roles.delete": "deleteRole",
    "roles.describe": "describeRole",
    "roles.undo": "undoRoleChange",
    "rules.add": "addConnectionRule",
    "rules.adopt": "adoptConnectionRule",
    "rules.decide": "decideUnmapped",
    "rules.remove": "removeConnectionRule",
    "security.rename": "renameSignInMethod",
    "sent.replay": "replayWebhookDelivery",
    "sent.replay_since": "replayWebhook",
    "settings.save_sections": "changeSettings",
    "setup_links.create": "createSetupLink",
    "setup_links.revoke": "revokeSetupLink",
    "setup_links.send": "sendSetupLink",
    "sheets.save": "changeStyleSheet",
    "sso.activate": "activateConnection",
    "sso.adopt": "adoptConnection",
    "sso.delete": "deleteConnection",
    "sso.disable": "disableConnection",
    "sso.edit": "changeConnection",
    "sso.override": "overrideConnection",
    "sso_tests.answer": "judgeConnectionTest",
    "sso_tests.secret": "tellConnectionTestSecret",
    "sso_tests.start": "startConnectionTest",
    "webhooks.create": "createWebhook",
    "webhooks.decide": "testWebhook rotateWebhookSecret disableWebhook enableWebhook adoptWebhook skipWebhook "
    "deleteWebhook",
    "webhooks.edit": "changeWebhook",
    "wizard.begin": "beginConnectionSetup",
    "wizard.discard": "discardConnectionSetup",
    "wizard.go_on": "saveConnectionSetup",
}
# Pages whose right has calls, but whose own deed belongs to a browser.
DEEDS_OF_PAGES = {
    "policies.rehearse": "the one who is named signs in there",
    "sheets.drop": "a draft is a page's own",
}
# For those who have no account at all.
GUESTS = {Scope.PUBLIC, Scope.LINK}
# Made by programs and by the room of links.
LINKS = {"links.view", "links.create", "links.generate", "links.revoke", "sso.renew"}
SELDOM = {"organization.erase": "people delete an organization after a fresh sign-in"}


def with_page() -> set[str]:
    views = app().view_functions
    return {view.portal_right.name for name, view in views.items() if not name.startswith(("api.", "compat."))}


def with_call() -> set[str]:
    return {name for each in OPERATIONS for name in (each.right, each.for_keys) if name}


def test_every_right_of_a_page_has_its_call() -> None:
    shown = {name for name in with_page() if BY_NAME[name].scope not in GUESTS}
    assert shown - with_call() == set(IN_A_BROWSER) & shown
    assert set(IN_A_BROWSER) <= set(BY_NAME), "the reason of a right that is no more"
    assert not set(IN_A_BROWSER) & with_call()


def test_every_right_of_a_call_has_its_page() -> None:
    seldom = {name for name in with_call() - with_page() if BY_NAME[name].scope not in GUESTS}
    assert seldom - LINKS == set(SELDOM)


def test_the_table_says_which_faces_a_right_has() -> None:
    calls = {name for name in with_call() if BY_NAME[name].scope is not Scope.PUBLIC}
    assert {row.name for row in RIGHTS if API in row.faces} == calls
    assert {row.name for row in RIGHTS if HTML not in row.faces} == set(SELDOM)


def test_no_two_operations_share_a_name_or_an_address() -> None:
    assert len({each.name for each in OPERATIONS}) == len(OPERATIONS)
    assert len({(each.method, each.path) for each in OPERATIONS}) == len(OPERATIONS)


def test_every_deed_of_a_page_has_its_call() -> None:
    """Rights may open several deeds, so that a right with some call says little of each of them."""
    views, seen = app().view_functions, set()
    for rule in app().url_map.iter_rules():
        right = views[rule.endpoint].portal_right
        page = not rule.endpoint.startswith(("api.", "compat.", "setup."))
        if page and "POST" in (rule.methods or ()) and right.scope not in GUESTS and right.name not in IN_A_BROWSER:
            seen.add(rule.endpoint)
    assert seen == set(DEEDS) | set(DEEDS_OF_PAGES)
    operations = {each.name: each for each in OPERATIONS}
    for endpoint, names in DEEDS.items():
        for name in names.split():
            assert operations[name].right == views[endpoint].portal_right.name, endpoint
            assert BY_NAME[operations[name].right].writes, name


def test_every_deed_upon_a_webhook_has_its_call() -> None:
    assert len(DEEDS["webhooks.decide"].split()) == len(webhook_deeds)


def test_every_setting_that_pages_save_is_taken_by_calls() -> None:
    saving = [each for each in OPERATIONS if each.right in {"settings.save", "settings.style"}]
    taken = {name for each in saving for name in each.body.get("properties", {})}
    fields = {"sections": {"sections"}, "branding": {"branding"}, "return": {"returning"}, "style sheet": {"css"}}
    for area in AREAS:
        assert {**fields, "layout": set(FIELDS)}[area] <= taken, area
