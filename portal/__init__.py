"""A self-service portal beside Keycloak."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from portal.settings import Settings

# Module and name of each blueprint. A room is added here, and its entry in portal/web/shell.py, when it has views.
ROOMS = (
    ("portal.web.site", "site"),
    ("portal.web.assets", "assets"),
    ("portal.signin.views", "signin"),
    ("portal.styles.views", "styles"),
    ("portal.home.views", "home"),
    ("portal.preferences.views", "preferences"),
    ("portal.profile.views", "profile"),
    ("portal.security.views", "security"),
    ("portal.devices.views", "devices"),
    ("portal.linked.views", "linked"),
    ("portal.applications.views", "applications"),
    ("portal.activity.views", "activity"),
    ("portal.data.views", "data"),
    ("portal.organizations.views", "organizations"),
    ("portal.search.views", "search"),
    ("portal.help.views", "help_pages"),
    ("portal.members.views", "members"),
    ("portal.roles.views", "roles"),
    ("portal.details.views", "details"),
    ("portal.details.look_views", "own_look"),
    ("portal.domains.views", "domains"),
    ("portal.sso.views", "sso"),
    ("portal.invitations.views", "invitations"),
    ("portal.sso.wizard_views", "wizard_rooms"),
    ("portal.sso.rule_views", "rule_rooms"),
    ("portal.sso.rule_views", "reviews"),
    ("portal.sso.renewal_views", "renewals"),
    ("portal.sso.mapping_views", "attributes"),
    ("portal.sso.policy_views", "policies"),
    ("portal.events.views", "events"),
    ("portal.links.inviting_views", "inviting_rooms"),
    ("portal.invitations.many_views", "many"),
    ("portal.invitations.answer_views", "answers"),
    ("portal.invitations.newcomer_views", "newcomers"),
    ("portal.sso.trial_views", "sso_tests"),
    ("portal.sso.try_views", "tries"),
    ("portal.links.launch_views", "launch"),
    ("portal.overview.views", "overview"),
    ("portal.realm_settings.views", "settings"),
    ("portal.realm_settings.branding_views", "looks"),
    ("portal.realm_settings.style_views", "sheets"),
    ("portal.realm_settings.arranging_views", "layouts"),
    ("portal.realm_settings.returning_views", "returns"),
    ("portal.realm_settings.history_views", "changes"),
    ("portal.keys.views", "keys"),
    ("portal.webhooks.views", "webhooks"),
    ("portal.webhooks.sent_views", "sent"),
    ("portal.api.views", "api"),
    ("portal.compat.views", "compat"),
)
# Rooms that are there once more below `/setup`, for the guests of setup links: the same views behind the same rights.
# Which of them a guest may enter is decided by his link (`portal.access_links.INTENT_RIGHTS`), at the gate.
GUEST_ROOMS = (
    ("portal.links.views", "home"),
    ("portal.links.handing_views", "handing_rooms"),
    ("portal.sso.views", "sso"),
    ("portal.sso.wizard_views", "wizard_rooms"),
    ("portal.sso.mapping_views", "attributes"),
    ("portal.sso.trial_views", "sso_tests"),
    ("portal.sso.renewal_views", "renewals"),
    ("portal.domains.views", "domains"),
    ("portal.events.views", "events"),
)


def create_app(settings: Settings | None = None) -> Flask:
    """The application. Raises `SettingsError`, `VaultError`, `UnguardedEndpoint` when it may not start."""
    from portal.settings import load
    from portal.web import application

    return application.create(settings or load(), ROOMS, GUEST_ROOMS)
