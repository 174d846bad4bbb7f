"""A list of flat objects as a table, and as CSV that no spreadsheet runs."""

import csv
from io import StringIO
from typing import Any

import pytest

from vision_chat.services.presentation.json_answer import csv_answer
from vision_chat.services.presentation.json_table import MAX_CELL, MAX_COLUMNS, MAX_ROWS, TableView, csv_of

ROWS = [{"name": "Apple", "price": 3.5}, {"price": 2, "paid": True, "name": None}]


@pytest.mark.parametrize("value", [ROWS, {"items": ROWS}])
def test_flat_objects_are_a_table_with_all_their_keys(value: Any) -> None:
    table = TableView.of(value)
    assert table is not None
    assert table.columns == ["name", "price", "paid"]
    assert [[cell.text for cell in row] for row in table.rows] == [["Apple", "3.5", ""], ["", "2", "true"]]
    assert [cell.is_number for cell in table.rows[1]] == [False, True, False]
    assert not table.is_cut


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        [1, 2],
        [{}],
        [{"a": [1]}],
        [{"a": 1}, 2],
        {"items": ROWS, "count": 2},
        {"a": 1},
        [{str(number): 1 for number in range(MAX_COLUMNS + 1)}],
    ],
)
def test_anything_else_is_none(value: Any) -> None:
    assert TableView.of(value) is None


def test_it_has_limits() -> None:
    table = TableView.of([{"a": "x" * 9000}] * (MAX_ROWS + 1))
    assert table is not None
    assert (len(table.rows), table.count, table.is_cut) == (MAX_ROWS, MAX_ROWS + 1, True)
    assert len(table.rows[0][0].text) == MAX_CELL + 1


@pytest.mark.parametrize(
    "formula",
    [
        "\uff1dSUM(A1)",
        "=1+1",
        "+1",
        "-1+cmd|' /C calc'!A0",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "|calc",
        "%0A=1",
    ],
)
def test_a_text_that_could_be_a_formula_is_none_in_csv(formula: str) -> None:
    rows = list(csv.reader(StringIO(csv_of([{formula: formula}]), newline="")))
    assert rows == [[f"'{formula}"], [f"'{formula}"]]


def test_csv_has_numbers_as_they_are_and_quotes_what_needs_it() -> None:
    assert csv_of([{"a": -1.5, "b": 'x "y", z\nnew', "c": None, "d": False}]) == (
        'a,b,c,d\r\n-1.5,"x ""y"", z\nnew",,false\r\n'
    )


def test_an_answer_in_a_fence_is_csv_too() -> None:
    assert csv_answer('```json\n[{"a": 1}]\n```') == "a\r\n1\r\n"
    assert csv_answer("Words.") is None
