"""Lists of people as text: what is read, and what is wrong with each line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.errors import Invalid
from portal.invitations.sheet import LARGEST, Line, checked, decoded, read

KNOWN = ("manage-members", "view-members", "view-organization")


def people(text: str) -> list[tuple[str, str, str, tuple[str, ...]]]:
    return [(line.email, line.first, line.last, line.roles) for line in read(text)]


@pytest.mark.parametrize(
    "text",
    [
        "anna@a.test,Anna,Arendt,view-members",
        "anna@a.test;Anna;Arendt;view-members\r\n",
        "\ufeffanna@a.test\tAnna\tArendt\tview-members",
        "Email,First name,Last name,Roles\nANNA@a.test, Anna ,Arendt,view-members",
        "Rollen;Nachname;Vorname;E-Mail\nview-members;Arendt;Anna;anna@a.test",
        '"anna@a.test","Anna","Arendt","view-members"\n\n\n',
    ],
)
def test_the_same_person_in_many_ways(text: str) -> None:
    assert people(text) == [("anna@a.test", "Anna", "Arendt", ("view-members",))]


def test_an_address_alone_suffices_and_lines_keep_their_numbers() -> None:
    lines = read("Email\n\nanna@a.test\n\nberta@a.test\n")
    assert [(line.number, line.email) for line in lines] == [(3, "anna@a.test"), (5, "berta@a.test")]


def test_several_roles_are_divided_by_blanks_or_signs() -> None:
    [line] = read('a@a.test,A,B,"view-members, view-organization"')
    assert line.roles == ("view-members", "view-organization")
    assert read("a@a.test;A;B;view-members view-organization|x")[0].roles[-1] == "x"


@pytest.mark.parametrize("text", ["", "\n \n", "Email,Name\n"])
def test_nobody_is_no_list(text: str) -> None:
    with pytest.raises(Invalid):
        read(text)


def test_a_list_has_its_limits() -> None:
    assert len(read("a@a.test\n" * 20_000)) == 20_000
    with pytest.raises(Invalid, match="1 errors"):
        read("a@a.test\n" * 20_001)
    with pytest.raises(Invalid):
        read("x" * (LARGEST + 1))
    with pytest.raises(Invalid):
        decoded(b"x" * (LARGEST + 1))
    with pytest.raises(Invalid):
        decoded("jürgen@a.test".encode("latin-1"))


@pytest.mark.feature("SV-97")
def test_each_line_has_its_problem() -> None:
    lines = read(
        "good@a.test,G,G,view-members\nbad@,B,B,\nnoend@host,N,N,\ngood@a.test,G,G,\nboss@a.test,B,B,Boss\n"
        "high@a.test,H,H,manage-members\nknown@a.test,K,K,\n" + f"long@a.test,{'x' * 256},L,\nusual@a.test,,,"
    )
    found = checked(
        lines, usual=("view-organization",), known=KNOWN, given={"view-members", "view-organization"},
        waiting={"known@a.test": None},
    )  # fmt: skip
    problems = {line.number: line.problem for line in found}
    assert problems[1] == problems[9] == ""
    assert "not an email address" in problems[2]
    assert "no ending" in problems[3]
    assert "stands in line 1" in problems[4]
    assert "no role “Boss”" in problems[5]
    assert "cannot give: manage-members" in problems[6]
    assert "Invited already" in problems[7]
    assert "too long" in problems[8]
    assert found[8].roles == ("view-organization",)
    assert found[0].roles == ("view-members",)


@given(st.text(max_size=300))
def test_whatever_is_pasted_is_read_or_refused(text: str) -> None:
    try:
        lines = read(text)
    except Invalid:
        return
    assert all(isinstance(line, Line) for line in checked(lines, usual=(), known=KNOWN, given=KNOWN, waiting={}))
