"""The table of an export: one row a review, with a column for each question of the rubrics."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any, Final

from vision_chat.models import Review, RubricVersion
from vision_chat.services.conversations.records import time_of
from vision_chat.services.presentation.json_table import csv_cell
from vision_chat.services.reviews.exports.names import Names
from vision_chat.services.reviews.exports.reading import Covered, item_id_of
from vision_chat.services.reviews.exports.verdicts import verdict_of

COLUMNS: Final = (
    "review_id",
    "reviewed_at",
    "reviewer",
    "verdict",
    "verdict_tone",
    "note",
    "rubric",
    "rubric_version",
    "conversation_id",
    "item_id",
    "queue_id",
    "owner",
    "created_at",
    "updated_at",
    "models",
    "verdict_that_counts",
)
BYTE_ORDER_MARK: Final = "\ufeff"
"""Without it some spreadsheets read UTF-8 as something else."""


class Table:
    """Makes the head and the rows. Its columns are of all rubrics, so that they are known beforehand."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._keys = _question_keys()

    def head(self) -> bytes:
        answers = [name for key in self._keys for name in (f"answer.{key}", f"reasons.{key}")]
        return (BYTE_ORDER_MARK + _line([*COLUMNS, *answers])).encode()

    def rows(self, covered: Covered) -> bytes:
        return "".join(_line(self._row(covered, review)) for review in covered.reviews).encode()

    def _row(self, covered: Covered, review: Review) -> list[Any]:
        conversation, verdict = covered.conversation, verdict_of(covered)
        models = dict.fromkeys(each.model_name for each in conversation.completions.all())
        queue_ids = {item.pk: item.queue_id for item in conversation.review_items.all()}
        item_id = item_id_of(review)
        return [
            str(review.pk),
            time_of(review.created_at),
            self._names.person(review.author),
            review.verdict,
            review.verdict_tone or None,
            review.note,
            review.rubric_version.rubric.name,
            review.rubric_version.number,
            str(conversation.pk),
            item_id,
            None if item_id is None else queue_ids.get(item_id),
            self._names.person(conversation.owner),
            time_of(conversation.created_at),
            time_of(conversation.updated_at),
            ", ".join(models),
            verdict.value if verdict else None,
            *(cell for key in self._keys for cell in _answer(review.answers.get(key))),
        ]


def _question_keys() -> list[str]:
    keys: dict[str, None] = {}
    for definition in RubricVersion.objects.order_by("pk").values_list("definition", flat=True):
        keys.update(dict.fromkeys(question["key"] for question in definition["questions"]))
    return list(keys)


def _answer(answer: Any) -> tuple[Any, str]:
    """Return the cells of an answer and of the reasons below a bad mark."""
    if not isinstance(answer, dict):
        return answer, ""
    return answer.get("value"), ", ".join(map(str, answer.get("reasons") or ()))


def _line(cells: Sequence[Any]) -> str:
    written = StringIO()
    csv.writer(written).writerow([csv_cell(cell) for cell in cells])
    return written.getvalue()


def rows_of(names: Names, covered: Iterator[Covered]) -> Iterator[bytes]:
    """Yield the table in lines."""
    table = Table(names)
    yield table.head()
    for each in covered:
        yield table.rows(each)
