"""Known flaws of Keycloak, and versions that do not work together, as they stood on the day `READ`.

Sources: the issues of keycloak/keycloak labelled kind/cve and their release labels; changes of the extension.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _

READ = "2026-11-20"
# Id, the first version of each line that is free of it, what it is.
FLAWS = (
    ("CVE-2026-18963", ("26.4.15", "26.6.6", "26.7.2"),  # issue 51833
     _("whoever knows a username can set a new password for it through “forgot password”")),
    ("CVE-2026-4282", ("26.2.15", "26.4.11", "26.5.7"),  # issue 47719
     _("forged authorization codes bring access tokens of administrators")),
    ("CVE-2026-1529", ("26.2.13", "26.4.9", "26.5.3"),  # issue 46145
     _("a forged invitation lets people register into another of Keycloak's own organizations")),
    ("CVE-2026-15571", ("26.6.6", "26.7.2"),  # issue 51832
     _("a malicious application links an attacker's sign-in to somebody's account")),
    ("CVE-2026-16072", ("26.6.7", "26.7.3"),  # issue 50998
     _("those who manage Keycloak's own organizations can make accounts they may not make")),
    ("CVE-2026-18201", ("26.6.7", "26.7.3"),  # issue 51283
     _("those who manage identity providers can bind them to Keycloak's own organizations")),
    ("CVE-2026-17526", ("26.4.16", "26.6.7", "26.7.4"),  # issue 52838
     _("role impersonation reaches administrators of the realm")),
    ("CVE-2026-19607", ("26.4.16", "26.6.7", "26.7.4"),  # issue 52837
     _("somebody can take another's username and lock him out")),
)  # fmt: skip
# From which Keycloak on an older extension fails.
BREAKS = ({"extension_before": "0.167", "keycloak_from": "26.6.3"},)
