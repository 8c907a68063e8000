"""The answer of a test sign-in, from wherever it came, to one judgement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

from portal.clients.trials_service import TrialEvent
from portal.services import Services
from portal.settings import Realm
from portal.sso.judgement import OK, Check, Judgement, attribute
from portal.sso.trial_report import Target
from portal.store.models_sso import Trial


def stored(services: Services, realm: Realm, row: Trial, at: Target, answer: requests.Response) -> Judgement | None:
    """What Keycloak kept of the sign-in: a SAML response, or the answer of a token endpoint."""
    return None


def from_claims(at: Target, claims: Mapping[str, Any]) -> Judgement:
    """Where nothing was kept: what Keycloak made of it."""
    names = ("preferred_username", "email", "given_name", "family_name")
    told = tuple(attribute(name, [str(claims[name])]) for name in names if claims.get(name))
    return Judgement(
        at.provider.protocol, "", (Check("signature", OK),), subject=str(claims.get("preferred_username", "")),
        email=str(claims.get("email", "")), attributes=told, verified=True,
    )  # fmt: skip


def from_event(at: Target, event: TrialEvent) -> Judgement:
    """From Keycloak's log, when it stopped at an account that exists."""
    email = event.details.get("existing_email", "")
    subject = event.details.get("identity_provider_identity", "")
    return Judgement(at.provider.protocol, "", (Check("signature", OK),), subject=subject, email=email, verified=True)
