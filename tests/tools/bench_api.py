"""Measure calls of programs for docs/figures.md: on one core, with a Keycloak that answers from memory at once.

`python tests/tools/bench_api.py [CALLS]`, 2,000 of each kind unless told otherwise.
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
import sys
import tempfile
import time
import tomllib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import requests
from databases import installation
from flask import Flask, jsonify
from requests.adapters import HTTPAdapter
from werkzeug.test import EnvironBuilder, run_wsgi_app

from portal.access_keys import CHANGE
from portal.access_realm import ORGANIZATIONS
from portal.keys.authenticate import SHOWN, digest, new_key
from portal.keys.scopes import SCOPES
from portal.settings import from_mapping
from portal.store import Store, keys, now
from portal.store.models_keys import ApiKey
from portal.web import application, logs

# A key may be used 1,200 times a minute, and an address may ask so often: calls come from many of both.
KEYS, ADDRESSES = 200, 250
WARM = KEYS  # rights of a key are read at its first use, then every minute
ORGANIZATION, OWNER, CONTAINER = (str(uuid.uuid4()) for _each in range(3))
HERE = {"id": ORGANIZATION, "name": "acme", "displayName": "Acme", "domains": [], "attributes": {}}
ROLES = sorted({*CHANGE, *ORGANIZATIONS, "create-organization"})
RETURN = {"portal.returnOrigins": "https://app.example.test Shop", "portal.returnUrl": "https://app.example.test/"}
ROLE_LIST = [{"id": str(uuid.uuid4()), "name": name} for name in ROLES]
MAPPINGS = {
    "clientMappings": {"realm-management": {"id": CONTAINER, "client": "realm-management", "mappings": ROLE_LIST}}
}
CLAIMS = base64.urlsafe_b64encode(json.dumps({"sub": OWNER}).encode()).decode().rstrip("=")
TOKEN = {"access_token": f"e30.{CLAIMS}.c", "expires_in": 3000, "refresh_expires_in": 3000, "token_type": "Bearer"}
ANSWERS: list[tuple[str, Any]] = [
    (r"/protocol/openid-connect/token$", TOKEN),
    (r"/orgs/count$", 1),
    (r"/orgs/[0-9a-f-]{36}$", HERE),
    (r"/orgs(\?|$)", [HERE]),
    (r"/orgs/[0-9a-f-]{36}/domains$", []),
    (r"/composite$", ROLE_LIST),
    (r"/role-mappings$", MAPPINGS),
    (r"/users/[0-9a-f-]{36}$", {"id": OWNER, "username": "rita", "email": "rita@demo.test", "enabled": True}),
    (r"/required-actions$", []),
    (r"/admin/realms/demo$", {"realm": "demo", "attributes": RETURN, "internationalizationEnabled": False}),
]


def keycloak(_self: HTTPAdapter, request: requests.PreparedRequest, **_more: Any) -> requests.Response:
    """In place of the connection to Keycloak. Raises `LookupError` for what it was not told."""
    path = str(request.url).partition("?")[0]
    for pattern, body in ANSWERS:
        if re.search(pattern, path):
            answer = requests.Response()
            answer.status_code, answer.raw, answer.request = 200, io.BytesIO(json.dumps(body).encode()), request
            answer.url, answer.headers["Content-Type"] = str(request.url), "application/json"
            return answer
    raise LookupError(f"{request.method} {path}")


@dataclass(frozen=True)
class Figure:
    """Calls a second of processor time, and how long a call took by the clock: median and 95 of 100, milliseconds."""

    rate: float
    median: float
    p95: float


def measure(app: Any, calls: int, make: Callable[[int], EnvironBuilder], status: int) -> Figure:
    """So many calls, one after the other, without a socket. What is answered has to have this status."""
    took, used = [], 0.0
    for number in range(WARM + calls):
        environ = make(number).get_environ()
        environ["REMOTE_ADDR"] = f"10.0.0.{number % ADDRESSES}"
        began, busy = time.perf_counter(), time.process_time()
        body, said, _headers = run_wsgi_app(app, environ, buffered=True)
        took.append(time.perf_counter() - began)
        used += time.process_time() - busy if number >= WARM else 0.0
        assert said.startswith(str(status)), (said, b"".join(body)[:500])
    cuts = quantiles(took[WARM:], n=20)
    return Figure(calls / used, cuts[9] * 1000, cuts[18] * 1000)


def bare() -> Flask:
    """The unit: a route that does nothing."""
    app = Flask("bare")
    app.add_url_rule("/", view_func=lambda: jsonify({"name": "Acme"}))
    return app


def key_rows(store: Store) -> list[str]:
    """Keys of an operator, for everything."""
    made = []
    for _each in range(KEYS):
        secret, present = new_key(), now()
        row = ApiKey(
            id=uuid.uuid4().hex, realm="demo", hash=digest(secret), shown=secret[:SHOWN], name="bench",
            scopes=list(SCOPES), organizations=[], networks=[], owner=OWNER, owner_name="rita", roles=[], roles_at=0.0,
            created=present, expires=present + timedelta(days=1), reason="",
        )  # fmt: skip
        keys.insert(store, row)
        made.append(secret)
    return made


def builders(secrets: list[str]) -> dict[str, tuple[Callable[[int], EnvironBuilder], int]]:
    """What is called, by its line in the table."""

    def asking(method: str, path: str, **body: Any) -> Callable[[int], EnvironBuilder]:
        def make(number: int) -> EnvironBuilder:
            head = {"Authorization": f"Bearer {secrets[number % KEYS]}"}
            return EnvironBuilder(path=path, method=method, headers=head, json=body or None)

        return make

    compat, api = "/compat/workos", f"/demo/api/v1/organizations/{ORGANIZATION}"
    return {
        "`GET /compat/workos/organizations/{id}`": (asking("GET", f"{compat}/organizations/{ORGANIZATION}"), 200),
        "`GET /compat/workos/organizations`": (asking("GET", f"{compat}/organizations"), 200),
        "`POST /compat/workos/portal/generate_link`": (
            asking("POST", f"{compat}/portal/generate_link", organization=ORGANIZATION, intent="sso"), 201,
        ),
        "`GET /<realm>/api/v1/organizations/{id}`": (asking("GET", api), 200),
        "`GET /<realm>/api/v1/organizations/{id}/domains`": (asking("GET", f"{api}/domains"), 200),
    }  # fmt: skip


def main(calls: int = 2_000) -> None:
    """Print the table."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    HTTPAdapter.send = keycloak  # type: ignore[method-assign,assignment]
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/portal.db")
        store.upgrade()
        app = portal(store, Path(folder))
        logs.init("ERROR")
        plain = bare()
        unit = measure(plain, calls, lambda _number: EnvironBuilder(path="/"), 200)
        print("| call | a second | of a bare route | median, ms | p95, ms |\n|---|---|---|---|---|")
        print(f"| a bare Flask route | {unit.rate:,.0f} | 1 | {unit.median:.2f} | {unit.p95:.2f} |")
        for name, (make, status) in builders(key_rows(store)).items():
            found = measure(app, calls, make, status)
            share = f"1/{unit.rate / found.rate:.0f}"
            print(f"| {name} | {found.rate:,.0f} | {share} | {found.median:.1f} | {found.p95:.1f} |", flush=True)
        store.engine.dispose()


def portal(store: Store, folder: Path) -> Flask:
    """The whole application."""
    from portal import GUEST_ROOMS, ROOMS

    installation(store, folder, 1)
    config = tomllib.loads((folder / "portal.toml").read_text(encoding="utf-8"))
    [realm] = config["realms"]
    realm |= {f"{kind}client_secret": "s" for kind in ("", "read_", "setup_")}
    return application.create(from_mapping(config), ROOMS, GUEST_ROOMS)


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:]))
