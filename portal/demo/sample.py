"""The application that people come from: signs in with Keycloak and carries a link to the portal."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, Response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.demo.receiver import receiver

SECTIONS = {
    "Profile": "profile",
    "Security": "security",
    "Devices": "devices",
    "Linked accounts": "linked",
    "Applications": "applications",
}
CLIENTS = {"orders": ("sample-app", "openid portal-api"), "calendar": ("calendar-app", "openid profile email")}
_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'"


@dataclass(frozen=True)
class Sample:
    """Where things are. `secrets` is by client id; with `key` links are made for `organization`, whose people come."""

    url: str
    portal: str
    keycloak: str
    realm: str
    secrets: Mapping[str, str]
    key: str = field(default="", repr=False)
    organization: str = ""


def create_sample(sample: Sample) -> Flask:
    """Orders at `/`, and at `/calendar/` a second application that asks for consent."""
    app = Flask(__name__, static_url_path="/static")
    app.secret_key = secrets.token_bytes(32)
    # Cookies ignore ports: a name of its own keeps this one apart from everything else on localhost.
    app.config.update(SESSION_COOKIE_NAME="orders", SESSION_COOKIE_SAMESITE="Lax")
    app.jinja_env.globals.update(portal_link=lambda path="": portal_link(sample, path), sections=SECTIONS)
    oauth = OAuth(app)
    app.register_blueprint(_application(sample, oauth, "orders", "/"))
    app.register_blueprint(_application(sample, oauth, "calendar", "/calendar/"))
    app.register_blueprint(receiver())
    app.register_blueprint(_set_up(sample))

    @app.after_request
    def _policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["Cache-Control"] = "no-store"
        return response

    return app


def portal_link(sample: Sample, path: str = "") -> str:
    """A link to a section of the portal that leads back here afterwards."""
    return f"{sample.portal}/{sample.realm}/{path}?{urlencode({'return_to': f'{sample.url}/'})}"


def _set_up(sample: Sample) -> Blueprint:
    """A button for the customer's IT administrator: the link is made in the request that leads there."""
    pages = Blueprint("set_up", __name__)

    @pages.post("/set-up-sso")
    def sso() -> BaseResponse | str | tuple[str, int]:
        if not session.get("orders"):
            return redirect(url_for("orders.index"), 303)
        wanted = {"organization": sample.organization, "intent": "sso", "return_url": f"{sample.url}/"}
        answer = requests.post(
            f"{sample.portal}/compat/workos/portal/generate_link", json=wanted, timeout=30,
            headers={"Authorization": f"Bearer {sample.key}"},
        )  # fmt: skip
        if not answer.ok:
            return render_template("failed.html", reason=answer.json().get("message", ""), again="/"), 502
        # The policy of this page keeps a form on its own site, redirects included: the way out is a link.
        return render_template("set_up.html", link=answer.json()["link"])

    return pages


def _application(sample: Sample, oauth: OAuth, name: str, path: str) -> Blueprint:
    client_id, scope = CLIENTS[name]
    pages = Blueprint(name, __name__, url_prefix=path.rstrip("/") or None)
    client = oauth.register(
        name,
        client_id=client_id,
        client_secret=sample.secrets[client_id],
        server_metadata_url=f"{sample.keycloak}/realms/{sample.realm}/.well-known/openid-configuration",
        client_kwargs={"scope": scope, "code_challenge_method": "S256", "timeout": 10},
    )
    callback = f"{sample.url}{path}callback"

    @pages.get("/")
    def index() -> str:
        return render_template(f"{name}.html", person=session.get(name))

    @pages.get("/sign-in")
    def sign_in() -> BaseResponse:
        session[f"{name}_next"] = request.args.get("next") == "token"
        return client.authorize_redirect(callback)  # type: ignore[no-any-return]

    @pages.get("/callback")
    def back() -> BaseResponse | str | tuple[str, int]:
        try:
            token = client.authorize_access_token()
        except OAuthError as error:
            return render_template("failed.html", reason=error.description or error.error, again=f"{path}sign-in"), 400
        session[name] = _person(token)
        if session.pop(f"{name}_next", False):
            return render_template("token.html", token=token["access_token"], sample=sample)
        return redirect(url_for(f"{name}.index"), 303)

    @pages.get("/sign-out")
    def sign_out() -> BaseResponse:
        person = session.pop(name, None) or {}
        return redirect(_logout_address(sample, client_id, person.get("id_token", "")), 303)

    return pages


def _person(token: Mapping[str, Any]) -> dict[str, str]:
    claims = token["userinfo"]
    named = claims.get("name") or claims.get("preferred_username") or claims["sub"]
    return {"name": str(named), "email": str(claims.get("email", "")), "id_token": str(token["id_token"])}


def _logout_address(sample: Sample, client_id: str, id_token: str) -> str:
    query = {"client_id": client_id, "post_logout_redirect_uri": f"{sample.url}/"}
    if id_token:
        query["id_token_hint"] = id_token
    return f"{sample.keycloak}/realms/{sample.realm}/protocol/openid-connect/logout?{urlencode(query)}"
