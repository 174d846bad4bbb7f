"""The page of a queue's results: how far it is, who did what, what to decide, how far reviewers agree."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from vision_chat.admin.parts.actions import NamedActions
from vision_chat.models import Queue, RubricQuestion, permissions
from vision_chat.services.review_queues import comparison, gold_results, results, versions
from vision_chat.services.review_queues.agreement import Agreement
from vision_chat.services.review_queues.blindness import blind_id_of
from vision_chat.services.review_queues.reviewers import left_alone

Kind = RubricQuestion.Kind
A_PAGE = 25
"""Items that await resolution, or have no reviewer left, on one page."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The agreement of two reviewers on one question, in the words of the rubric."""

    first: str
    second: str
    figures: Agreement
    names: list[str]
    rows: list[tuple[str, tuple[int, ...]]]


class QueueResults(NamedActions):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_safe(self.results_view))
        return [path("<int:pk>/results/", view, name="vision_chat_queue_results"), *super().get_urls()]

    def results_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the results of a queue in a fixed number of queries. No word of a conversation stands here."""
        if not (self.has_view_permission(request) and request.user.has_perm(permissions.VIEW_ITEMS)):
            raise PermissionDenied
        if blind_id_of(request.user) is not None:  # the numbers of a few items are their verdicts
            raise PermissionDenied
        queue = get_object_or_404(Queue.objects.select_related("rubric"), pk=pk)
        disputed = Paginator(results.disputed(queue), A_PAGE).get_page(request.GET.get("p"))
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "object": queue,
            "queue": queue,
            "title": gettext("Results"),
            "states": results.states_of(queue),
            "verdicts": results.verdicts_of(queue),
            "people": results.people_of(queue),
            "disputed": disputed,
            "left_alone": Paginator(left_alone(queue), A_PAGE).get_page(request.GET.get("alone")),
            "may_assign": request.user.has_perm(permissions.ASSIGN_ITEMS),
            "agreements": _agreements(queue),
            "gold": gold_results.of_queue(queue),
            "may_resolve": request.user.has_perm(permissions.RESOLVE_ITEMS),
            "may_export": isinstance(request.user, User)
            and request.user.has_perm(permissions.VIEW_CONVERSATIONS),
        }
        return TemplateResponse(request, "admin/vision_chat/queue/results.html", context)


def _agreements(queue: Queue) -> list[tuple[str, list[Pair]]]:
    """Return the pairs of reviewers by the question; the verdict comes first."""
    definition = versions.current(queue).rubric_version.definition
    labels = {each["value"]: gettext(each["label"]) for each in definition["verdicts"]}
    yes_no = {"yes": gettext("Yes"), "no": gettext("No")}
    kinds = {each["key"]: each["kind"] for each in definition["questions"]}
    found: dict[str, list[Pair]] = {}
    for row in comparison.of_queue(queue):
        named = labels if not row.key else yes_no if kinds.get(row.key) == Kind.YES_NO else {}
        names = [named.get(value, value) for value in row.figures.categories]
        pair = Pair(
            row.first, row.second, row.figures, names, list(zip(names, row.figures.table, strict=True))
        )
        found.setdefault(row.label if row.key else gettext("Verdict"), []).append(pair)
    return list(found.items())
