"""Reports of conversations in the admin: shown above the transcript, and marked as looked at."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext

from vision_chat.admin.parts.actions import NamedActions
from vision_chat.admin.parts.own_addresses import own_address
from vision_chat.models import Conversation, Report, permissions
from vision_chat.services.reviews.feedback import mark_as_looked_at, reports_of


def may_handle_reports(request: HttpRequest) -> bool:
    """Tell whether the person may mark reports as looked at, of the conversations that they may read."""
    rights = (permissions.ADD_REVIEWS, permissions.ASSIGN_ITEMS)
    return any(request.user.has_perm(right) for right in rights)


def reports_context(request: HttpRequest, conversation: Conversation) -> dict[str, Any]:
    """Return what the template `_reports.html` shows, on any page with a transcript."""
    return {"reports": reports_of(conversation), "may_handle_reports": may_handle_reports(request)}


class ReportPages(NamedActions):
    """Takes the button below a report."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.looked_at_view)
        own = path("reports/<int:report_id>/looked-at/", view, name="vision_chat_conversation_looked_at")
        return [own, *super().get_urls()]

    def looked_at_view(self, request: HttpRequest, report_id: int) -> HttpResponse:
        """Mark a report as looked at, and go back to the page that showed it."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not may_handle_reports(request):
            raise PermissionDenied
        readable = Conversation.objects.reviewable_by(request.user)
        report = get_object_or_404(Report.objects.filter(conversation__in=readable), pk=report_id)
        if mark_as_looked_at(report, cast(User, request.user)):
            self.message_user(request, gettext("The report is marked as looked at."), messages.SUCCESS)
        return redirect(_page_of(request, report))


def _page_of(request: HttpRequest, report: Report) -> str:
    page = reverse("admin:vision_chat_conversation_change", args=[report.conversation_id])
    return own_address(request, request.POST.get("next", "")) or page
