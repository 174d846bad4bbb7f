import io

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from tests.support import factories
from vision_chat.models import ConversationFigures

pytestmark = pytest.mark.each_database


def rebuild_figures(*arguments: str) -> str:
    out = io.StringIO()
    call_command("rebuild_figures", *arguments, stdout=out)
    return out.getvalue()


def test_rows_that_are_missing_or_wrong_are_found_by_the_check_and_mended(ann: User) -> None:
    for title in ("sound", "missing", "wrong"):
        factories.turn(factories.conversation(ann, title))
    assert rebuild_figures("--check") == "The figures of 0 of 3 conversations differ.\n"
    ConversationFigures.objects.filter(conversation__title="missing").delete()
    ConversationFigures.objects.filter(conversation__title="wrong").update(message_count=7)

    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("rebuild_figures", "--check", stdout=out)
    assert (caught.value.returncode, out.getvalue()) == (1, "The figures of 2 of 3 conversations differ.\n")
    assert rebuild_figures() == "The figures of 2 of 3 conversations written.\n"
    assert rebuild_figures() == "The figures of 0 of 3 conversations written.\n"
