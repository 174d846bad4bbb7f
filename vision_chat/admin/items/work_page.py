"""The page "Review queue": what waits for a reviewer, what they have in hand, what they have done."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from vision_chat.admin.parts.actions import NamedActions
from vision_chat.models import permissions
from vision_chat.services.review_queues.work import work_of


class WorkPage(NamedActions):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_safe(self.work_view))
        return [path("work/", view, name="vision_chat_reviewitem_work"), *super().get_urls()]

    def work_view(self, request: HttpRequest) -> HttpResponse:
        """Show the queues of whoever asks. No word of a conversation stands here."""
        if not request.user.has_perm(permissions.WORK_ITEMS):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Review queue"),
            "works": work_of(request.user),  # type: ignore[arg-type]  # one who is signed in
            "now": timezone.now(),
        }
        return TemplateResponse(request, "admin/vision_chat/reviewitem/work.html", context)
