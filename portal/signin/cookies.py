"""The session cookie: one per realm, named after it, holding nothing but a random key."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Request, Response, request
from flask.sessions import SessionInterface, SessionMixin

from portal.services import Services
from portal.settings import Settings
from portal.signin.guests import GuestBrowser, Guests
from portal.signin.sessions import Browser

# Addresses that never look at a cookie.
BLIND = {"branding", "api"}
# Below it the cookie of a guest is read, and no other; nowhere else is that one.
SETUP = "setup"


def cookie_name(settings: Settings, realm: str) -> str:
    """`__Host-` on https. Cookies ignore ports, so a plain one on loopback names its port."""
    if settings.secure:
        return f"__Host-portal-{realm}"
    return f"portal-{realm}-{urlsplit(settings.public_url).port or 80}"


def guest_cookie(settings: Settings) -> str:
    """The cookie of whoever is at work with a setup link."""
    return cookie_name(settings, SETUP)


class PortalSessions(SessionInterface):
    """Flask's `session` over the database; the realm is the first part of the path."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def open_session(self, app: Flask, request: Request) -> Browser:  # noqa: ARG002
        """The browser behind the cookie of the realm that the address names, or the guest behind his."""
        if request.path.startswith(f"/{SETUP}/"):
            return self._guest(request)
        realm = self._realm(request)
        if not realm:
            return Browser()
        cookie = request.cookies.get(cookie_name(self._services.settings, realm), "")
        return self._services.sessions.load(realm, cookie)

    def _guest(self, request: Request) -> GuestBrowser:
        services, realm = self._services, request.path.split("/", 3)[2]
        cookie = request.cookies.get(guest_cookie(services.settings), "")
        browser, version = Guests(services.store).load(cookie, realm)
        if version:
            services.realms.expect(realm, version)
        return browser

    def _realm(self, request: Request) -> str:
        parts = request.path.split("/", 3)
        if len(parts) < 2 or parts[1] not in self._services.settings.realms:
            return ""
        return "" if len(parts) > 2 and parts[2] in BLIND else parts[1]

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002
        """Store what changed; set or remove the cookie."""
        browser, realm = session, self._realm(request)
        if isinstance(browser, GuestBrowser):
            if browser.changed:
                Guests(self._services.store).save(browser)
            return
        if not isinstance(browser, Browser) or not realm:
            return
        if browser.row is None and browser.changed and browser:
            self._services.sessions.create(realm, browser)
        elif browser.changed:
            self._services.sessions.save(browser)
        self._answer(browser, realm, response)

    def _answer(self, browser: Browser, realm: str, response: Response) -> None:
        settings = self._services.settings
        name = cookie_name(settings, realm)
        shared = {"path": "/", "secure": settings.secure, "httponly": True, "samesite": "Lax"}
        if browser.cookie:
            response.set_cookie(name, browser.cookie, max_age=settings.session_absolute, **shared)  # type: ignore[arg-type]
        elif browser.ended:
            response.delete_cookie(name, **shared)  # type: ignore[arg-type]
