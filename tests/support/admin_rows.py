"""Fields that a browser sends of a form with rows inside it."""

from collections.abc import Mapping, Sequence
from typing import Any


def rows_of(prefix: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The fields of these rows; those with an `id` are saved ones, and come first."""
    saved = sum("id" in row for row in rows)
    fields = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": saved}
    return fields | {
        f"{prefix}-{place}-{name}": value for place, row in enumerate(rows) for name, value in row.items()
    }
