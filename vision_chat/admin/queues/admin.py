"""Queues in the admin: their settings and rules, filling, closing, and deletion by counts."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from vision_chat.admin.parts.actions import NamedActions
from vision_chat.admin.parts.numbers import row_number
from vision_chat.admin.parts.plain_fields import PlainFields
from vision_chat.admin.parts.rows import Rows
from vision_chat.admin.parts.summaries import DeletionSummary
from vision_chat.admin.queues.form import VALUES, QueueForm, RuleForm, known_models
from vision_chat.admin.queues.overview import with_counts
from vision_chat.admin.queues.results import QueueResults
from vision_chat.models import (
    AuditEntry,
    Conversation,
    Queue,
    ReviewItem,
    RubricVersion,
    Rule,
)
from vision_chat.services import audit
from vision_chat.services.review_queues import filling, moderated, rules
from vision_chat.services.review_queues.deletion import contents_of, delete_queue
from vision_chat.services.review_queues.reviewers import reviewing_groups
from vision_chat.services.review_queues.versions import save_queue_version

CHANGE = "admin:vision_chat_queue_change"
GOLD = _(
    "Items whose verdict is known are mixed in, to learn how well reviewers judge. A lead makes them on the "
    "page of an item."
)


class RuleRows(Rows):
    model = Rule
    form = RuleForm
    explanation = _("What any of these finds is added to the queue, once. The server looks once a minute.")
    add_text = _("Add a rule")


@admin.register(Queue)
class QueueAdmin(QueueResults, PlainFields, NamedActions):
    form = QueueForm
    inlines = (RuleRows,)
    list_display = ("name", "rubric", "state", "to_do", "finished", "to_resolve", "who")
    list_select_related = ("rubric",)
    list_filter = ("is_open",)
    search_fields = ("name",)
    ordering = ("-is_open", "name")
    fieldsets = (
        (None, {"fields": ("name", "description", "rubric", "unit")}),
        (_("Who reviews"), {"fields": ("people", "groups")}),
        (_("How"), {"fields": ("reviewers_per_item", "shared_percent", "is_blind", "lease_minutes")}),
        (_("Gold items"), {"fields": ("gold_percent", "gold_is_told"), "description": GOLD}),
    )

    @admin.display(description=_("state"), ordering="is_open", empty_value="")
    def state(self, queue: Queue) -> str:
        return gettext("Open") if queue.is_open else gettext("Closed")

    @admin.display(description=_("to do"))
    def to_do(self, queue: Any) -> int:
        count: int = queue.to_do
        return count

    @admin.display(description=_("finished"))
    def finished(self, queue: Any) -> int:
        count: int = queue.finished
        return count

    @admin.display(description=_("to resolve"))
    def to_resolve(self, queue: Any) -> int:
        count: int = queue.to_resolve
        return count

    @admin.display(description=_("reviewers"))
    def who(self, queue: Queue) -> str:
        names = [*(person.get_username() for person in queue.people.all())]
        names += [group.name for group in queue.groups.all()]
        return ", ".join(names) or gettext("Everybody who reviews")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Queue]:
        rows: QuerySet[Queue] = super().get_queryset(request)
        counted: QuerySet[Queue] = with_counts(rows).prefetch_related("people", "groups")
        return counted

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        """Return boxes to tick: Django's list asks to hold a key down."""
        if db_field.name == "groups":
            kwargs["queryset"] = reviewing_groups()
        kwargs["widget"] = CheckboxSelectMultiple
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field is not None:
            field.help_text = QueueForm.Meta.help_texts[db_field.name]
        return field

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if self.has_add_permission(request):
            RubricVersion.objects.default()  # so that a fresh site has one to choose
        return super().add_view(request, form_url, extra_context)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "rubric": RubricVersion.objects.default().rubric_id,
            **super().get_changeform_initial_data(request),
        }

    @transaction.atomic
    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001 - as Django has it
        """Save the rules, and a version where something changed."""
        super().save_related(request, form, formsets, change)
        queue = form.instance
        version = save_queue_version(queue)
        queue.has_changed_rules = any(rows.has_changed() for rows in formsets)
        if form.has_changed() or queue.has_changed_rules:
            self._record(request, queue, version=version.number)

    def response_add(self, request: HttpRequest, obj: Queue, post_url_continue: Any = None) -> HttpResponse:
        response: HttpResponse = super().response_add(request, obj, post_url_continue)
        messages.info(request, _when_filled(obj))
        return response

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        response: HttpResponse = super().response_change(request, obj)
        if obj.has_changed_rules and obj.is_open:
            messages.info(request, _when_filled(obj))
        return response

    def get_urls(self) -> list[URLPattern]:
        views: dict[str, Any] = {"fill": self.fill_view, "close": self.close_view, "reopen": self.reopen_view}
        own = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(require_POST(view)),
                name=f"vision_chat_queue_{name}",
            )
            for name, view in views.items()
        ]
        count = self.admin_site.admin_view(require_POST(self.count_view))
        return [path("count/", count, name="vision_chat_queue_count"), *own, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        queue = context.get("original")
        context["known_models"] = known_models()
        context["values"] = [
            {"kind": kind, "name": name, "help": explanation} for kind, (name, explanation) in VALUES.items()
        ]
        if queue:
            context["versions"] = list(
                queue.versions.select_related("rubric_version__rubric").order_by("-number")
            )
            context["may_change"] = self.has_change_permission(request, queue)
        return super().render_change_form(request, context, *args, **kwargs)

    def fill_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Look for what the rules find, now; what takes longer, a server looks for once a minute."""
        queue = self._changeable(request, pk)
        if not queue.is_open:
            messages.warning(request, gettext("A closed queue is not filled. Open it first."))
            return redirect(CHANGE, pk)
        if not queue.rules.filter(is_enabled=True).exists():
            messages.warning(request, gettext("This queue has no rule yet. Add one, and save."))
            return redirect(CHANGE, pk)
        added, has_more = filling.fill_some(queue)
        text = ngettext("%(count)d item was added.", "%(count)d items were added.", added) % {"count": added}
        sentences = [text] if added or has_more else [gettext("Nothing new was found.")]
        if has_more:
            sentences.append(gettext("There is more to look at; the server goes on in the background."))
        messages.success(request, " ".join(sentences))
        return redirect(CHANGE, pk)

    def count_view(self, request: HttpRequest) -> HttpResponse:
        """Say how many items a rule that is typed would add now. No word of theirs is said.

        A text is looked for only in what may be read now: by numbers, somebody could spell any other one out.
        """
        if not self.has_change_permission(request):
            raise PermissionDenied
        number = row_number(request.POST.get("queue", ""))
        queue = None if number is None else Queue.objects.filter(pk=number).first()
        form = RuleForm(request.POST, instance=Rule(queue=queue) if queue else Rule())
        if not form.is_valid():
            errors = [str(error) for errors in form.errors.values() for error in errors]
            return JsonResponse({"text": errors[0], "is_wrong": True})
        unit = request.POST.get("unit", "")
        is_of_texts = form.instance.kind in rules.OF_TEXTS
        among = Conversation.objects.reviewable_whole_by(request.user) if is_of_texts else None
        unit = unit if unit in Queue.Unit.values else Queue.Unit.CONVERSATION
        found = filling.count(form.instance, unit, among)
        text = ngettext("It would add %(count)d item now.", "It would add %(count)d items now.", found)
        sentences = [text % {"count": found} if found else gettext("It would add nothing now.")]
        if form.instance.kind == Rule.Kind.MODERATION:
            sentences += _known_texts(form.instance)
        if is_of_texts:
            sentences.append(gettext("Only what you may read now was counted."))
        return JsonResponse({"text": " ".join(sentences)})

    def close_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take the queue out of work. What waits in it stays, for when it is opened again."""
        return self._set_open(request, pk, is_open=False)

    def reopen_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._set_open(request, pk, is_open=True)

    def _set_open(self, request: HttpRequest, pk: int, *, is_open: bool) -> HttpResponse:
        with transaction.atomic():
            queue = self._changeable(request, pk)
            queue.is_open = is_open
            queue.save(update_fields=["is_open"])
            text = gettext("The queue is open.") if is_open else gettext("The queue is closed.")
            self._record(request, queue, state="opened" if is_open else "closed")
            self.log_change(request, queue, text)
        messages.success(request, text)
        return redirect(CHANGE, pk)

    def _changeable(self, request: HttpRequest, pk: int) -> Queue:
        if not self.has_change_permission(request):
            raise PermissionDenied
        return get_object_or_404(Queue, pk=pk)

    def _record(self, request: HttpRequest, queue: Queue, **details: Any) -> None:
        audit.record(AuditEntry.Action.SETTINGS, request.user, details={"queue": queue.pk, **details})

    def get_deleted_objects(self, objs: Iterable[Queue], request: HttpRequest) -> DeletionSummary:
        queues = list(objs)
        contents = [contents_of(queue) for queue in queues]
        counts = {
            Queue._meta.verbose_name_plural: len(queues),
            ReviewItem._meta.verbose_name_plural: sum(each.items for each in contents),
            gettext("of these in hand"): sum(each.in_hand for each in contents),
            gettext("verdicts, which stay with their conversations"): sum(each.reviews for each in contents),
        }
        return DeletionSummary([str(queue) for queue in queues], counts, set(), [])

    def delete_model(self, request: HttpRequest, obj: Queue) -> None:
        self._delete(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Queue]) -> None:
        for queue in queryset:
            self._delete(request, queue)

    @transaction.atomic
    def _delete(self, request: HttpRequest, queue: Queue) -> None:
        details = {"queue": queue.pk}  # which has none afterwards
        delete_queue(queue)
        audit.record(AuditEntry.Action.DELETED, request.user, details=details)


def _when_filled(queue: Queue) -> str:
    """Return when items come into a queue that was saved, for whoever sees that it has none yet."""
    if not queue.rules.filter(is_enabled=True).exists():
        return gettext("No rule fills this queue yet. Open it and add one.")
    return gettext(
        "The server fills the queue within a minute. To have its items at once, open it and press “Fill now”."
    )


def _known_texts(rule: Rule) -> Iterator[str]:
    """Yield what the number of a rule about moderation is of: nobody asks the model for it."""
    known, to_ask = moderated.count_known(rule), filling.count_to_ask(rule)
    yield ngettext(
        "The model has been asked about %(count)d turn since then.",
        "The model has been asked about %(count)d turns since then.",
        known,
    ) % {"count": known}
    yield ngettext(
        "%(count)d more turn would be sent to it.", "%(count)d more turns would be sent to it.", to_ask
    ) % {"count": to_ask}
