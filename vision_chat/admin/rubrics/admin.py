"""Rubrics in the admin: what reviewers are asked, as a form with a preview, and the versions of it."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from vision_chat.admin.parts.actions import NamedActions
from vision_chat.admin.parts.rows import Rows, is_removed
from vision_chat.admin.parts.summaries import DeletionSummary
from vision_chat.admin.rubrics.form import (
    QuestionForm,
    QuestionFormSet,
    RubricBasicsForm,
    VerdictForm,
    VerdictFormSet,
)
from vision_chat.admin.rubrics.shown import Marks, ShownRubric
from vision_chat.models import (
    AuditEntry,
    QueueVersion,
    Review,
    Rubric,
    RubricQuestion,
    RubricVerdict,
    RubricVersion,
)
from vision_chat.models.rubric import DEFAULT_DEFINITION, MAX_VERDICTS, definition_of
from vision_chat.services import audit
from vision_chat.services.review_queues.versions import save_rubric_version


class VerdictRows(Rows):
    model = RubricVerdict
    form = VerdictForm
    formset = VerdictFormSet
    max_num = MAX_VERDICTS
    is_ordered = has_keys = True
    explanation = _("A reviewer chooses one of these, by a click or by its key.")
    add_text = _("Add a verdict")

    def get_extra(self, request: HttpRequest, obj: Rubric | None = None, **kwargs: Any) -> int:
        """Begin a new rubric with the usual verdicts."""
        return 0 if obj else len(DEFAULT_DEFINITION["verdicts"])


class QuestionRows(Rows):
    model = RubricQuestion
    form = QuestionForm
    formset = QuestionFormSet
    is_ordered = True
    explanation = _("What else reviewers are asked, beside the verdict and a note. You need none.")
    add_text = _("Add a question")


@admin.register(Rubric)
class RubricAdmin(NamedActions):
    form = RubricBasicsForm
    inlines = (VerdictRows, QuestionRows)
    list_display = ("name", "verdict_names", "question_count", "use")
    search_fields = ("name",)
    ordering = ("name",)

    @admin.display(description=_("verdicts"))
    def verdict_names(self, rubric: Rubric) -> str:
        return " · ".join(verdict.label for verdict in rubric.verdicts.all())

    @admin.display(description=_("questions"))
    def question_count(self, rubric: Any) -> int:
        count: int = rubric.question_count
        return count

    @admin.display(description=_("used by"))
    def use(self, rubric: Rubric) -> str | None:
        return ", ".join(queue.name for queue in rubric.queues.all()) or None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rubric]:
        rows: QuerySet[Rubric] = super().get_queryset(request)
        return rows.annotate(question_count=Count("questions")).prefetch_related("verdicts", "queues")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if self.has_view_permission(request):
            RubricVersion.objects.default()  # so that a fresh site has one to begin with
        return super().changelist_view(request, extra_context)

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Rubric | None, inline: Any, prefix: str
    ) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        is_new = obj is None or obj.pk is None
        if is_new and request.method == "GET" and isinstance(inline, VerdictRows):
            verdicts = DEFAULT_DEFINITION["verdicts"]
            kwargs["initial"] = [{**each, "label": gettext(each["label"])} for each in verdicts]
        return kwargs

    @transaction.atomic
    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001 - as Django has it
        """Save the rows, and a version where something changed."""
        super().save_related(request, form, formsets, change)
        rubric = form.instance
        before = RubricVersion.objects.latest_of(rubric).first()
        version = save_rubric_version(rubric)
        if version != before:
            details = {"rubric": rubric.pk, "version": version.number}
            audit.record(AuditEntry.Action.SETTINGS, request.user, details=details)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.preview_view))
        own = [
            path("preview/", view, name="vision_chat_rubric_preview"),
            path("<int:pk>/preview/", view, name="vision_chat_rubric_preview"),
        ]
        return [*own, *super().get_urls()]

    def preview_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Show what is typed as a reviewer would see it, and say what is still wrong. Nothing is saved."""
        rubric = Rubric.objects.filter(pk=pk).first() if pk else None
        may_change = self.has_change_permission(request) if rubric else self.has_add_permission(request)
        if not may_change:
            raise PermissionDenied
        basics = self.get_form(request, rubric)(request.POST, instance=rubric or Rubric())
        verdicts, questions = (
            rows.get_formset(request, rubric)(request.POST, instance=rubric or Rubric())
            for rows in self.get_inline_instances(request, rubric)
        )
        problems = _problems(basics, verdicts, questions)
        kept: Any = verdicts, questions
        rows = ([row.instance for row in formset.kept] for formset in kept)
        definition = definition_of(basics.data.get("policy", ""), *rows)
        form = ShownRubric.of(definition, Marks())
        context = {"rubric": form, "problems": problems}
        return render(request, "admin/vision_chat/rubric/_preview.html", context)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        rubric = context.get("original")
        name = "admin:vision_chat_rubric_preview"
        context["preview_url"] = reverse(name, args=[rubric.pk] if rubric else [])
        if rubric:
            context["versions"] = _versions(rubric)
            context["queues"] = list(rubric.queues.all())
            context["is_default"] = RubricVersion.objects.default().rubric_id == rubric.pk
        return super().render_change_form(request, context, *args, **kwargs)

    def get_deleted_objects(self, objs: Iterable[Rubric], request: HttpRequest) -> DeletionSummary:
        rubrics = list(objs)
        counts = {Rubric._meta.verbose_name_plural: len(rubrics)}
        protected = [sentence for rubric in rubrics if (sentence := _why_kept(rubric))]
        return DeletionSummary([str(rubric) for rubric in rubrics], counts, set(), protected)

    def delete_model(self, request: HttpRequest, obj: Rubric) -> None:
        _delete(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Rubric]) -> None:
        for rubric in queryset:
            _delete(request, rubric)


@transaction.atomic
def _delete(request: HttpRequest, rubric: Rubric) -> None:
    """Delete an unused rubric with its versions. Raises PermissionDenied where it came into use."""
    if _why_kept(rubric):
        raise PermissionDenied
    details = {"rubric": rubric.pk}  # which has none afterwards
    rubric.versions.all().delete()
    rubric.delete()
    audit.record(AuditEntry.Action.DELETED, request.user, details=details)


def _why_kept(rubric: Rubric) -> str:
    """Say why it cannot be deleted; "" where it can."""
    names = {"name": rubric.name}
    if RubricVersion.objects.default().rubric_id == rubric.pk:
        return (
            gettext("“%(name)s” is the rubric of reviews outside queues. You can rename and change it.")
            % names
        )
    if queues := list(rubric.queues.values_list("name", flat=True)):
        names["queues"] = ", ".join(queues)
        return gettext("“%(name)s” is in use by: %(queues)s. Give these queues another rubric first.") % names
    if Review.every.filter(rubric_version__rubric=rubric).exists() or _is_of_items(rubric):
        return gettext("“%(name)s” has been judged by. Its reviews keep it.") % names
    return ""


def _is_of_items(rubric: Rubric) -> bool:
    # a version of a queue refers to it as long as the queue is there
    return QueueVersion.objects.filter(rubric_version__rubric=rubric).exists()


def _versions(rubric: Rubric) -> list[dict[str, Any]]:
    """Return the versions, latest first, with the number of verdicts that were given by each."""
    reviews = Review.objects.filter(rubric_version__rubric=rubric, is_current=True).order_by()
    counts = dict(reviews.values_list("rubric_version").annotate(Count("pk")))
    return [
        {"version": version, "reviews": counts.get(version.pk, 0)}
        for version in rubric.versions.order_by("-number")
    ]


def _problems(basics: Any, verdicts: Any, questions: Any) -> list[str]:
    """Return sentences about what keeps the rubric from being saved."""
    found = [
        f"{basics.fields[name].label}: {error}" for name, errors in basics.errors.items() for error in errors
    ]
    for rows, title in ((verdicts, _("Verdict")), (questions, _("Question"))):
        found += [str(error) for error in rows.non_form_errors()]
        for place, row in enumerate(rows.forms, start=1):
            if row.errors and not is_removed(row):
                name = str(row["label"].value() or "").strip() or f"{title} {place}"
                found += [f"{name}: {error}" for errors in row.errors.values() for error in errors]
    return found
