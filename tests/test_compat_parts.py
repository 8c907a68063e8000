"""The parts of `/compat/workos` that need no server: ids both ways, pages of lists, names for addresses."""

from __future__ import annotations

import random
import uuid

import pytest

from portal.compat import ids
from portal.compat.listing import Window, part, window
from portal.compat.organizations import slug
from portal.errors import Invalid

KNOWN = "01890a5d-ac96-774b-bcce-b302099a8057"


def test_an_id_is_readable_both_ways() -> None:
    chance = random.Random(7)
    for number in (0, 1, 2**128 - 1, *(chance.getrandbits(128) for _each in range(2000))):
        one = str(uuid.UUID(int=number))
        public = ids.organization_id(one)
        assert len(public) == 30
        assert ids.keycloak_id(public) == one
        assert ids.keycloak_id(one) == one


def test_the_letters_are_those_of_crockford() -> None:
    # The example of the TypeID specification.
    assert ids.organization_id(KNOWN) == "org_01H455VB4PEX5VSKNK084SN02Q"
    assert ids.keycloak_id("org_01h455vb4pex5vsknk084sn02q") == KNOWN
    assert ids.keycloak_id("org_O1H455VB4PEX5VSKNKO84SNO2Q") == KNOWN


@pytest.mark.parametrize(
    "given",
    [
        "", "org_", "org_1", "org_81H455VB4PEX5VSKNK084SN02Q", "org_01H455VB4PEX5VSKNK084SN02U", "umbrella", "..",
        "org_domain_01H455VB4PEX5VSKNK084SN02Q", f"org_{KNOWN}", KNOWN.upper(), f"{KNOWN}/members", "org_" + "é" * 26,
    ],
)  # fmt: skip
def test_what_is_no_id_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="not"):
        ids.keycloak_id(given)


def test_made_ids_have_the_form_of_their_kind() -> None:
    for prefix in (ids.DOMAIN, ids.CONNECTION):
        assert ids.is_made(ids.made(prefix), prefix)
    assert not ids.is_made("conn_x", ids.CONNECTION)


ALL = [f"o{number}" for number in range(7)]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Window(3), (["o6", "o5", "o4"], None, "o4")),
        (Window(3, after="o4"), (["o3", "o2", "o1"], "o3", "o1")),
        (Window(3, after="o1"), (["o0"], "o0", None)),
        (Window(3, before="o3"), (["o6", "o5", "o4"], None, "o4")),
        (Window(2, before="o3"), (["o5", "o4"], "o5", "o4")),
        (Window(3, order="asc"), (["o0", "o1", "o2"], None, "o2")),
        (Window(3, order="asc", after="o4"), (["o5", "o6"], "o5", None)),
        (Window(10), (list(reversed(ALL)), None, None)),
        (Window(3, order="normal"), (["o6", "o5", "o4"], "o4", None)),
        (Window(3, before="o4", order="normal"), (["o3", "o2", "o1"], "o1", "o3")),
        (Window(2, after="o1", order="normal"), (["o3", "o2"], "o2", "o3")),
    ],
)
def test_pages(asked: Window, expected: tuple[list[str], str | None, str | None]) -> None:
    found = part(ALL, asked)
    assert (found.ids, found.before, found.after) == expected


def test_an_empty_list_has_no_neighbours() -> None:
    found = part([], Window())
    assert (found.ids, found.before, found.after) == ([], None, None)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"limit": "0"}, "limit"), ({"limit": "101"}, "limit"), ({"limit": "x"}, "limit"),
        ({"order": "up"}, "order"), ({"before": "a", "after": "b"}, "before"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_page_is_told_by_field(asked: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        window(asked)
    assert list(caught.value.errors) == [field]


def test_a_cursor_of_nothing_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        part(ALL, Window(after="o9"))
    assert list(caught.value.errors) == ["after"]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Foo Corp", "foo-corp"), ("  Müller & Söhne GmbH ", "muller-sohne-gmbh"), ("Straße", "strasse"),
        ("株式会社", "organization"), ("--", "organization"), ("x" * 80, "x" * 63),
    ],
)  # fmt: skip
def test_a_name_for_addresses_reminds_of_the_name_for_people(name: str, short: str) -> None:
    assert slug(name) == short
