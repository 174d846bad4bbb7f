"""The audit log in the admin: who did what, whose it was, and when. Nothing of it can be changed."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vision_chat.admin.audit.details import Named, in_words
from vision_chat.admin.parts.numbers import row_number
from vision_chat.admin.parts.paginator import UncountedPaginator
from vision_chat.models import AuditEntry, AuditName, Conversation, permissions


class ActorFilter(SimpleListFilter):
    """Filters by who did something; those with a name, of whom only a few ever do."""

    MOST = 30

    title = _("person")
    parameter_name = "person"

    def lookups(self, request: HttpRequest, model_admin: object) -> Iterable[tuple[Any, str]]:
        acted = Exists(AuditEntry.objects.filter(actor=OuterRef("pk")))
        names = AuditName.objects.exclude(name="").filter(acted).order_by("name")
        return [(str(pk), name) for pk, name in names.values_list("pk", "name")[: self.MOST]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        key = self.value()
        if key is None:
            return queryset
        number = row_number(key)
        return queryset.none() if number is None else queryset.filter(actor=number)


class AuditChangeList(ChangeList):
    """A list that counts no further than its paginator does, and calls its rows entries."""

    rows_name = _("entries")

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        paginator = self.paginator
        self.more_than = paginator.most if self.result_count > paginator.most else None
        self.result_list = list(self.result_list)
        named = Named.of(self.result_list)
        for entry in self.result_list:
            entry.named = named


class ActionFilter(admin.ChoicesFieldListFilter):
    """Filters by what was done, as the column names it."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": capfirst(choice["display"])}


class DateFilter(admin.DateFieldListFilter):
    """Filters by when something was done, under that word."""

    NEAR = 100
    """Entries among which the first and the last are: one that waited for the log has an earlier time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("when")

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Filter by the numbers of the entries of this time: by times SQLite would sort all of them."""
        if not self.used_parameters:
            return queryset
        found: Any = super().queryset(request, AuditEntry.objects.order_by())
        numbers = found.values_list("sequence", flat=True)
        first = list(numbers.order_by("at", "sequence")[: self.NEAR])
        last = list(numbers.order_by("-at", "-sequence")[: self.NEAR])
        return queryset.filter(sequence__range=(min(first), max(last))) if first else queryset.none()


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    list_display = ("when", "who", "what", "whose", "which", "more")
    list_select_related = ("actor", "subject")
    list_filter = (("action", ActionFilter), ActorFilter, ("at", DateFilter))
    ordering = ("-sequence",)
    sortable_by = ()
    search_fields = ("actor__name",)  # and whose it was, see get_search_results
    search_help_text = _("Finds names of people, and a conversation by its whole id.")
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None
    fields = ("sequence", "at", "who", "what", "whose", "conversation_id", "more", "previous", "hash")
    readonly_fields = fields

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:
        return AuditChangeList

    def get_paginator(
        self, request: HttpRequest, queryset: Any, per_page: int, *args: object, **kwargs: object
    ) -> UncountedPaginator:
        return UncountedPaginator(queryset, per_page, page=request.GET.get(PAGE_VAR, "1"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        entries: QuerySet[AuditEntry] = super().get_queryset(request)
        if not request.user.has_perm(permissions.VIEW_CONVERSATIONS):
            return entries  # the page of a conversation would refuse them
        there = Conversation.objects.filter(pk=OuterRef("conversation_id"), deleted_at=None)
        return entries.annotate(is_there=Exists(there))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        words = search_term.strip()
        if not words:
            return queryset, False
        try:
            return queryset.filter(conversation_id=UUID(words)), False
        except ValueError:
            names = AuditName.objects.filter(name__icontains=words).values("pk")
            return queryset.filter(Q(actor__in=names) | Q(subject__in=names)), False

    @admin.display(description=_("when"))
    def when(self, entry: AuditEntry) -> str:
        moment = timezone.localtime(entry.at)
        html = '<time datetime="{}">{} <span>{}</span></time>'
        return format_html(html, moment.isoformat(), date_format(moment), time_format(moment))

    @admin.display(description=_("who"))
    def who(self, entry: AuditEntry) -> str:
        name = _name(entry.actor) if entry.actor else gettext("The server’s commands")
        return _labeled(gettext("who"), name)

    @admin.display(description=_("what"))
    def what(self, entry: AuditEntry) -> str:
        return capfirst(entry.get_action_display())

    @admin.display(description=_("whose"))
    def whose(self, entry: AuditEntry) -> str | None:
        return _labeled(gettext("whose"), _name(entry.subject)) if entry.subject else None

    @admin.display(description=_("conversation"))
    def which(self, entry: AuditEntry) -> str | None:
        """Return the beginning of its id, as a link for those whom its page asks for a reason."""
        if entry.conversation_id is None:
            return None
        short = str(entry.conversation_id)[:8]
        if not getattr(entry, "is_there", False):
            return format_html('<span title="{}">{}</span>', entry.conversation_id, short)
        address = reverse("admin:vision_chat_conversation_change", args=[entry.conversation_id])
        return format_html('<a href="{}" title="{}">{}</a>', address, entry.conversation_id, short)

    @admin.display(description=_("details"))
    def more(self, entry: AuditEntry) -> str:
        return in_words(entry.details, getattr(entry, "named", None) or Named.of([entry]))


def _labeled(label: str, name: str) -> str:
    """Return a name with the heading of its column, for phones, where the columns have none."""
    return format_html('<span class="narrow-label">{}</span> {}', capfirst(label), name)


def _name(name: AuditName) -> str:
    return format_html("<bdi>{}</bdi>", str(name))
