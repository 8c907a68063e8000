"""Puts the parts of the application together."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from flask import Blueprint, Flask, g
from flask_wtf.csrf import generate_csrf
from htmx_flask import Htmx
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.organizations.words import role_summary
from portal.services import build
from portal.settings import Settings
from portal.signin.cookies import PortalSessions
from portal.web import asked, assets, errors, gate, headers, language, limits, logs, metrics, rights
from portal.web.addresses import is_setup
from portal.web.current import browser

LONGEST_FORM = 512 * 1024


class Portal(Flask):
    """Flask, with one peculiarity: on the pages of a setup link's guest, addresses of rooms are those of his rooms."""

    def url_for(self, endpoint: str, **values: Any) -> str:
        """As usual; `x.y` is `setup.x.y` there, where that exists."""
        if is_setup() and f"setup.{endpoint}" in self.view_functions:
            endpoint = f"setup.{endpoint}"
        return super().url_for(endpoint, **values)


def create(settings: Settings, rooms: Iterable[tuple[str, str]], guest_rooms: Iterable[tuple[str, str]]) -> Flask:
    """A Flask application with all rooms behind the gate, those of guests below `/setup`. Modules and blueprints."""
    logs.init(settings.log_level)
    app = Portal("portal", static_folder=None)
    services = build(settings, metrics.upstream_done)
    app.extensions["portal"] = services
    app.session_interface = PortalSessions(services)
    app.config.update(
        SECRET_KEY=services.form_key, WTF_CSRF_TIME_LIMIT=None, MAX_CONTENT_LENGTH=LONGEST_FORM,
        MAX_FORM_MEMORY_SIZE=LONGEST_FORM, TEMPLATES_AUTO_RELOAD=False,
    )  # fmt: skip
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=0)  # type: ignore[method-assign]
    _add_parts(app, settings)
    for module, name in rooms:
        app.register_blueprint(getattr(import_module(module), name))
    setup = Blueprint("setup", "portal", url_prefix="/setup")
    for module, name in guest_rooms:
        setup.register_blueprint(getattr(import_module(module), name))
    app.register_blueprint(setup)
    rights.check(app)
    return app


def _add_parts(app: Flask, settings: Settings) -> None:
    Htmx(app)
    asked.init(app)
    headers.init(app, secure=settings.secure)
    limits.init(app)
    gate.init(app)
    language.init(app)
    assets.init(app)
    errors.init(app)
    environment = app.jinja_env
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.globals.update(csrf_token=_form_token, may=_may, role_summary=role_summary)
    environment.globals["ui"] = environment.get_template("ui.html").module


def _form_token() -> str:
    """The token of a form. Pages for strangers have no forms, and get no session for one."""
    return str(generate_csrf()) if browser().signed_in else ""


def _may(right: str) -> bool:
    someone = g.get("actor")
    return someone is not None and someone.may(right)
