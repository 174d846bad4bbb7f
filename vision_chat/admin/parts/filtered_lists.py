"""The list that a person came from, rebuilt from what its links carry."""

from copy import copy
from typing import Any, Final

from django.contrib.admin import ModelAdmin
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.db import DatabaseError
from django.http import HttpRequest, QueryDict

FILTERS = "_changelist_filters"
"""The parameter in which Django's admin carries the query of a list through its pages."""

REFUSED: Final = (DatabaseError, OverflowError, ValueError)
"""What the values of a query raise that only the database refuses, or its driver."""


def searched_words(query: str) -> str:
    """Return what was looked for in the list with this query."""
    return QueryDict(query).get(SEARCH_VAR, "")


class _Unread:
    """A list with its filters and its order, of which nothing is read."""

    def get_results(self, request: HttpRequest) -> None:
        pass


def filtered_list(request: HttpRequest, model_admin: "ModelAdmin[Any]", query: str) -> ChangeList:
    """Return the list of `model_admin` with this query. Raises IncorrectLookupParameters.

    Some values are only refused when it is read, with one of `REFUSED`.
    """
    asked = copy(request)
    asked.GET = QueryDict(query)
    change_list: Any = type("UnreadList", (_Unread, model_admin.get_changelist(request)), {})
    unread: ChangeList = change_list(
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
    return unread
