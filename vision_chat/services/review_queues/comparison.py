"""How far the reviewers of a queue agree: per question and pair of reviewers."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from vision_chat.models import Queue, Review
from vision_chat.services.review_queues.agreement import Agreement, agreement
from vision_chat.services.review_queues.answers import categories_of
from vision_chat.services.review_queues.states import HandState
from vision_chat.services.review_queues.versions import current


@dataclass(frozen=True, slots=True)
class Row:
    """The agreement of two reviewers on one question; on the verdict where `key` is empty."""

    key: str
    label: str
    first: str
    second: str
    figures: Agreement


def of_queue(queue: Queue) -> list[Row]:
    """Return the agreement of all who have judged the same items, question by question.

    What counts of each is what they said before anybody else had said something that they could see.
    Questions are those of the rubric as it is now; of earlier versions what it still asks.
    """
    by_item, names = _read(queue)
    definition = current(queue).rubric_version.definition
    rows = []
    for key, label, categories in categories_of(definition):
        pairs: dict[tuple[int, int], list[tuple[str, str]]] = defaultdict(list)
        for said in by_item.values():
            answered = [
                (who, value) for who, review in sorted(said.items()) if (value := _value(review, key))
            ]
            for (one, first), (other, second) in combinations(answered, 2):
                pairs[one, other].append((first, second))
        rows += [
            Row(key, label, names[one], names[other], agreement(found, categories))
            for (one, other), found in sorted(pairs.items())
        ]
    return rows


def _read(queue: Queue) -> tuple[dict[int, dict[int, Any]], dict[int, str]]:
    """Return verdict and answers by item and reviewer, and the names of these. One query.

    A change counts as long as nobody else has handed in: one that comes later may follow what they said.
    """
    of_done = Review.objects.filter(
        assignment__item__queue=queue, assignment__state=HandState.DONE, author__isnull=False
    )
    rows = of_done.order_by("pk").values_list(
        "assignment__item", "author", "author__username", "verdict", "answers"
    )
    by_item: dict[int, dict[int, Any]] = defaultdict(dict)
    names: dict[int, str] = {}
    for item, author, name, verdict, answers in rows.iterator(chunk_size=2000):
        said = by_item[item]
        if author not in said or len(said) == 1:
            said[author] = (verdict, answers)
        names[author] = name
    return by_item, names


def _value(review: tuple[str, dict[str, Any]], key: str) -> str:
    verdict, answers = review
    if not key:
        return verdict
    answer = answers.get(key) or {}
    return str(answer.get("value", "")) if isinstance(answer, dict) else ""
