"""A realm and a portal behind one of the public fronts, as docs/edge.md sets them up."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from fronts import Front, running
from stack import Stack
from werkzeug.serving import WSGIRequestHandler, make_server

from portal import create_app
from portal.demo.ports import any_free
from portal.demo.realms import IDP_REALM, Addresses, connect_identity_provider, create_realm, provision, template
from portal.settings import Settings, from_mapping


@dataclass(frozen=True)
class House:
    """The front, the realm behind it, the portal's settings, and the run's other parts with the public addresses."""

    front: Front
    realm: str
    idp: str
    settings: Settings
    stack: Stack

    def path(self, path: str) -> str:
        """A path of the catalogue with this realm in it."""
        return "/" + path.format(realm=self.realm)


@contextmanager
def open_house(name: str, stack: Stack, folder: Path) -> Iterator[House]:
    """Start the front of this name and a portal of its own, with a realm that knows the public address."""
    port = any_free()
    with running(name, folder, urlsplit(stack.internal_url).port or 0, port) as front:
        realm = f"edge-{uuid.uuid4().hex[:8]}"
        try:
            secrets = _make_realms(stack, front, realm)
            settings = _settings(stack, front, realm, folder, secrets)
            public = replace(stack, portal_url=front.portal, keycloak_url=front.keycloak)
            with serving(settings, port):
                yield House(front, realm, f"{realm}-idp", settings, public)
        finally:
            for each in (realm, f"{realm}-idp"):
                stack.admin().delete(f"/admin/realms/{each}")


def _make_realms(stack: Stack, front: Front, realm: str) -> tuple[str, str]:
    """The realm at the public address, and one that plays a provider elsewhere; the secrets of the portal's clients."""
    admin, idp = stack.admin(), f"{realm}-idp"
    addresses = Addresses(front.portal, stack.sample_url, mail_port=stack.mail_port)
    secrets = provision(admin, addresses, realm)
    create_realm(admin, template(IDP_REALM, idp))
    connect_identity_provider(admin, realm, idp)
    for client in ("demo-oidc", "demo-saml"):
        path = f"/admin/realms/{idp}/clients/{admin.client_uuid(idp, client)}"
        admin.put(path, {"clientId": client, "redirectUris": [f"{front.keycloak}/realms/*"]})
    path = f"/admin/realms/{realm}"
    # The run's server knows one public address for all its realms; this one has its own.
    admin.put(path, {"attributes": {**admin.get(path)["attributes"], "frontendUrl": front.keycloak}})
    return secrets["portal"], secrets["portal-read"]


def _settings(stack: Stack, front: Front, realm: str, folder: Path, secrets: tuple[str, str]) -> Settings:
    table = {
        "name": realm, "keycloak_url": front.keycloak, "internal_url": stack.internal_url,
        "client_secret": secrets[0], "read_client_secret": secrets[1],
    }  # fmt: skip
    database = f"sqlite:///{folder / 'portal.db'}"
    return from_mapping(
        {"public_url": front.portal, "demo": True, "trusted_proxies": 1, "database_url": database, "realms": [table]}
    )


@contextmanager
def serving(settings: Settings, port: int) -> Iterator[None]:
    """A portal of its own in this process, on a port."""
    app = create_app(settings)
    store = app.extensions["portal"].store
    store.upgrade()
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        store.engine.dispose()


class _Quiet(WSGIRequestHandler):
    """No line per request."""

    def log(self, type: str, message: str, *args: object) -> None:
        return
