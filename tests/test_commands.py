"""`portal org` and `portal settings`: the pages' own actions at the command line, decided and recorded like them."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cast import Client
from command_line import Run, command  # noqa: F401
from realm_holdings import MANAGE, Realm
from sqlalchemy import select
from stack import Stack

from portal.realm_settings import values
from portal.store.models import AuditRow

SSO = "_providerConfig.portal.org.sso.enabled"
DAYS, RETURN, ORIGINS = "portal.linkDays", "portal.returnUrl", "portal.returnOrigins"


@pytest.fixture(scope="session")
def realm(stack: Stack, make_realm: Callable[..., str]) -> Realm:
    """One for this file."""
    return Realm(stack, make_realm, (*MANAGE, "view-organizations", "manage-organizations"))


@pytest.fixture
def portal(command: Run, realm: Realm) -> Run:  # noqa: F811
    """Runs a command in the realm."""
    return partial(command, name=realm.name)


def administrator(realm: Realm) -> tuple[str, str]:
    return "--username", realm.stack.administrator(realm.name)


def records(realm: Realm, tag: str) -> list[AuditRow]:
    store = realm.stack.store()
    with store.read() as transaction:
        mine = select(AuditRow).where(AuditRow.realm == realm.name, AuditRow.tag == tag).order_by(AuditRow.at)
        found = list(transaction.scalars(mine))
    store.engine.dispose()
    return found


@pytest.mark.feature("WO-47")
@pytest.mark.feature("WO-03")
def test_an_organization_from_its_making_to_its_end(portal: Run, realm: Realm) -> None:
    code, out, _ = portal("org", "list")
    assert code == 0 and "No organization yet" in out and "portal org create" in out and "API" in out
    code, out, _ = portal("org", "create", "acme", "--display-name", "Acme", "--domain", "acme-cli.test", "--json")
    made = json.loads(out)
    assert code == 0 and made["name"] == "acme"
    assert made["id"] in realm.browser.get("o/acme/details").text, "the pages know it at once"
    assert "acme-cli.test" in realm.browser.get("o/acme/domains").text
    (record,) = records(realm, "organization.create")
    assert record.principal["kind"] == "console" and record.sub == f"console:{getpass.getuser()}"
    assert record.state == "done" and record.organization == made["id"]
    code, out, _ = portal("org", "show", "acme")
    assert code == 0 and made["id"] in out and "Acme" in out
    assert made["id"] in portal("org", "show", made["id"])[1], "by its id too"
    assert "acme" in portal("org", "list", "acm")[1] and portal("org", "list", "nothing-like-it")[1] == ""
    code, _, err = portal("org", "delete", "acme")
    assert code == 1 and "nothing was deleted" in err, "nobody is there to answer the question"
    assert portal("org", "delete", "acme", "--yes")[:2] == (0, "acme is deleted.\n")
    assert realm.browser.get("o/acme/details", follow=False).status_code == 404
    assert records(realm, "organization.delete")[-1].principal["kind"] == "console"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("org", "create", "No Such Name"), 1, "small letters"),
        (("org", "create", "x", "--domain", "not a domain"), 1, "not a domain"),
        (("org", "show", "nobody-has-this-name"), 1, "no organization"),
        (("org", "show", "00000000-0000-0000-0000-000000000000"), 1, ""),
        (("settings", "show", "portal.secret"), 1, "no setting"),
        (("settings", "set", "portal.secret=1", "--username", "admin"), 1, "not a setting"),
        (("settings", "set", f"{DAYS}=400", "--username", "admin"), 1, "from 1 to 365"),
        (("settings", "set", f"{SSO}=maybe", "--username", "admin"), 1, "true or false"),
        (("settings", "set", f"{RETURN}=http://app.example.com/", "--username", "admin"), 1, "https"),
        (("settings", "set", f"{DAYS}=20"), 2, "say who saves"),
        (("settings", "import", "/no/such/file", "--username", "admin"), 1, "cannot be read"),
        (("org",), 2, ""),
    ],
)
def test_what_is_refused_is_said_and_nothing_is_written(
    portal: Run, realm: Realm, arguments: tuple[str, ...], code: int, told: str
) -> None:
    before = realm.attributes()
    found = portal(*arguments)
    assert found[0] == code and told in found[2], found
    assert realm.attributes() == before


def test_settings_are_saved_shown_and_stand_in_the_history(portal: Run, realm: Realm) -> None:
    code, out, _ = portal("settings", "set", f"{DAYS}=20", f"{SSO}=false", *administrator(realm))
    assert code == 0 and f"changed: {DAYS}" in out and f"changed: {SSO}" in out
    assert realm.attributes()[DAYS] == "20" and realm.attributes()[SSO] == "false"
    assert 'value="20"' in realm.browser.get("settings/return").text
    history = realm.browser.get("settings/changes").text
    assert getpass.getuser() in history and "Single sign-on" in history
    assert json.loads(portal("settings", "show", DAYS, "--json")[1]) == {DAYS: "20"}
    assert {record.principal["kind"] for record in records(realm, "settings.save")} >= {"console"}
    assert portal("settings", "set", f"{DAYS}=20", *administrator(realm))[1] == "Nothing was changed.\n"
    portal("settings", "set", f"{SSO}=", f"{DAYS}=", *administrator(realm))
    assert DAYS not in realm.attributes()


def test_an_export_is_imported_whole_or_not_at_all(portal: Run, realm: Realm, tmp_path: Path) -> None:
    admin = administrator(realm)
    there = json.loads(portal("settings", "export")[1])
    assert all(there.values()) and f"{ORIGINS}" in there
    file = tmp_path / "realm.json"
    wanted = {ORIGINS: "https://app.example.com Orders", RETURN: "https://app.example.com/", DAYS: "7"}
    file.write_text(json.dumps({**wanted, DAYS: "0"}))
    assert portal("settings", "import", str(file), *admin)[0] == 1
    assert realm.attributes()[ORIGINS] == there[ORIGINS], "one mistake keeps all of it out"
    file.write_text(json.dumps(wanted))
    assert portal("settings", "import", str(file), *admin)[0] == 0
    assert {key: realm.attributes()[key] for key in wanted} == wanted
    file.write_text(json.dumps(there))
    code, out, _ = portal("settings", "import", str(file), "--exactly", *admin, "--json")
    assert code == 0 and DAYS in json.loads(out)["changed"]
    assert values.of(realm.attributes()) == there


def test_a_wrong_password_saves_nothing(portal: Run, realm: Realm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "PORTAL_CONNECT_PASSWORD", "wrong")
    code, _, err = portal("settings", "set", f"{DAYS}=9", *administrator(realm))
    assert code == 1 and "does not accept" in err and DAYS not in realm.attributes()


@pytest.mark.feature("P2-05")
def test_a_section_that_is_off_is_off_at_the_command_line_too(portal: Run, realm: Realm) -> None:
    assert portal("org", "create", "kept")[0] == 0
    realm.write(**{"_providerConfig.portal.org.details.enabled": "false"})
    code, _, err = portal("org", "delete", "kept", "--yes")
    assert code == 1 and "refused" in err
    realm.write(**{"_providerConfig.portal.org.details.enabled": "true"})
    assert portal("org", "delete", "kept", "--yes")[0] == 0


def test_a_realm_that_is_not_configured_is_named(portal: Run, client: Callable[..., Client]) -> None:
    code, _, err = portal("org", "list", name="nowhere")
    assert (code, err) == (2, "portal org: realm nowhere is not configured\n")


def test_values_of_others_move_no_cursor() -> None:
    from portal.console.output import printed

    rows: list[dict[str, Any]] = [{"name": "a\x1b[2Jb\nc"}]
    assert printed(rows, as_json=False) == "name\na [2Jb c\n"
