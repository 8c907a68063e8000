"""Files for spreadsheets hold text, not formulas."""

from __future__ import annotations

import ast

import pytest
from test_layers import sources

from portal import spreadsheet


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\u00a0=1", "＝1", "\r=1", "\n@x"])
def test_nothing_in_a_file_is_taken_for_a_formula(cell: str) -> None:
    assert spreadsheet.as_text(cell) == f"'{cell}"
    assert spreadsheet.as_text(f"a{cell}") == f"a{cell}"


def test_a_line_is_guarded_cell_by_cell() -> None:
    assert spreadsheet.row(["=1+1", 'a "b", c', "", "a=1"]) == '\'=1+1,"a ""b"", c",,a=1\r\n'


def test_csv_is_written_in_one_place() -> None:
    writers = {
        name
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"writer", "DictWriter"}
    }
    assert writers == {"portal.spreadsheet"}
