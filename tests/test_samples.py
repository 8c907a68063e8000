"""What the documentation shows runs: the sample application and the lines of curl, against the running portal."""

from __future__ import annotations

import re
import runpy
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from key_steps import OPERATOR, new_key
from realm_holdings import Realm
from stack import Stack

from portal.keys.scopes import SCOPES

DOCS = Path(__file__).parent.parent / "docs"
RETURN = {"portal.returnOrigins": "https://app.example.test Shop", "portal.returnUrl": "https://app.example.test/"}


@pytest.fixture(scope="module")
def realm(stack: Stack, make_realm: Callable[..., str]) -> Realm:
    return Realm(stack, lambda: make_realm(**RETURN), roles=OPERATOR)


@pytest.mark.feature("WO-36")
@pytest.mark.feature("WO-64")
def test_the_sample_application_leads_its_it_administrators_to_a_set_up(
    stack: Stack, realm: Realm, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = new_key(realm, "organizations:read", "organizations:write", "links:sso")
    monkeypatch.setenv("WORKOS_API_KEY", key)
    monkeypatch.setenv("WORKOS_BASE_URL", f"{stack.portal_url}/compat/workos")
    monkeypatch.setenv("APP_URL", "https://app.example.test")
    sample = runpy.run_path(str(DOCS / "samples" / "setup_link_app.py"))
    client = sample["app"].test_client()
    assert client.post("/set-up-sso").status_code == 401
    assert client.post("/set-up-sso", headers={"X-Signed-In-As": "otto"}).status_code == 403
    links = [client.post("/set-up-sso", headers={"X-Signed-In-As": "anna"}).headers["Location"] for _each in "ab"]
    sample["workos"]().close()
    assert links[0] != links[1]
    page = requests.get(links[1], timeout=30)
    assert page.status_code == 200
    assert "Acme GmbH" in page.text


@pytest.mark.feature("WO-17")
@pytest.mark.feature("WO-51")
def test_the_lines_of_curl_do_what_they_say(stack: Stack, realm: Realm) -> None:
    text = (DOCS / "workos.md").read_text(encoding="utf-8")
    lines = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    assert len(lines) == 4
    env = {
        "PORTAL": stack.portal_url, "KEY": new_key(realm, *SCOPES), "APP": "https://app.example.test",
        "RUN": uuid.uuid4().hex[:8], "PATH": "/usr/local/bin:/usr/bin:/bin",
    }  # fmt: skip
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(lines)], env=env, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"/portal/launch\?token=[\w-]{43}", done.stdout)
    assert done.stdout.count('"external_id"') == 2
