"""Keys without a server: what they look like, what scopes open, what a network lets in."""

from __future__ import annotations

import pytest

from portal.access import BY_NAME, RIGHTS, Facts, Scope, Verdict, decide
from portal.keys import authenticate
from portal.keys.forms import lines, network
from portal.keys.scopes import SCOPES, givable, rights

OPERATOR = frozenset({"view-realm", "manage-realm", "view-organizations", "manage-organizations"})


def test_a_key_is_long_and_never_the_same() -> None:
    made = {authenticate.new_key() for _each in range(200)}
    assert len(made) == 200
    assert all(key.startswith("sk_") and len(key) == 46 and key[3:].isalnum() for key in made)


@pytest.mark.parametrize(
    ("header", "is_key"),
    [("Bearer sk_x", True), ("bearer  sk_x", True), ("Bearer eyJ", False), ("Basic sk_x", False), ("", False)],
)
def test_keys_and_tokens_are_told_apart(header: str, is_key: bool) -> None:
    assert authenticate.looks_like_key(header) is is_key


def test_no_scope_opens_keys_settings_or_what_wants_a_fresh_sign_in() -> None:
    """Whatever scopes a key has."""
    everything = Facts(signed_in=True, realm_roles=OPERATOR, sign_in_age=float("inf")).limited(rights(SCOPES))
    opened = {row.name for row in RIGHTS if row.scope is not Scope.PUBLIC and decide(row, everything) is Verdict.OK}
    assert not [
        name for name in opened if name.startswith(("keys.", "settings.", "webhooks.", "profile.", "security."))
    ]
    assert not [name for name in opened if BY_NAME[name].fresh]
    assert {"organizations.create", "organization.erase", "domains.manage", "sso.view"} <= opened
    assert "organization.delete" not in opened


def test_an_operator_gives_only_what_he_may_himself() -> None:
    operator = Facts(signed_in=True, realm_roles=OPERATOR)
    assert [scope for scope in SCOPES if not givable(scope, operator)] == []
    keeper = Facts(signed_in=True, realm_roles=frozenset({"view-realm", "manage-realm"}))
    assert not givable("organizations:write", keeper)
    assert not givable("domains:write", keeper)


def test_rights_are_those_of_the_scopes_alone() -> None:
    reader = Facts(signed_in=True, realm_roles=OPERATOR).limited(rights(["organizations:read", "unknown"]))
    assert decide(BY_NAME["organization.view"], reader) is Verdict.OK
    assert decide(BY_NAME["organization.edit"], reader) is Verdict.HIDDEN
    assert decide(BY_NAME["keys.manage"], reader) is Verdict.HIDDEN


@pytest.mark.parametrize(
    ("networks", "address", "inside"),
    [
        ([], "192.0.2.1", True), (["192.0.2.0/24"], "192.0.2.1", True), (["192.0.2.0/24"], "192.0.3.1", False),
        (["2001:db8::/32"], "192.0.2.1", False), (["192.0.2.7/32"], "", False),
        (["192.0.2.0/24"], "::ffff:192.0.2.1", True), (["192.0.2.0/24"], "::ffff:192.0.3.1", False),
    ],
)  # fmt: skip
def test_networks(networks: list[str], address: str, inside: bool) -> None:
    assert authenticate._within(networks, address) is inside


def test_networks_are_read_as_people_write_them() -> None:
    assert network("192.0.2.7/24") == "192.0.2.0/24"
    assert network("192.0.2.7") == "192.0.2.7/32"
    assert lines(" a \n\na\nb") == ["a", "b"]
    with pytest.raises(ValueError, match="does not appear"):
        network("example.test")
