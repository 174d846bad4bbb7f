"""Filters of the list of conversations."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from vision_chat.admin.parts.verdicts import NOT_REVIEWED, verdict_name
from vision_chat.models import Conversation
from vision_chat.services.reviews import queries

Choices = Iterable[tuple[Any, Any]]


class ModelFilter(SimpleListFilter):
    """Filters by the name of a model that has answered in the conversation."""

    title = _("model")
    parameter_name = "model"

    def lookups(self, request: HttpRequest, model_admin: object) -> Choices:
        return [(name, name) for name in queries.model_names()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> QuerySet[Conversation]:
        name = self.value()
        return queryset if name is None else queryset.filter(queries.used_model(name))


class VerdictFilter(SimpleListFilter):
    """Filters by the latest verdict."""

    NONE = "none"

    title = _("verdict")
    parameter_name = "verdict"

    def lookups(self, request: HttpRequest, model_admin: object) -> Choices:
        of_rubrics = [(value, verdict_name(value)) for value in queries.verdict_values()]
        return [(self.NONE, NOT_REVIEWED), *of_rubrics]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> QuerySet[Conversation]:
        verdict = self.value()
        if verdict is None:
            return queryset
        return queryset.filter(figures__verdict="" if verdict == self.NONE else verdict)


class OwnerFilter(SimpleListFilter):
    """Filters by the owner's name: links for those who were active last, a field where there are more."""

    LINKS = 8
    SUGGESTIONS = 200

    title = _("owner")
    parameter_name = "owner"
    template = "admin/vision_chat/conversation/owner_filter.html"

    def lookups(self, request: HttpRequest, model_admin: object) -> Choices:
        self.names = queries.latest_owners(self.SUGGESTIONS)
        shown = self.names[: self.LINKS]
        if (chosen := self.value()) is not None and chosen not in shown:
            shown.append(chosen)
        return [(name, name) for name in shown]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> QuerySet[Conversation]:
        name = self.value()
        return queryset if name is None else queryset.filter(owner__username=name)

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        own = {self.parameter_name, PAGE_VAR}
        self.other_parameters = [pair for pair in changelist.params.items() if pair[0] not in own]
        return super().choices(changelist)

    @property
    def has_field(self) -> bool:
        """Tell whether there are more owners than links."""
        return len(self.names) > self.LINKS


class YesNoFilter(SimpleListFilter):
    """Filters by whether a conversation meets `condition`, or else `opposite`."""

    YES, NO = "yes", "no"
    condition: Q
    opposite: Q

    def lookups(self, request: HttpRequest, model_admin: object) -> Choices:
        return [(self.YES, _("Yes")), (self.NO, _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> QuerySet[Conversation]:
        conditions = {self.YES: self.condition, self.NO: self.opposite}
        value = self.value()
        return queryset.filter(conditions[value]) if value in conditions else queryset


def _is(figure: str, *, value: bool) -> Q:
    """Return the condition on a column that is true or false, so that SQLite finds it in an index."""
    return Q(**{f"figures__{figure}__in": [value]})  # "= true" becomes the bare column, which it does not


class HasImagesFilter(YesNoFilter):
    title = _("pictures")
    parameter_name = "images"
    condition, opposite = _is("has_images", value=True), _is("has_images", value=False)


class HasErrorsFilter(YesNoFilter):
    title = _("errors")
    parameter_name = "errors"
    condition, opposite = _is("has_errors", value=True), _is("has_errors", value=False)


class BadFeedbackFilter(YesNoFilter):
    title = _("bad answers")
    parameter_name = "bad_answers"
    condition, opposite = Q(figures__bad_feedback_count__gt=0), Q(figures__bad_feedback_count=0)


class OpenReportsFilter(YesNoFilter):
    title = _("open reports")
    parameter_name = "open_reports"
    condition, opposite = Q(figures__open_report_count__gt=0), Q(figures__open_report_count=0)
