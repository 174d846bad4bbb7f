"""The page of a queue's results: how far it is, who did what, what to decide, how far reviewers agree."""

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

from vision_chat.admin.actions import NamedActions
from vision_chat.models import Queue
from vision_chat.services.reviews import results

A_PAGE = 25
"""Items that await resolution, on one page."""


class QueueResults(NamedActions):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_safe(self.results_view))
        return [path("<int:pk>/results/", view, name="vision_chat_queue_results"), *super().get_urls()]

    def results_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the results of a queue in a fixed number of queries. No word of a conversation stands here."""
        if not (self.has_view_permission(request) and request.user.has_perm("vision_chat.view_reviewitem")):
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
            "may_resolve": request.user.has_perm("vision_chat.resolve_reviewitem"),
            "may_export": isinstance(request.user, User)
            and request.user.has_perm("vision_chat.view_conversation"),
        }
        return TemplateResponse(request, "admin/vision_chat/queue/results.html", context)
