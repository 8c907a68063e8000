"""The rooms of an organization once more, below `/setup`, for the guests of setup links.

They are the very blueprints of the portal: the same views behind the same rights. Which of them a guest may enter is
decided by his link (`portal.access_links.INTENT_RIGHTS`), at the gate.
"""

from __future__ import annotations

from flask import Blueprint

from portal.domains.views import domains
from portal.events.views import events
from portal.links.views import home
from portal.sso.mapping_views import attributes
from portal.sso.renewal_views import renewals
from portal.sso.trial_views import sso_tests
from portal.sso.views import sso
from portal.sso.wizard_views import wizard_rooms

setup = Blueprint("setup", __name__, url_prefix="/setup")
for _room in (home, sso, wizard_rooms, attributes, sso_tests, renewals, domains, events):
    setup.register_blueprint(_room)
