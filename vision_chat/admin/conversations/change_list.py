"""How the list of conversations is read: page by page, off an index, without counting all."""

from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.db.models import OrderBy, QuerySet
from django.http import HttpRequest

from vision_chat.models import Conversation
from vision_chat.services.reviews import searching

_OF_CONVERSATION = {"shown_title"}
"""Fields that the indexes of conversations sort by; those of their figures sort by the others."""
_TIES = {"figures__verdict": ["figures__last_activity", "figures__pk"]}
"""How the indexes that filters share go on after their first column."""


class ConversationChangeList(ChangeList):
    """A list whose rows have an `excerpt` where a message has what was looked for."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        paginator = self.paginator
        self.more_than = paginator.most if self.result_count > paginator.most else None
        if not self.query:
            return
        self.result_list = list(self.result_list)
        readable = [row.pk for row in self.result_list if row.is_readable]
        excerpts = searching.excerpts(readable, self.query)
        for row in self.result_list:
            row.excerpt = excerpts.get(row.pk)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> list[Any]:
        """Break ties in the direction of the last key, by the column with which its index ends."""
        # without the order that the list has otherwise, which would break the ties of every other one
        ordering = [key for key in super().get_ordering(request, queryset.order_by()) if key != "-pk"]
        if not ordering:
            return ["-pk"]
        name, is_descending = _name_of(ordering[-1])
        if name == "figures__pk":
            return ordering
        ties = ["pk"] if name in _OF_CONVERSATION else _TIES.get(name, ["figures__pk"])
        return [*ordering, *(f"-{tie}" if is_descending else tie for tie in ties)]


def _name_of(key: Any) -> tuple[str, bool]:
    if isinstance(key, OrderBy):
        return "", key.descending
    return key.removeprefix("-"), key.startswith("-")
