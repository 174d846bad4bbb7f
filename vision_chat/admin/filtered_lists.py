"""The list of conversations, and the list that a person came from, rebuilt from what its links carry."""

from copy import copy
from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.http import HttpRequest, QueryDict

from vision_chat.services.reviews import searching

FILTERS = "_changelist_filters"
"""The parameter in which Django's admin carries the query of a list through its pages."""


class ConversationList(ChangeList):
    """A list whose rows have an `excerpt` where a message has what was looked for."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not self.query:
            return
        self.result_list = list(self.result_list)
        excerpts = searching.excerpts([row.pk for row in self.result_list], self.query)
        for row in self.result_list:
            row.excerpt = excerpts.get(row.pk)


def searched_words(query: str) -> str:
    """Return what was looked for in the list with this query."""
    return QueryDict(query).get(SEARCH_VAR, "")


class _UnreadList(ChangeList):
    """A list with its filters and its order, of which nothing is read."""

    def get_results(self, request: HttpRequest) -> None:
        pass


def filtered_list(request: HttpRequest, model_admin: "ModelAdmin[Any]", query: str) -> ChangeList:
    """Return the list of `model_admin` with this query. Raises IncorrectLookupParameters.

    Some values are only refused by the database, with DatabaseError or ValueError.
    """
    asked = copy(request)
    asked.GET = QueryDict(query)
    return _UnreadList(
        asked,
        model=model_admin.model,
        list_display=["action_checkbox", *model_admin.get_list_display(request)],
        list_display_links=(),
        list_filter=model_admin.get_list_filter(request),
        date_hierarchy=model_admin.date_hierarchy,
        search_fields=model_admin.get_search_fields(request),
        list_select_related=False,
        list_per_page=1,
        list_max_show_all=1,
        list_editable=(),
        model_admin=model_admin,
        sortable_by=None,
        search_help_text=None,
    )
