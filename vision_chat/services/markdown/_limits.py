"""Limits of what is rendered as Markdown."""

from itertools import accumulate

from vision_chat.services.markdown import _formulas, _spans

MAX_DEPTH = 32
"""Containers within each other."""
MAX_BLOCK = 32_768
MAX_TABLE = 131_072
MAX_LINE = 8_192
MAX_MARKS = 5_000
MAX_CELLS = 20_000
_MARKS = "*_`~|<[$\n"
_MARKS_IN_TABLE = "*_`~<[$"
_HTML_PER_MARK = 20
_HTML_PER_FORMULA_CHARACTER = 25


def place_of_excess(source: str, *, is_table: bool, is_certain: bool) -> int:
    """The end of the line with which the element `source` passes a limit, or -1.

    Where it is not certain how much of the text belongs to it, only the length of its last two lines counts.
    """
    lines = source.split("\n")
    maximum, marks = (MAX_TABLE, _MARKS_IN_TABLE) if is_table else (MAX_BLOCK, _MARKS)
    bars = max(line.count("|") for line in lines) if "|" in source else 0
    is_within = len(source) <= maximum and max(map(len, lines)) <= MAX_LINE and len(lines) * bars <= MAX_CELLS
    if is_within and sum(map(source.count, marks)) <= MAX_MARKS:
        return -1
    number = _first_line_over(lines, maximum, marks)
    is_too_long = number < len(lines) and len(lines[number]) > MAX_LINE
    if number == len(lines) or not (is_certain or is_too_long or number < len(lines) - 2):
        return -1
    return sum(map(len, lines[: number + 1])) + number


def _first_line_over(lines: list[str], maximum: int, marks: str) -> int:
    """The number of the first line with which a limit is passed, from 0 on; that of lines if none is."""
    sizes = accumulate(len(line) + 1 for line in lines)
    counts = accumulate(sum(map(f"{line}\n".count, marks)) for line in lines)
    bars = accumulate((line.count("|") for line in lines), max)
    for number, (line, size, count, widest) in enumerate(zip(lines, sizes, counts, bars, strict=True)):
        is_within = size - 1 <= maximum and len(line) <= MAX_LINE and count <= MAX_MARKS
        if not is_within or (number + 1) * widest > MAX_CELLS:
            return number
    return len(lines)


def weight(source: str, *, is_fence: bool = False) -> int:
    """An estimate of the size of an element's HTML, in characters."""
    size = len(source) + sum(map(source.count, _MARKS)) * _HTML_PER_MARK
    if not is_fence and _formulas.might_be_in(source):
        formulas = _spans.formulas_in(source)
        size += sum(len(formula.whole) for formula in formulas) * _HTML_PER_FORMULA_CHARACTER
    return size
