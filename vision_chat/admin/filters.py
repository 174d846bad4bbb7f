"""Filters of the list of conversations."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.db.models import Exists, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from vision_chat.admin.verdicts import CHOICES, NOT_REVIEWED
from vision_chat.models import Completion, Conversation
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
        return [(self.NONE, NOT_REVIEWED), *CHOICES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> QuerySet[Conversation]:
        verdict = self.value()
        if verdict is None:
            return queryset
        return queryset.filter(Q(verdict=None if verdict == self.NONE else verdict))


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
