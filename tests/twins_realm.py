"""For each route about a realm the request of somebody entitled; what is refused differs from it in one thing.

Names in braces are what `realm_holdings.Realm` has. A route without a twin fails test_gate.
"""

from __future__ import annotations

from twins import YES, Twin

SHOWN = {"shown": "{shown}"}
HOOK = {"name": "Orders", "url": "{receiver}", "contact": "ops@tests.test"}
TIMES = {"days": "20", "minutes": "5"}

REALM: dict[str, Twin] = {
    "overview.show": Twin("GET", "overview"),
    "overview.look": Twin("GET", "overview/health"),
    "overview.asking": Twin("GET", "overview/mend/{finding}"),
    "overview.mend": Twin("POST", "overview/mend/{finding}", 303, YES),
    "settings.confirm": Twin("GET", "settings/confirm", 302),
    "settings.index": Twin("GET", "settings", 303),
    "settings.sections": Twin("GET", "settings/sections"),
    "settings.save_sections": Twin("POST", "settings/sections", 303, {**SHOWN, "on": "org.sso"}),
    "looks.show": Twin("GET", "settings/branding"),
    "looks.preview": Twin("GET", "settings/branding/preview?primary=%23ffd60a"),
    "looks.preview_sheet": Twin("GET", "settings/branding/preview.css?primary=%23ffd60a"),
    "looks.save": Twin("POST", "settings/branding", 303, {**SHOWN, "primary": "#7a1fa2"}),
    "sheets.edit": Twin("GET", "settings/style-sheet"),
    "sheets.save": Twin("POST", "settings/style-sheet", 303, {**SHOWN, "css": ".btn {{ border-radius: 0 }}"}),
    "sheets.drop": Twin("POST", "settings/style-sheet/draft", 303, {"none": ""}),
    "sheets.preview": Twin("GET", "settings/style-sheet/preview"),
    "sheets.draft": Twin("GET", "settings/style-sheet/draft.css"),
    "layouts.show": Twin("GET", "settings/layout"),
    "layouts.save": Twin("POST", "settings/layout", 303, {**SHOWN, "layout": "top"}),
    "returns.show": Twin("GET", "settings/return"),
    "returns.save": Twin("POST", "settings/return", 303, {**SHOWN, **TIMES}),
    "keys.index": Twin("GET", "settings/keys"),
    "keys.new": Twin("GET", "settings/keys/new"),
    "keys.create": Twin("POST", "settings/keys", 422, {"form": "", "name": "Orders"}),
    "keys.revoking": Twin("GET", "settings/keys/{key}/revoke"),
    "keys.revoke": Twin("POST", "settings/keys/{key}/revoke", 303, YES),
    "keys.adopting": Twin("GET", "settings/keys/{suspended}/adopt"),
    "keys.adopt": Twin("POST", "settings/keys/{suspended}/adopt", 303, YES),
    "webhooks.index": Twin("GET", "settings/webhooks"),
    "webhooks.new": Twin("GET", "settings/webhooks/new"),
    "webhooks.create": Twin("POST", "settings/webhooks/new", 200, {"made": "{webhook_id}", **HOOK}),
    "webhooks.show": Twin("GET", "settings/webhooks/{webhook}"),
    "webhooks.editing": Twin("GET", "settings/webhooks/{webhook}/edit"),
    "webhooks.edit": Twin("POST", "settings/webhooks/{webhook}/edit", 303, HOOK),
    "webhooks.deciding": Twin("GET", "settings/webhooks/{webhook}/rotate"),
    "webhooks.decide": Twin("POST", "settings/webhooks/{webhook}/disable", 303, YES),
    "sent.show": Twin("GET", "settings/webhooks/{webhook}/deliveries/1"),
    "sent.replaying": Twin("GET", "settings/webhooks/{webhook}/deliveries/1/replay"),
    "sent.replay": Twin("POST", "settings/webhooks/{webhook}/deliveries/1/replay", 303, YES),
    "sent.replaying_since": Twin("GET", "settings/webhooks/{webhook}/replay"),
    "sent.replay_since": Twin("POST", "settings/webhooks/{webhook}/replay", 303, {"day": "2026-11-01"}),
    "reviews.index_of_realm": Twin("GET", "settings/rules"),
    "changes.index": Twin("GET", "settings/changes"),
    "changes.undoing": Twin("GET", "settings/changes/{change}/undo"),
    "changes.undo": Twin("POST", "settings/changes/{change}/undo", 303, YES),
}
