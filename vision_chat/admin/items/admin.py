"""Items of the queues, for leads: the list, the page of one with its hands, and what is done with many.

No word of a conversation stands on these pages. `page.py` has the page on which an item is reviewed.
"""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import User
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from vision_chat.admin.items.assign_form import AssignForm
from vision_chat.admin.items.gold import ItemGold, gold_context
from vision_chat.admin.items.many_page import ManyPage
from vision_chat.admin.items.page import ItemPage
from vision_chat.admin.items.work_page import WorkPage
from vision_chat.admin.parts.numbers import row_number
from vision_chat.models import Assignment, Review, ReviewItem, Rule, permissions
from vision_chat.services.review_queues import items, readability
from vision_chat.services.review_queues.blindness import blind_id_of, seen_resolutions, seen_reviews

State = ReviewItem.State
OPEN = (State.WAITING, State.IN_REVIEW)
Choices = list[tuple[Any, Any]]


class RuleFilter(SimpleListFilter):
    """Filters by the kind of rule that has found the item."""

    title = _("rule")
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: object) -> Choices:
        return [*Rule.Kind.choices, ("none", _("by hand"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ReviewItem]) -> QuerySet[ReviewItem]:
        kind = self.value()
        if kind is None:
            return queryset
        return queryset.filter(rule=None) if kind == "none" else queryset.filter(rule__kind=kind)


class PersonFilter(SimpleListFilter):
    """Filters by who has the item, has done it, or is to do it."""

    MOST = 50
    title = _("person")
    parameter_name = "person"

    def lookups(self, request: HttpRequest, model_admin: object) -> Choices:
        held = Assignment.objects.order_by().values("reviewer").distinct()
        people = User.objects.filter(pk__in=held).order_by("username")[: self.MOST]
        return [(str(person.pk), person.get_username()) for person in people]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ReviewItem]) -> QuerySet[ReviewItem]:
        if (person := row_number(self.value() or "")) is None:
            return queryset
        held = Assignment.objects.filter(reviewer=person).values("item")
        return queryset.filter(Q(pk__in=held) | Q(assigned_person=person))


@admin.register(ReviewItem)
class ReviewItemAdmin(WorkPage, ManyPage, ItemPage, ItemGold):
    list_display = ("number", "queue", "state_shown", "rule_shown", "reviewers", "whose", "age", "flagged")
    list_display_links = ("number",)
    list_select_related = ("queue", "rule", "assigned_person", "assigned_group")
    list_filter = ("queue", "state", RuleFilter, PersonFilter, "is_flagged")
    ordering = ("-pk",)
    list_per_page = 30  # each row takes half a millisecond
    show_full_result_count = False
    actions = ("assign", "close", "reopen")

    @admin.display(description=_("item"), ordering="pk")
    def number(self, item: ReviewItem) -> str:
        return gettext("Item %(number)s") % {"number": item.pk}

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, item: ReviewItem) -> str:
        if item.state == State.CLOSED and item.closed_for:
            return f"{item.get_state_display()}: {item.get_closed_for_display()}"
        return item.get_state_display()

    @admin.display(description=_("found by"))
    def rule_shown(self, item: ReviewItem) -> str:
        return item.rule.get_kind_display() if item.rule else gettext("by hand")

    @admin.display(description=_("reviewed by"))
    def reviewers(self, item: Any) -> str:
        return gettext("%(done)d of %(wanted)d") % {"done": item.done, "wanted": item.reviewers_wanted}

    @admin.display(description=_("for"), empty_value="")
    def whose(self, item: ReviewItem) -> str:
        return str(item.assigned_person or item.assigned_group or "")

    @admin.display(description=_("age"), ordering="-created_at")
    def age(self, item: ReviewItem) -> str:
        return timesince(item.created_at, depth=1)

    @admin.display(description=_("flagged"), ordering="is_flagged", empty_value="")
    def flagged(self, item: ReviewItem) -> str:
        return gettext("Flagged") if item.is_flagged else ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReviewItem]:
        done = Count("assignments", filter=Q(assignments__state=Assignment.State.DONE))
        rows: QuerySet[ReviewItem] = super().get_queryset(request)
        return rows.annotate(done=done)

    def has_view_permission(self, request: HttpRequest, obj: ReviewItem | None = None) -> bool:
        return request.user.has_perm(permissions.VIEW_ITEMS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ReviewItem | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ReviewItem | None = None) -> bool:
        return False

    def has_assign_permission(self, request: HttpRequest) -> bool:
        """Answer for the actions of the list."""
        return request.user.has_perm(permissions.ASSIGN_ITEMS)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show what became of the item, in the place of Django's form."""
        item: ReviewItem = context["original"]
        blind_id = blind_id_of(request.user)
        current = Review.objects.filter(is_current=True).select_related("rubric_version")
        reviews = seen_reviews(current, blind_id)
        hands = item.assignments.select_related("reviewer").prefetch_related(Prefetch("reviews", reviews))
        decisions = item.resolutions.select_related("author", "item__version__rubric_version")
        context |= {
            "opts": self.opts,
            "item": item,
            "title": self.number(item),
            "hands": hands.order_by("began_at"),
            "resolution": seen_resolutions(decisions, blind_id).first(),
            "may_resolve": request.user.has_perm(permissions.RESOLVE_ITEMS)
            and item.state == State.AWAITING_RESOLUTION,
            "may_assign": self.has_assign_permission(request),
            "now": timezone.now(),
            **gold_context(request.user, item),
        }
        return TemplateResponse(request, "admin/vision_chat/reviewitem/facts.html", context)

    @admin.action(description=_("Assign to a person or group"), permissions=["assign"])
    def assign(self, request: HttpRequest, queryset: QuerySet[ReviewItem]) -> HttpResponse | None:
        """Ask for whom they are, and let them wait for them."""
        form = AssignForm(request.POST if "post" in request.POST else None)
        if form.is_valid():
            person, group = form.cleaned_data["person"], form.cleaned_data["group"]
            rows = list(queryset.order_by("pk"))
            for item in rows:
                items.assign(item, person=person, group=group, by=_actor(request))
            text = ngettext("%(count)d item was assigned.", "%(count)d items were assigned.", len(rows))
            self.message_user(request, text % {"count": len(rows)}, messages.SUCCESS)
            return None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Assign items"),
            "form": form,
            "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "is_all": request.POST.get("select_across") == "1",
            "count": queryset.count(),
            "of_several": queryset.filter(state__in=OPEN, reviewers_wanted__gt=1).count(),
        }
        return TemplateResponse(request, "admin/vision_chat/reviewitem/assign.html", context)

    @admin.action(description=_("Close"), permissions=["assign"])
    def close(self, request: HttpRequest, queryset: QuerySet[ReviewItem]) -> None:
        rows = list(queryset.exclude(state=State.CLOSED).order_by("pk"))
        for item in rows:
            items.close(item, by=_actor(request))
        text = ngettext("%(count)d item was closed.", "%(count)d items were closed.", len(rows))
        self._say(request, text, rows)

    @admin.action(description=_("Open again"), permissions=["assign"])
    def reopen(self, request: HttpRequest, queryset: QuerySet[ReviewItem]) -> None:
        closed = queryset.filter(state=State.CLOSED).exclude(closed_for__in=readability.UNREADABLE)
        rows = list(closed.order_by("pk"))
        for item in rows:
            items.reopen(item, by=_actor(request))
        text = ngettext("%(count)d item is open again.", "%(count)d items are open again.", len(rows))
        self._say(request, text, rows)

    def _say(self, request: HttpRequest, text: str, rows: list[ReviewItem]) -> None:
        level = messages.SUCCESS if rows else messages.WARNING
        sentence = text % {"count": len(rows)} if rows else gettext("None of the items could be changed so.")
        self.message_user(request, sentence, level)


def _actor(request: HttpRequest) -> User:
    """Return who does this: the admin lets in only those who are signed in."""
    return cast(User, request.user)
