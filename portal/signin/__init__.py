"""Sign-in by OpenID Connect: code flow with PKCE, server-side sessions, refresh, step-up, logout."""

from flask import Blueprint

blueprint = Blueprint("signin", __name__)
