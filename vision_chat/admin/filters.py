"""Filters of the list of conversations."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import Exists, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from vision_chat.models import Completion, Conversation, Review
from vision_chat.services.reviews import queries

Choices = Iterable[tuple[Any, Any]]


class ModelFilter(SimpleListFilter):
    """Filters by the name of a model that has answered in the conversation."""

    title = _("model")
    parameter_name = "model"

    def lookups(self, request: HttpRequest, model_admin: object) -> Choices:
        names = Completion.objects.order_by("model_name").values_list("model_name", flat=True)
        return [(name, name) for name in names.distinct()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> QuerySet[Conversation]:
        name = self.value()
        return queryset if name is None else queryset.filter(queries.used_model(name))


class VerdictFilter(SimpleListFilter):
    """Filters by the latest verdict."""

    NONE = "none"

    title = _("verdict")
    parameter_name = "verdict"

    def lookups(self, request: HttpRequest, model_admin: object) -> Choices:
        return [(self.NONE, _("not reviewed")), *Review.Verdict.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> QuerySet[Conversation]:
        verdict = self.value()
        if verdict is None:
            return queryset
        return queryset.filter(Q(verdict=None if verdict == self.NONE else verdict))


class YesNoFilter(SimpleListFilter):
    """Filters by whether a conversation meets `condition`."""

    YES, NO = "yes", "no"
    condition: Callable[[], Exists]

    def lookups(self, request: HttpRequest, model_admin: object) -> Choices:
        return [(self.YES, _("Yes")), (self.NO, _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> QuerySet[Conversation]:
        if self.value() == self.YES:
            return queryset.filter(self.condition())
        return queryset.exclude(self.condition()) if self.value() == self.NO else queryset


class HasImagesFilter(YesNoFilter):
    title = _("pictures")
    parameter_name = "images"
    condition = staticmethod(queries.has_images)


class HasErrorsFilter(YesNoFilter):
    title = _("errors")
    parameter_name = "errors"
    condition = staticmethod(queries.has_errors)
