"""The additional script on a portal of one realm: where it runs, and what is refused."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from cast import Person
from conftest import sign_in
from edge_house import serving
from layout_steps import CODE, form, hash_of
from playwright.sync_api import Browser
from realm_holdings import Realm
from stack import SECRETS, Stack

from portal.demo.ports import any_free
from portal.demo.realms import configure
from portal.settings import Settings, from_mapping
from portal.styles.extras import SCRIPT, hashed, usable

CLIENTS = {"": "portal", "read_": "portal-read", "operator_": "portal-operator", "setup_": "portal-setup"}


@dataclass
class Alone:
    """A portal of one realm only, and the server of the tenant's script."""

    realm: Realm
    stack: Stack
    script: str
    content: list[bytes]

    def people(self) -> Person:
        """Somebody without a role of the realm."""
        return replace(self.realm.join(), stack=self.stack)


@pytest.fixture(scope="module")
def alone(stack: Stack, make_realm: Callable[..., str], tmp_path_factory: Any) -> Iterator[Alone]:
    port, name, content = any_free(), make_realm(), [CODE]
    own = replace(stack, portal_url=f"http://localhost:{port}", folder=str(tmp_path_factory.mktemp("alone")))
    admin = own.admin()
    configure(admin, own.addresses, name)
    for client_id, secret in SECRETS.items():
        path = f"/admin/realms/{name}/clients/{admin.client_uuid(name, client_id)}"
        admin.put(path, {**admin.get(path), "secret": secret})
    with script_server(content) as script, serving(_settings(own, name, script), port):
        yield Alone(Realm(own, lambda: name), own, script, content)


def _settings(own: Stack, name: str, script: str) -> Settings:
    place = script.removeprefix("http://").partition("/")[0]
    table = {
        "name": name, "keycloak_url": own.keycloak_url, "internal_url": own.internal_url,
        **{f"{key}client_secret": SECRETS[client_id] for key, client_id in CLIENTS.items()},
    }  # fmt: skip
    return from_mapping(
        {"public_url": own.portal_url, "demo": True, "database_url": f"sqlite:///{own.folder}/portal.db",
         "outbound_allow": [f"{place} in 127.0.0.0/8"], "realms": [table]}
    )  # fmt: skip


@contextmanager
def script_server(content: list[bytes]) -> Iterator[str]:
    """Serves the first of `content` to everybody, other sites included; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            for key, value in (
                ("Content-Type", "text/javascript"), ("Access-Control-Allow-Origin", "*"),
                ("Cross-Origin-Resource-Policy", "cross-origin"), ("Cache-Control", "no-store"),
                ("Content-Length", str(len(content[0]))),
            ):  # fmt: skip
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(content[0])

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/tenant/a-1.2.js"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.feature("SV-122")
def test_a_registered_script_runs_for_people_without_roles_and_nowhere_that_decides(
    alone: Alone, browser: Browser
) -> None:
    realm = alone.realm
    answer = realm.browser.post("settings/layout", form(realm, script=alone.script, integrity=hash_of(CODE)))
    assert answer.status_code == 303, answer.text
    context = browser.new_context(base_url=alone.stack.portal_url, locale="en-GB")
    page = context.new_page()
    page.goto(f"/{realm.name}/profile")
    sign_in(page, alone.people())
    ran = "document.documentElement.dataset.tenant ?? ''"
    answer = page.goto(f"/{realm.name}/profile")
    policy = answer.headers["content-security-policy"]
    assert page.evaluate(ran) == "here" and f"script-src 'self' {alone.script};" in policy
    for path in (f"/{realm.name}/data/delete", f"/{realm.name}/profile?safe-style=1"):
        answer = page.goto(path)
        assert page.evaluate(ran) == "" and alone.script not in answer.headers["content-security-policy"], path
    page.goto(f"/{realm.name}/data")
    page.locator("a[href$='/data/delete']").first.click()
    page.wait_for_url("**/data/delete")
    assert page.evaluate(ran) == "", "what decides is a page of its own, not a dialog beside the script"
    alone.content[0] = CODE + b" "
    page.goto(f"/{realm.name}/profile")
    assert page.evaluate(ran) == "", "a changed file is refused"
    alone.content[0] = CODE
    context.close()
    mine = realm.browser.get("profile")
    assert alone.script not in mine.text + mine.headers["Content-Security-Policy"], "never for those with realm roles"


@pytest.mark.feature("SV-122")
@pytest.mark.case("B6")
def test_a_script_is_registered_by_exact_address_and_true_hash(alone: Alone) -> None:
    realm = alone.realm
    before = realm.attributes().get(SCRIPT)
    other = f"{alone.script}?a=1; script-src *"
    for script, integrity, said in (
        (other, hash_of(CODE), "Enter the https address of one file"),
        (alone.script.replace("a-1.2", "b"), "sha384-abc", "Enter the hash as sha384"),
        (alone.script.replace("a-1.2", "b"), hash_of(b"else"), hash_of(CODE).partition("-")[2][:20]),
        ("", hash_of(CODE), "Enter the address of the script"),
        ("http://169.254.169.254/a.js", hash_of(CODE), "Enter the https address of one file"),
    ):
        answer = realm.browser.post("settings/layout", form(realm, script=script, integrity=integrity))
        assert answer.status_code == 422 and said in answer.text.replace("&#43;", "+").replace("&#39;", "'"), said
    assert realm.attributes().get(SCRIPT) == before


@pytest.mark.parametrize(
    "url", ["https://a.example/", "https://a.example/x y.js", "https://a.example/a.js;x", "https://u@a.example/a.js",
            "https://a.example/a,b.js", "https://a.example/%61.js", "//a.example/a.js", "https://a.example/a.js#x",
            "data:text/javascript,1"],
)  # fmt: skip
def test_an_address_that_no_policy_can_name_is_none(url: str) -> None:
    assert not usable(url, loopback=True)
    assert usable("https://a.example/v1/a-b_c.min.js", loopback=False)
    assert hashed(hash_of(CODE)) and not hashed("sha384-" + "A" * 64 + "'") and not hashed("md5-AAAA")
