"""What the security room hides and refuses: switches, actions of the realm, roles, foreign ids."""

from __future__ import annotations

from typing import Any

import pytest
from cast import Client
from credentials import (
    app,
    change_action,
    codes,
    everything,
    give,
    laptop,
    named,
    names,
    words,
)


def switch(stack: Any, realm: str, section: str) -> None:
    admin = stack.admin()
    present = admin.get(f"/admin/realms/{realm}")
    present["attributes"][f"_providerConfig.portal.{section}.enabled"] = "false"
    admin.put(f"/admin/realms/{realm}", present)
    admin.close()


def refused(eventually: Any, browser: Client, path: str) -> None:
    """404 again and again: each process of the portal learns of a switch within seconds."""
    for _ in range(6):
        eventually(lambda: browser.get(path, follow=False, headers={"Connection": "close"}).status_code == 404)


@pytest.mark.feature("P2-07")
@pytest.mark.feature("P2-08")
@pytest.mark.feature("P2-05")
@pytest.mark.parametrize(
    ("section", "gone", "stays", "hidden"),
    [
        ("profile.password", ["security/password"], "security/passkey/add", "Change password"),
        (
            "profile.twofactor",
            ["security/two-factor/app/add", "security/two-factor/security-key/add",
             "security/two-factor/recovery-codes/add", "security/two-factor/{Phone}/remove",
             "security/two-factor/{Phone}/removing", "security/methods/{Phone}/rename"],
            "security/password", "Phone",
        ),
        (
            "profile.passwordless",
            ["security/passkey/add", "security/passkey/{Work laptop}/remove", "security/passkey/{Work laptop}/removing",
             "security/methods/{Work laptop}/rename"],
            "security/password", "Work laptop",
        ),
        ("profile", ["security", "security/password", "security/methods/{Phone}/rename"], "", ""),
    ],
)  # fmt: skip
def test_a_section_that_is_off_refuses(
    stack: Any, spare_realm: str, person: Any, client: Any, eventually: Any, section: str, gone: list[str], stays: str,
    hidden: str,
) -> None:  # fmt: skip
    someone = person(spare_realm)
    browser: Client = client(someone)
    everything(someone)
    paths = [path.format(**{name: named(someone, name) for name in ("Phone", "Work laptop")}) for path in gone]
    for path in paths:
        assert browser.get(path, follow=False).status_code in {200, 302}
    assert hidden in browser.get("security").text
    switch(stack, spare_realm, section)
    for path in paths:
        refused(eventually, browser, path)
        eventually(lambda path=path: browser.post(path, {"name": "Phone"}).status_code in {404, 405})
    assert "Phone" in names(someone)
    if stays:
        eventually(lambda: not any(text in browser.get("security").text for text in (hidden, *paths)))
        assert browser.get(stays, follow=False).status_code == 302


def test_what_the_realm_does_not_offer_has_no_button_and_no_way(
    stack: Any, spare_realm: str, person: Any, client: Any, eventually: Any
) -> None:
    someone = person(spare_realm)
    browser: Client = client(someone)
    give(someone, app("Phone"), laptop())
    phone = named(someone, "Phone")
    for alias in ("webauthn-register-passwordless", "delete_credential", "UPDATE_PASSWORD"):
        change_action(stack, spare_realm, alias, enabled=False)
    for path in ("security/passkey/add", "security/password", f"security/two-factor/{phone}/removing"):
        refused(eventually, browser, path)

    def shown() -> str:
        return words(browser.get("security").text)

    for gone in ("Add another passkey", "Remove", "Change password"):
        eventually(lambda gone=gone: gone not in shown())
    assert "Work laptop Added" in shown()
    assert "Rename" in shown()


ROLES = [
    ((), 403, 403),
    (("view-profile",), 200, 403),
    (("manage-account",), 403, 403),
    (("view-profile", "manage-account"), 200, 302),
]


@pytest.mark.feature("P2-56")
@pytest.mark.parametrize(("roles", "see", "change"), ROLES)
def test_seeing_and_changing_take_account_roles(
    person: Any, client: Any, roles: tuple[str, ...], see: int, change: int
) -> None:
    someone = person(roles=roles)
    browser: Client = client(someone)
    give(someone, app("Phone"), codes(12))
    phone = named(someone, "Phone")
    answer = browser.get("security")
    assert answer.status_code == see
    paths = (
        "security/password", "security/passkey/add", "security/two-factor/app/add",
        f"security/two-factor/{phone}/removing",
    )  # fmt: skip
    for path in paths:
        assert browser.get(path, follow=False).status_code == change
        assert (path.replace("removing", "remove") in answer.text) == (see == 200 and change == 302)
    renamed = browser.post(f"security/methods/{phone}/rename", {"name": "Tablet"})
    assert renamed.status_code == (303 if change == 302 else 403)
    assert ("Tablet" in names(someone)) == (change == 302)
    if (see, change) == (200, 403):
        assert "Phone Added" in words(answer.text)
        assert "Your account may not add one." in answer.text
        assert "Actions for" not in answer.text


@pytest.mark.case("U7")
def test_anothers_method_is_unknown(person: Any, client: Any) -> None:
    other = give(person(), laptop(), app("Theirs"))
    theirs = [each["id"] for each in other.read("/credentials")]
    browser = client(person())
    for method_id in (*theirs, "unknown", "..%2f.."):
        for path in (
            f"security/passkey/{method_id}/remove", f"security/passkey/{method_id}/removing",
            f"security/two-factor/{method_id}/remove", f"security/two-factor/{method_id}/removing",
            f"security/methods/{method_id}/rename",
        ):  # fmt: skip
            assert browser.get(path, follow=False).status_code == 404
        assert browser.post(f"security/methods/{method_id}/rename", {"name": "Mine"}).status_code == 404
    assert "Theirs" in names(other)
