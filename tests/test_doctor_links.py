"""`portal doctor` on what a setup link takes: each thing that fails is named, and the command ends with a failure."""

from __future__ import annotations

import json

import pytest
from connect_bench import (  # the fixtures are found by their names
    Bench,
    bench_fixture,  # noqa: F401
    connected_fixture,  # noqa: F401
    probe_of,
    problems,
)
from sqlalchemy import func, select

from portal.cli import main
from portal.doctor import links
from portal.settings import load
from portal.store import Store
from portal.store.models_links import SetupLink


def said(capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    """Exit code of the command, and the texts of its problems."""
    code = main(["doctor", "--json"])
    findings = json.loads(capsys.readouterr().out)["findings"]
    return code, [each["text"] for each in findings if each["state"] == "problem"]


@pytest.mark.feature("WO-46")
def test_everything_that_a_link_takes_is_performed(connected: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys) == (0, [])
    texts = [each.text for each in links.check(probe_of(connected))]
    assert texts == [
        "there is at least one organization", "people return to https://app.example.com/", "a setup link can be made",
    ]  # fmt: skip
    store = Store(load().database_url)
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(SetupLink)) == 0, "the rehearsal leaves nothing"
    store.engine.dispose()


@pytest.mark.feature("WO-46")
@pytest.mark.parametrize(
    ("address", "told"),
    [
        (None, "no default return address"),
        ("http://app.example.com/", "does not use https"),
        ("https://elsewhere.example/", "is not on the list"),
    ],
)
def test_a_return_address_that_fails_is_named(
    connected: Bench, capsys: pytest.CaptureFixture[str], address: str | None, told: str
) -> None:
    connected.console.set_attribute("portal.returnUrl", address)
    code, texts = said(capsys)
    assert code == 1 and len(texts) == 1 and told in texts[0]


@pytest.mark.feature("WO-46")
@pytest.mark.feature("WO-16")
def test_a_realm_without_an_organization_and_a_wrong_secret_are_named(
    connected: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in connected.console._connection.raw_get(f"realms/{connected.realm}/orgs").json():
        connected.console._connection.raw_delete(f"realms/{connected.realm}/orgs/{each['id']}")
    (trouble,) = problems(links.check(probe_of(connected)))
    assert "no organization yet" in trouble.text and "portal org create" in trouble.mend
    text = connected.config.read_text()
    connected.config.write_text(text.replace(f'client_secret = "{connected.found.secret("portal")}"', ""))
    code = main(["doctor"])
    assert code == 1 and f"client_secret of realm {connected.realm} is not set" in capsys.readouterr().out, (
        "what is missing is named"
    )
    connected.config.write_text(text)
    monkeypatch.delenv("PORTAL_CONFIG")
    assert main(["doctor"]) != 0 and "PORTAL_REALM" in capsys.readouterr().out
