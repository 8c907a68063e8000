"""The portal's own run: the same question to the identity provider, answered to the portal's second address.

Keycloak shows neither a failed answer nor its reason; here it can be seen. Nobody is signed in by it.
Sources: OpenID Connect Core 1.0 (3.1), RFC 6749, RFC 7636, saml-bindings-2.0-os 3.4 and 3.5, saml-core-2.0-os 3.4.
"""

from __future__ import annotations

import base64
import json
import secrets
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from lxml import etree

from portal import foreign_json
from portal.clients import outbound
from portal.errors import Invalid, NotFound, Upstream
from portal.signin.provider import SignInRefused
from portal.sso import pasted, trial_end, trial_judge, trial_rows
from portal.sso.faults import Finding
from portal.sso.judgement import Judgement
from portal.sso.saml_answers import decoded
from portal.sso.trial_report import Target
from portal.sso.trial_rows import Run
from portal.store import trials

MOST_BYTES = 256 * 1024
SAMLP, SAML = "urn:oasis:names:tc:SAML:2.0:protocol", "urn:oasis:names:tc:SAML:2.0:assertion"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"


def possible(run: Run) -> bool:
    """Whether the portal has what it needs: of OpenID Connect the secret that was entered in the wizard."""
    at = trial_end.target(run.services, run.row)
    return at.provider.protocol == "saml" or bool(_secret(run))


def away(run: Run) -> str:
    """The address at the identity provider. Raises `Invalid` for one that may not be called."""
    at = trial_end.target(run.services, run.row)
    return _saml_question(run, at) if at.provider.protocol == "saml" else _oidc_question(run, at)


def _saml_question(run: Run, at: Target) -> str:
    """An AuthnRequest by the Redirect binding, not signed. Its id tells later whose answer came."""
    request_id = f"_{run.row.id}.{secrets.token_hex(16)}"
    trial_rows.keep(run.services, run.row, request=request_id)
    config, names = at.provider.config, {"samlp": SAMLP, "saml": SAML}
    question = etree.Element(f"{{{SAMLP}}}AuthnRequest", nsmap=names)
    where = config.get("singleSignOnServiceUrl", "")
    asked = {
        "ID": request_id, "Version": "2.0", "IssueInstant": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "Destination": where, "AssertionConsumerServiceURL": second(run, "saml"), "ProtocolBinding": POST,
        "ForceAuthn": "true",
    }  # fmt: skip
    for name, value in asked.items():
        question.set(name, value)
    etree.SubElement(question, f"{{{SAML}}}Issuer").text = config.get("entityId") or run.realm.issuer
    policy = etree.SubElement(question, f"{{{SAMLP}}}NameIDPolicy", AllowCreate="true")
    if config.get("nameIDPolicyFormat"):
        policy.set("Format", config["nameIDPolicyFormat"])
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    content = packed.compress(etree.tostring(question)) + packed.flush()
    query = urlencode({"SAMLRequest": base64.b64encode(content).decode()})
    return f"{where}{'&' if '?' in where else '?'}{query}"


def _oidc_question(run: Run, at: Target) -> str:
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    trial_rows.keep(run.services, run.row, own_state=state, own_nonce=nonce, own_verifier=verifier)
    config, extra = at.provider.config, {}
    if config.get("pkceEnabled") == "true":
        extra = {"code_challenge": create_s256_code_challenge(verifier), "code_challenge_method": "S256"}
    url: str = prepare_grant_uri(
        config.get("authorizationUrl", ""), config.get("clientId", ""), "code", redirect_uri=second(run, "oidc"),
        scope=config.get("defaultScope") or "openid profile email", state=state, nonce=nonce, prompt="login", **extra,
    )  # fmt: skip
    return url


def second(run: Run, protocol: str) -> str:
    """The portal's own address for answers."""
    return pasted.second_reply(run.services.settings.public_url, run.realm, protocol)


def oidc_back(run: Run, answer: Mapping[str, str]) -> None:
    """The answer to the portal's own question. Raises `SignInRefused` if it is not for this test."""
    kept = trial_rows.secrets_of(run.services, run.row)
    state = str(kept.get("own_state", ""))
    if not trial_rows.same(state, answer.get("state", "")):
        raise SignInRefused("state of another test")
    trial_rows.keep(run.services, run.row, own_state="")
    at = trial_end.target(run.services, run.row)
    found = _exchanged(run, at, kept, answer["code"]) if answer.get("code") else dict(answer)
    judged = _judged(run, at, kept, found)
    trial_end.finish(run, trial_rows.OIDC, judged, at)


def _judged(run: Run, at: Target, kept: Mapping[str, Any], found: Mapping[str, Any]) -> Judgement:
    return trial_judge.oidc(run, at, found, str(kept.get("own_nonce", "")), _userinfo(run, at, found))


def _exchanged(run: Run, at: Target, kept: Mapping[str, Any], code: str) -> dict[str, Any]:
    """The answer of the token endpoint, whatever it is."""
    config, secret = at.provider.config, _secret(run)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": second(run, "oidc")}
    if config.get("pkceEnabled") == "true":
        form["code_verifier"] = str(kept.get("own_verifier", ""))
    headers = {}
    if config.get("clientAuthMethod") == "client_secret_basic":
        pair = base64.b64encode(f"{config.get('clientId', '')}:{secret}".encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    else:
        form |= {"client_id": config.get("clientId", ""), "client_secret": secret}
    try:
        answer = outbound.post(config.get("tokenUrl", ""), outbound.policy_from(run.services.settings), form, headers)
        found = foreign_json.read(answer.body)
    except (Invalid, Upstream, ValueError):
        return {"error": "server_error", "error_description": "the token endpoint gave no answer that can be read"}
    return found if isinstance(found, dict) else {}


def _userinfo(run: Run, at: Target, found: Mapping[str, Any]) -> dict[str, Any] | None:
    url, token = at.provider.config.get("userInfoUrl", ""), str(found.get("access_token", ""))
    if not url or not token or at.provider.config.get("disableUserInfo") == "true":
        return None
    try:
        answer = foreign_json.read(outbound.read_as(url, outbound.policy_from(run.services.settings), token).body)
    except (Invalid, Upstream, ValueError):
        return None
    return answer if isinstance(answer, dict) else None


def lacks_secret(run: Run, protocol: str) -> bool:
    """Whether the portal would need to be told the client secret for a run of its own."""
    return protocol != "saml" and trial_rows.state_of(run.row) != trial_rows.PASSED and not _secret(run)


def _secret(run: Run) -> str:
    """The client secret as it was entered, for this test or in the wizard: Keycloak gives it to nobody."""
    if told := str(trial_rows.secrets_of(run.services, run.row).get("client_secret", "")):
        return told
    row = trials.setup(run.services.store, run.row.realm, run.row.alias)
    if row is None or not row.secrets:
        return ""
    kept = json.loads(run.services.vault.open(row.secrets, row.realm, "setup", "secrets", row.id))
    return str(kept.get("client_secret", ""))


def owner_of(answer: str) -> tuple[str, str]:
    """The test that a SAML answer belongs to, and the question it answers. Raises `Invalid`, `NotFound`."""
    if len(answer) > MOST_BYTES:
        raise Invalid({"response": "too large"})
    request_id = decoded(answer).get("InResponseTo", "")
    trial_id, dot, _rest = request_id.removeprefix("_").partition(".")
    if not dot or not request_id.startswith("_"):
        raise NotFound("not an answer to a question of the portal's")
    return trial_id, request_id


def saml_back(run: Run, answer: str, request_id: str) -> None:
    """The answer to the portal's own question. Raises `SignInRefused` if it is not for this test, or came before."""
    kept = str(trial_rows.secrets_of(run.services, run.row).get("request", ""))
    if not trial_rows.same(kept, request_id):
        raise SignInRefused("not the question of this test")
    trial_rows.keep(run.services, run.row, request="")
    at = trial_end.target(run.services, run.row)
    trial_end.finish(run, trial_rows.SAML, trial_judge.saml(run, at, answer, request_id=request_id), at)


def pasted_in(run: Run, answer: str) -> None:
    """An answer that an administrator brought. Raises `Invalid` for the field `response`."""
    at = trial_end.target(run.services, run.row)
    trial_end.finish(run, trial_rows.PASTED, trial_judge.saml(run, at, answer, live=False), at)


__all__ = ["Finding", "away", "oidc_back", "owner_of", "pasted_in", "possible", "saml_back"]
