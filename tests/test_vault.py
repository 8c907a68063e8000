"""Sealed secrets open in their place, with their key, unchanged, and not otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.store.vault import Vault, VaultError, load_keys

OLD, NEW = bytes(range(32)), bytes(range(1, 33))
PLACE = ("demo", "session", "access_token", "row-1")


@given(st.text())
def test_what_is_sealed_opens_in_its_place(value: str) -> None:
    assert Vault([OLD]).open(Vault([OLD]).seal(value, *PLACE), *PLACE) == value


@pytest.mark.parametrize("position", range(4))
def test_a_value_moved_to_another_place_does_not_open(position: int) -> None:
    vault = Vault([OLD])
    elsewhere = list(PLACE)
    elsewhere[position] += "x"
    with pytest.raises(VaultError):
        vault.open(vault.seal("token", *PLACE), *elsewhere)


@given(st.data())
def test_a_changed_value_does_not_open(data: st.DataObject) -> None:
    sealed = bytearray(Vault([OLD]).seal("a token of some length", *PLACE))
    position = data.draw(st.integers(0, len(sealed) - 1))
    sealed[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises(VaultError):
        Vault([OLD]).open(bytes(sealed), *PLACE)


def test_a_key_that_is_not_there_opens_nothing_and_an_older_one_does() -> None:
    sealed = Vault([OLD]).seal("token", *PLACE)
    assert Vault([NEW, OLD]).open(sealed, *PLACE) == "token"
    with pytest.raises(VaultError, match="unknown key"):
        Vault([NEW]).open(sealed, *PLACE)


def test_the_same_value_never_looks_the_same_twice() -> None:
    assert Vault([OLD]).seal("token", *PLACE) != Vault([OLD]).seal("token", *PLACE)


@pytest.mark.parametrize("text", ["", "short", "AAAA", "not base64 é"])
def test_a_key_file_that_holds_no_keys_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(VaultError):
        Vault(load_keys(str(path)))
