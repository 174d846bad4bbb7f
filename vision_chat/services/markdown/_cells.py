"""Cells of a table, whose bars the parser takes one by one."""

import re

CELL_ENDS = re.compile(r"(?<!\\)\|")
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")


def columns(line: str) -> int:
    """The number of cells of a line."""
    return len(CELL_ENDS.findall(_inner(line))) + 1


def fitted(row: str, delimiters: str) -> str:
    """`row` with no more cells than the line of delimiters has: the parser would drop what is in the others.

    Bars in code end no cell; the last cell takes what is too much. Formulas are left to their placeholders.
    """
    if "`" in row:
        row = _CODE.sub(lambda code: CELL_ENDS.sub(r"\|", code[0]), row)
    most = columns(delimiters)
    if "$" in row or r"\(" in row or columns(row) <= most:
        return row
    ends = [end.start() for end in CELL_ENDS.finditer(row)]
    first = most if row.lstrip().startswith("|") else most - 1
    last = len(row.rstrip()) - 1
    surplus = {end for end in ends[first:] if end != last}
    return "".join("\\|" if place in surplus else sign for place, sign in enumerate(row))


def _inner(line: str) -> str:
    return line.strip().removeprefix("|").removesuffix("|")
