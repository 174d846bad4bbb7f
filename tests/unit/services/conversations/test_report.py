import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.support import factories
from tests.support.use_cases import call
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Conversation, Report
from vision_chat.services.conversations.delete import delete
from vision_chat.services.conversations.report import report

pytestmark = pytest.mark.each_database


@pytest.fixture
def stairs(ann: User) -> Conversation:
    return factories.conversation(ann)


def test_a_second_report_changes_the_open_one_and_follows_one_that_was_looked_at(
    ann: User, stairs: Conversation
) -> None:
    call(ann, report, stairs.pk, "broken", "")
    call(ann, report, stairs.pk, "private", "A face.")
    Report.objects.update(handled_at=timezone.now())
    call(ann, report, stairs.pk, "other", "")

    reports = Report.objects.order_by("pk").values_list("reason", "comment")
    assert list(reports) == [("private", "A face."), ("other", "")]


def test_only_a_conversation_of_one_s_own_is_reported(
    ann: User, stranger: User, stairs: Conversation
) -> None:
    with pytest.raises(NotFoundError):
        call(stranger, report, stairs.pk, "broken", "")
    call(ann, delete, stairs.pk)
    with pytest.raises(NotFoundError):
        call(ann, report, stairs.pk, "broken", "")

    assert not Report.objects.exists()
