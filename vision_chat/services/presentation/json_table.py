"""A list of flat JSON objects as a table, and as CSV."""

import csv
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any, Final, NamedTuple, Self

MAX_COLUMNS: Final = 30
MAX_ROWS: Final = 500
"""Rows that are shown; the CSV has all."""
MAX_CELL: Final = 500
"""Characters of a cell that are shown."""
_FORMULA: Final = re.compile(r"\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
"""Signs that spreadsheets may take for the beginning of a formula: in Japan also in full width."""

Row = Mapping[str, Any]


class Cell(NamedTuple):
    """A cell as it is shown."""

    text: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class TableView:
    """A table for the template `_json_answer.html`."""

    columns: list[str]
    rows: list[list[Cell]]
    count: int
    """Number of all rows."""

    @classmethod
    def of(cls, value: Any) -> Self | None:
        """View a JSON value; None where it is no list of flat objects."""
        rows = rows_of(value)
        if rows is None:
            return None
        columns = _columns(rows)
        shown = [[_cell(row.get(column)) for column in columns] for row in rows[:MAX_ROWS]]
        return cls(columns, shown, len(rows))

    @property
    def is_cut(self) -> bool:
        return self.count > len(self.rows)


def rows_of(value: Any) -> Sequence[Row] | None:
    """Return the objects of a list of flat ones, which may be all that an object has; None of another value.

    Endpoints that promise a JSON object give no list.
    """
    if isinstance(value, dict) and len(value) == 1:
        (value,) = value.values()
    if not isinstance(value, list) or not value or not all(_is_flat(row) for row in value):
        return None
    return value if len(_columns(value)) <= MAX_COLUMNS else None


def csv_of(rows: Sequence[Row]) -> str:
    """Return the rows as CSV.

    A text that a spreadsheet would take for a formula begins with an apostrophe, because a model may be made
    to write one by what it has read.
    """
    written = StringIO()
    writer = csv.writer(written)
    columns = _columns(rows)
    writer.writerow([_harmless(column) for column in columns])
    writer.writerows([csv_cell(row.get(column)) for column in columns] for row in rows)
    return written.getvalue()


def csv_cell(value: Any) -> str:
    """Return a value as a cell of a CSV file that a spreadsheet takes for no formula."""
    return _text(value) if _is_number(value) else _harmless(_text(value))


def _is_flat(row: Any) -> bool:
    return isinstance(row, dict) and bool(row) and not any(isinstance(v, dict | list) for v in row.values())


def _columns(rows: Sequence[Row]) -> list[str]:
    """Return the keys of all rows, in the order in which they come."""
    return list(dict.fromkeys(key for row in rows for key in row))


def _cell(value: Any) -> Cell:
    text = _text(value)
    return Cell(text if len(text) <= MAX_CELL else f"{text[:MAX_CELL]}…", is_number=_is_number(value))


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _harmless(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text
