"""What the client that makes accounts may do, and only with a grant that names whom it is about."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cast import Client, make_person
from invited import address
from stack import Stack
from waiting import eventually

from portal.access import Grant
from portal.access_grant import issue
from portal.clients.accounts_service import ServiceAccounts
from portal.clients.admin import Admin
from portal.clients.http import Http
from portal.errors import Conflict, Denied, Invalid, NotFound, Upstream
from portal.settings import Realm, load


@pytest.fixture
def realm(stack: Stack) -> Realm:
    """Realm demo, as the running portal knows it."""
    return load({"PORTAL_CONFIG": str(Path(stack.folder, "portal.toml"))}).realms["demo"]


@pytest.fixture
def accounts(realm: Realm) -> ServiceAccounts:
    return ServiceAccounts({"demo": realm}, Http())


def may(*objects: str) -> Grant:
    """A grant for these objects."""
    return issue("invitations.join", "test", "demo", *objects)


def user(stack: Stack, user_id: str) -> Any:
    """The account as the administrator sees it; None if there is none."""
    admin = stack.admin()
    try:
        return admin.get(f"/admin/realms/demo/users/{user_id}")
    finally:
        admin.close()


@pytest.mark.case("S8")
def test_an_account_is_made_named_and_deleted(accounts: ServiceAccounts, realm: Realm, stack: Stack) -> None:
    email = address()
    made = accounts.create(may(email), email, "", "New", "de")
    found = user(stack, made)
    assert (found["email"], found["username"], found["emailVerified"]) == (email, email, True)
    assert "firstName" not in found and found["attributes"]["locale"] == ["de"]
    assert [each.id for each in Admin({"demo": realm}).at(may(email), email)] == [made]
    accounts.named(may(made), made, "Nora", "Other")
    found = user(stack, made)
    assert (found["firstName"], found["lastName"]) == ("Nora", "New"), "a name that is there stays"
    assert found["attributes"]["locale"] == ["de"], "nothing else is touched"
    with pytest.raises(Conflict):
        accounts.create(may(email), email, "Nora", "New")
    accounts.delete(may(made), made)
    assert user(stack, made) is None
    accounts.delete(may(made), made)


@pytest.mark.case("S8")
def test_nothing_is_done_to_whom_the_grant_does_not_name(accounts: ServiceAccounts, stack: Stack) -> None:
    someone, email = make_person(stack), address()
    for deed in (
        lambda: accounts.create(may("x"), email, "A", "B"),
        lambda: accounts.named(may(email), someone.id, "A", "B"),
        lambda: accounts.send_actions(may(email), someone.id, ["UPDATE_PASSWORD"], "portal"),
        lambda: accounts.unlink(may(someone.id), someone.id, "idp-oidc"),
        lambda: accounts.end_session(may(someone.id), "x"),
        lambda: accounts.delete(may(email), someone.id),
    ):
        with pytest.raises(Denied):
            deed()
    assert user(stack, someone.id)["firstName"] == "Tess"
    for wrong in ("../clients", "x", "00000000-0000-0000-0000-00000000000G", someone.id.upper()):
        with pytest.raises(NotFound):
            accounts.delete(may(wrong), wrong)


def test_a_link_and_a_session_are_ended(accounts: ServiceAccounts, stack: Stack) -> None:
    someone = make_person(stack)
    admin, path = stack.admin(), f"/admin/realms/demo/users/{someone.id}"
    admin.post(f"{path}/federated-identity/idp-oidc", {"userId": uuid.uuid4().hex, "userName": "nora"})
    admin.close()
    both = may(someone.id, "idp-oidc")
    accounts.unlink(both, someone.id, "idp-oidc")
    assert someone.read("/federated-identity") == []
    accounts.unlink(both, someone.id, "idp-oidc")
    browser = Client(stack).sign_in(someone)
    [session] = someone.read("/sessions")
    accounts.end_session(may(session["id"]), session["id"])
    assert someone.read("/sessions") == []
    accounts.end_session(may(session["id"]), session["id"])
    eventually(lambda: "kc-form-login" in browser.get("permissions").text, 30)


def test_a_mail_leads_nowhere_but_to_the_client(accounts: ServiceAccounts, stack: Stack) -> None:
    someone = make_person(stack)
    with pytest.raises(Invalid):
        accounts.send_actions(may(someone.id), someone.id, ["UPDATE_PASSWORD"], "portal", "https://evil.test/")
    assert stack.mails(someone.email) == []
    accounts.send_actions(may(someone.id), someone.id, ["UPDATE_PASSWORD"], "portal")
    assert eventually(lambda: stack.mails(someone.email), 30)


def test_a_client_that_is_missing_or_may_nothing_is_the_operators_trouble(realm: Realm) -> None:
    email = address()
    without = replace(realm, accounts_client_secret="")
    wrong = replace(realm, accounts_client_secret="wrong")
    poor = replace(realm, accounts_client_id=realm.setup_client_id, accounts_client_secret=realm.setup_client_secret)
    for set_up, text in ((without, "is not configured"), (wrong, "was refused"), (poor, "lacks a right")):
        clients = ServiceAccounts({"demo": set_up}, Http())
        assert clients.configured("demo") is (set_up is not without) and not clients.configured("nowhere")
        with pytest.raises(Upstream, match=text):
            clients.create(may(email), email, "Nora", "New")
