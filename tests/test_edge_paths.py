"""What the public fronts of docs/edge/ let through, before something that answers everything and writes it down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fronts import INSTALLED, Front, listening, running, send

PASSED = (
    "/realms/demo/protocol/openid-connect/auth?client_id=x&redirect_uri=https%3A%2F%2Fa.test%2F..%2Fb&scope=a;b//c",
    "/realms/demo/protocol/saml",
    "/realms/demo/protocol/saml/descriptor",
    "/realms/acme.eu-1_x/login-actions/action-token?key=e.y~j-",
    "/realms/demo/broker/Umbrella_ID-1.2/endpoint/descriptor",
    "/realms/demo/broker/idp/login?a",
    "/realms/demo/broker/after-first-broker-login?session_code=x",
    "/realms/demo/broker/after-post-broker-login",
    "/realms/demo/.well-known/openid-configuration",
    "/resources/abc12/login/keycloak.v2/img/pfbg_576@2x.jpg",
    "/resources/abc12/login/portal/css/login.min.css?v=1",
)
# The same place by other names, or a public place and a way back out of it. `{path}` has no slash in front.
TRICKS = (
    "/{path}", "//{path}", "/./{path}", "/{path}/", "/{path}//", "/{path}/.", "/{path}?a=b", "/{path};a=b",
    "/{path}%2f", "/{path}%00", "/{path}%20", "/x/../{path}", "/resources/../{path}", "/resources/%2e%2e/{path}",
    "/resources/.%2e/{path}", "/resources/..%2f{path}", "/resources%2f..%2f{path}", "/resources/%252e%252e/{path}",
    "/resources/..;/{path}", "/resources/..;a=b/{path}", "/resources;/../{path}", "/resources/..%5c{path}",
    "/resources\\..\\{path}", "/resources/%c0%ae%c0%ae/{path}", "/resources/%c0%ae%c0%ae%c0%af{path}",
    "/resources/%ef%bc%8e%ef%bc%8e/{path}", "/resources/a#/../../{path}", "/resources/a%23/../../{path}",
    "/resources/a%3f/../../{path}", "/realms/demo/protocol/../../../{path}",
    "/realms/demo/login-actions/x/../../../../{path}", "/realms/demo/.well-known/../../../{path}",
    "/realms/demo/broker/a/endpoint/../../../../../{path}", "/RESOURCES/../{path}", "http://localhost/{path}",
    "http://localhost/resources/../{path}", "http://localhost//{path}",
)  # fmt: skip
INSIDE = (
    "admin/realms/demo", "admin;/realms/demo", "Admin/realms/demo", "%61dmin/realms/demo", "ADMIN/realms/demo",
    "realms/demo/orgs", "realms//demo/orgs", "realms/demo//orgs", "realms/./demo/orgs", "realms/demo/./orgs",
    "realms;a/demo/orgs", "realms/demo;a/orgs", "realms/demo/orgs;a", "Realms/demo/orgs", "realms/demo/Orgs",
    "realms/demo/%6frgs", "realms/demo%2forgs", "realms%2fdemo%2forgs", "realms/demo/protocol;/../orgs",
    "realms/demo/protocol/..;/orgs", "realms/demo/protocol/../orgs", "realms/demo/protocol/%2e%2e/orgs",
    "realms/demo/protocol/..%2forgs", "realms/demo/protocol%2f..%2forgs", "realms/demo/protocol/..%5corgs",
    "realms/demo/users/me/orgs", "realms/demo/users/me/invitations", "realms/demo/webhooks", "realms/demo/attributes",
    "realms/demo/account", "realms/demo/account/credentials", "realms/protocol/account", "realms/demo/x/protocol/y",
    "realms/demo/protocolx/y", "realms/demo/protocol", "realms/demo/broker/idp/token",
    "realms/demo/broker/idp/token;/endpoint",
    "realms/demo/broker/idp/token/endpoint", "realms/demo/broker/idp/token%2f..%2fendpoint", "realms/demo/broker",
    "realms/master/protocol/openid-connect/auth", "realms/MASTER/protocol/saml", "realms/%6daster/protocol/saml",
    "realms/master;a/protocol/saml", "realms/./master/protocol/saml",
)  # fmt: skip


@pytest.fixture(scope="module", params=INSTALLED)
def watched(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Front, list[tuple[str, dict[str, str]]]]]:
    """This front before something that answers everything, and what came to it."""
    folder = tmp_path_factory.mktemp(request.param)
    with listening() as (port, seen), running(request.param, folder, port, port) as front:
        yield front, seen


def test_what_is_public_reaches_keycloak_as_it_was_asked(watched: Any) -> None:
    front, seen = watched
    for path in PASSED:
        for method in ("GET", "POST", "OPTIONS", "HEAD"):
            seen.clear()
            assert front.ask(path, method, Content_Length="0")[0] == 200, path
            assert [line for line, _ in seen] == [f"{method} {path} HTTP/1.1"]


@pytest.mark.parametrize("path", [*TRICKS, *(f"/{each}" for each in INSIDE)])
def test_no_trick_reaches_keycloak(watched: Any, path: str) -> None:
    front, seen = watched
    seen.clear()
    for inside in INSIDE if "{path}" in path else ("",):
        status = front.ask(path.format(path=inside))[0]
        assert status in {400, 404}, inside
    assert seen == []


def test_other_methods_do_not_reach_keycloak(watched: Any) -> None:
    front, seen = watched
    seen.clear()
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "get"):
        assert front.ask("/realms/demo/protocol/openid-connect/token", method)[0] in {400, 404, 405}
    assert seen == []


@pytest.mark.case("A15")
def test_what_a_front_says_cannot_be_forged(watched: Any) -> None:
    front, seen = watched
    forged = {
        "Forwarded": "for=9.9.9.9;host=evil.test", "X_Forwarded_For": "9.9.9.9", "X_Forwarded_Host": "evil.test",
        "X_Forwarded_Proto": "gopher", "X_Forwarded_Port": "9", "X_Forwarded_Prefix": "/evil",
    }  # fmt: skip
    for base in (front.keycloak, front.portal):
        seen.clear()
        assert send(base, "/realms/demo/protocol/saml", "GET", front.certificate, **forged)[0] == 200
        [(_, head)] = seen
        assert head["X-Forwarded-For"] == "127.0.0.1" and head["X-Forwarded-Proto"] == base.split(":")[0]
        assert head["Host"].startswith("localhost")
        assert not any(word in str(head) for word in ("evil", "9.9.9.9", "gopher"))


def test_a_front_passes_the_portal_on_but_for_its_figures(watched: Any) -> None:
    front, seen = watched
    seen.clear()
    for path in ("/metrics", "/metrics/", "//metrics", "/%6detrics", "/x/../metrics"):
        assert send(front.portal, path, "GET", front.certificate)[0] == 404
    assert seen == []
    assert send(front.portal, "/demo/o/a%2Fb?x=%2f", "PUT", front.certificate)[0] == 200
    assert seen[0][0] == "PUT /demo/o/a%2Fb?x=%2f HTTP/1.1"
