"""Errors in words, and as the one object that HTTP and the socket answer with."""

import pytest
from django.utils.translation import override

from vision_chat.errors.base import ChatError
from vision_chat.errors.completions import NoImagesError
from vision_chat.errors.images import ImageTooManyBytesError
from vision_chat.errors.turns import NotFoundError, ShuttingDownError, TooManyImagesError, TurnTooLongError
from vision_chat.services.presentation.sentences import (
    error_json,
    pause_note,
    retired_notice,
    sentence,
    sentence_for,
    waiting_sentence,
)


def test_error_json_is_code_message_and_whether_trying_again_may_help() -> None:
    error = TooManyImagesError(limit=3)

    assert error_json(error) == {
        "code": "turn.too_many_images",
        "message": sentence(TooManyImagesError, {"limit": 3}),
        "retryable": False,
    }
    assert "3" in str(error_json(error)["message"])
    assert error_json(ShuttingDownError())["retryable"] is True


def test_error_json_holds_nothing_that_is_for_the_log() -> None:
    assert "secret" not in str(error_json(ChatError("a secret of the server")))


@pytest.mark.parametrize(
    ("code", "params", "error"),
    [
        ("conversation.not_found", {}, NotFoundError()),
        ("image.too_many_bytes", {"limit": "25"}, ImageTooManyBytesError(limit="25")),
    ],
)
def test_sentence_for_a_stored_code_is_that_of_its_error(
    code: str, params: dict[str, object], error: ChatError
) -> None:
    assert sentence_for(code, params) == sentence(error, error.params) == str(error)


@pytest.mark.parametrize("code", ["", "error.of_another_release"])
def test_sentence_for_an_unknown_code_is_the_general_one(code: str) -> None:
    assert sentence_for(code, {"limit": 3}) == ChatError.message


def test_who_may_choose_the_model_reads_how_and_which() -> None:
    notice = retired_notice("some/model", ["a", "b"], may_change=True)
    assert notice.startswith("The provider no longer offers the model some/model.")
    assert notice.endswith("for example a, b.")
    assert retired_notice("m", [], may_change=True).endswith("another one.")


def test_a_retired_model_with_a_row_is_replaced_in_the_administration() -> None:
    notice = retired_notice("some/model", [], may_change=True, is_of_environment=False)
    assert notice.endswith("Replace it in the administration.")
    assert "CHAT_MODEL" not in notice


def test_who_may_not_reads_what_it_means_for_them() -> None:
    notice = retired_notice("some/model", ["a", "b"], may_change=False)
    assert "administrator" in notice
    assert "CHAT_MODEL" not in notice
    assert "administrator" not in retired_notice("some/model", [], may_change=False, has_others=True)


@pytest.mark.parametrize(
    ("ahead", "end"),
    [(0, "Yours is next."), (1, "1 ahead of you."), (1700, "1,700 ahead of you.")],
)
def test_waiting_sentence_says_how_many_come_first(ahead: int, end: str) -> None:
    assert waiting_sentence(ahead).endswith(end)


def test_a_name_in_an_error_leaves_the_direction_of_its_sentence() -> None:
    assert "\u2068מנה\u2069" in sentence(NoImagesError, {"model_name": "מנה"})


@pytest.mark.parametrize(
    ("limit", "written"), [(60_000, "60,000"), (60.0, "60 "), (0.5, "0.5"), ("1200", "1200"), (7, "7")]
)
def test_a_number_in_a_sentence_is_written_as_the_language_does(limit: object, written: str) -> None:
    assert f"longer than {written}" in sentence(TurnTooLongError, {"limit": limit})


def test_a_number_in_a_sentence_has_the_signs_of_the_language() -> None:
    with override("de"):
        assert "60.000" in sentence(TurnTooLongError, {"limit": 60_000})


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.2, "1"), (3.2, "4"), (5, "5"), (6, "10"), (20, "20"), (21, "25")]
)
def test_the_note_of_a_pause_says_about_how_long_it_takes(seconds: float, shown: str) -> None:
    assert pause_note(seconds) == f"The provider asks us to slow down. Going on in about {shown} s."


def test_the_note_after_a_pause_names_no_time() -> None:
    assert "in a moment" in pause_note(None)
