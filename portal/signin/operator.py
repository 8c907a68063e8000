"""The operator confirms who he is, and the session gets his own token for the settings of the realm.

Keycloak lets nobody write a realm's settings with a token whose client has no scope for it. The ordinary client has
none, so that no session row holds an administrator's power for longer than this.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import g

from portal.signin import flow
from portal.signin.flow import Errand
from portal.signin.tokens import OPERATOR_AGE
from portal.web.current import actor, browser, services


def begin(wanted: str) -> str:
    """The address at Keycloak; afterwards the browser goes to `wanted`. Raises `Upstream`."""
    someone = actor()
    errand = Errand(next=wanted, sub=someone.sub, max_age=OPERATOR_AGE, operator=True)
    hint = "" if someone.identity_provider else someone.username
    return flow.begin(
        services(), g.realm, browser(), errand, kc_idp_hint=someone.identity_provider, login_hint=hint,
        ui_locales=someone.locale,
    )  # fmt: skip


def finish(answer: Mapping[str, str]) -> str:
    """Keep the token; returns where to go. Raises `Returned` and `SignInRefused` for an answer that is not good."""
    return flow.finish_operator(services(), g.realm, browser(), answer).errand.next
