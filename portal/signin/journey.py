"""Journeys: a person's errand at Keycloak (`kc_action`) and the way back to the room that began it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, g, redirect, request

from portal.signin.flow import Errand, begin
from portal.web.addresses import local
from portal.web.current import actor, browser, services


@dataclass(frozen=True)
class Trip:
    """A journey that came back. `status` is Keycloak's word (success, cancelled, error or nothing), never proof."""

    action: str
    status: str
    snapshot: dict[str, Any]
    at: float

    @property
    def cancelled(self) -> bool:
        """Whether the person turned back."""
        return self.status == "cancelled"


def start(action: str, then: str, snapshot: dict[str, Any] | None = None) -> Response:
    """Send the person to Keycloak's `action`; endpoint `then` is opened afterwards.

    `snapshot` is what the room saw before, as JSON. People known only through an identity provider are led to it,
    since they have no password that Keycloak could ask for.
    """
    someone = actor()
    here = local(request.full_path)
    errand = Errand(next=here, sub=someone.sub, action=action, then=then, snapshot=snapshot or {})
    address = begin(
        services(), g.realm, browser(), errand, kc_idp_hint=someone.identity_provider, ui_locales=someone.locale
    )
    return redirect(address, 302)  # type: ignore[return-value]


def arrived(*actions: str) -> Trip | None:
    """The journey that has just come back, once; None if the address was opened by hand.

    An action given without its parameter (`delete_credential`) matches any parameter.
    """
    raw = browser().get("trip")
    if not raw or not any(raw["action"] == name or raw["action"].startswith(f"{name}:") for name in actions):
        return None
    del browser()["trip"]
    return Trip(**raw)
