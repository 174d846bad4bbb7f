"""What people said about answers and conversations, for those who review. It is never counted as a review."""

from collections import defaultdict
from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from vision_chat.models import AuditEntry, Conversation, Feedback, Report
from vision_chat.services import audit
from vision_chat.services.figures import kept as figures


def feedback_of(conversation: Conversation) -> dict[int, list[Feedback]]:
    """Return the feedback on a conversation's replies by their ids, with its people, in one query."""
    given = Feedback.objects.filter(message__conversation=conversation).select_related("person")
    by_reply: dict[int, list[Feedback]] = defaultdict(list)
    for each in given.order_by("changed_at", "pk"):
        by_reply[each.message_id].append(each)
    return by_reply


def reports_of(conversation: Conversation) -> Sequence[Report]:
    """Return the reports of a conversation with their people: first those that nobody has looked at."""
    reports = conversation.reports.select_related("person").order_by("-created_at", "-pk")
    return sorted(reports, key=lambda report: report.handled_at is not None)


def mark_as_looked_at(report: Report, reviewer: User) -> bool:
    """Close a report, so that the person's next one is another. Returns False where that was done before.

    Raises AuditUnavailableError.
    """
    with transaction.atomic():
        rows = Conversation.objects.select_for_update(of=("self",), no_key=True)
        conversation = rows.get(pk=report.conversation_id)
        is_open = Report.objects.filter(pk=report.pk, handled_at=None)
        if not is_open.update(handled_at=timezone.now()):
            return False
        figures.update_feedback(conversation.pk)
        reviewed = AuditEntry.Action.REVIEWED
        audit.record(reviewed, reviewer, conversation=conversation, details={"report": report.pk})
    return True
