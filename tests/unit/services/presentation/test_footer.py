"""What stands under a reply that has ended."""

from typing import Any

import pytest

from vision_chat.models import Completion, Generation
from vision_chat.models.completion import summary_of
from vision_chat.models.generation import Status
from vision_chat.services.presentation.footer import FooterView, footer_html
from vision_chat.services.presentation.image_names import MAX_NAME_LENGTH

ENDED = [status for status in Status if status != Status.RUNNING]


def generation(status: Status = Status.COMPLETED, **values: Any) -> Generation:
    """One that is in no database; `values` are columns of it or of its completion."""
    columns = {field.name for field in Completion._meta.get_fields()}
    of_completion = {name: value for name, value in values.items() if name in columns}
    others = {name: value for name, value in values.items() if name not in columns}
    return Generation(completion=Completion(**of_completion), status=status, **others)


def footer(status: Status = Status.COMPLETED, *, has_text: bool = True, **values: Any) -> FooterView:
    return FooterView.of(generation(status, **values), "Words." if has_text else " ")


def offered(view: FooterView) -> set[str]:
    names = ("can_continue", "can_retry", "can_regenerate")
    return {name.removeprefix("can_") for name in names if getattr(view, name)}


@pytest.mark.parametrize(
    ("status", "actions"),
    [
        (Status.COMPLETED, {"regenerate"}),
        (Status.STOPPED, {"continue", "regenerate"}),
        (Status.INTERRUPTED, {"continue", "retry"}),
        (Status.FAILED, {"continue", "retry"}),
    ],
)
def test_a_footer_offers_what_can_be_done_next(status: Status, actions: set[str]) -> None:
    assert offered(footer(status)) == actions
    assert offered(footer(status, has_text=False)) == actions - {"continue"}


def test_a_footer_offers_to_continue_what_was_cut_off_at_its_length() -> None:
    view = footer(finish_reason="length")

    assert offered(view) == {"continue", "regenerate"}
    assert [note.text for note in view.notes] == ["This answer was cut off at the length limit."]


@pytest.mark.parametrize(
    ("status", "texts", "is_error"),
    [
        (Status.COMPLETED, [], []),
        (Status.STOPPED, ["This answer was stopped."], [False]),
        (Status.INTERRUPTED, ["This answer was interrupted before it was complete."], [True]),
    ],
)
def test_a_footer_says_how_the_reply_ended(status: Status, texts: list[str], is_error: list[bool]) -> None:
    notes = footer(status).notes

    assert [note.text for note in notes] == texts
    assert [note.is_error for note in notes] == is_error


@pytest.mark.parametrize(
    ("status", "has_text", "sentence"),
    [
        (Status.COMPLETED, True, "Answered by near/m, because far/m did not answer."),
        (Status.STOPPED, True, "Answered by near/m, because far/m did not answer."),
        (Status.FAILED, False, "near/m was asked, because far/m did not answer."),
    ],
)
def test_a_footer_says_that_a_fallback_was_asked(status: Status, has_text: bool, sentence: str) -> None:
    view = footer(status, has_text=has_text, model_name="near/m", asked_model_name="far/m")
    assert view.notes[0].text == sentence


def test_a_footer_names_a_fallback_as_people_know_it() -> None:
    names = {"model_name": "near/m", "asked_model_name": "far/m"}
    view = footer(
        Status.COMPLETED, has_text=True, **names, asked_label="The large one", fallback_label="Near"
    )

    assert view.notes[0].text == "Answered by Near, because The large one did not answer."
    assert {"near/m", "far/m, which did not answer"} <= {fact.text for fact in view.facts}


def test_a_footer_says_one_sentence_about_an_error() -> None:
    (note,) = footer(Status.FAILED, error_code="turn.too_long", error_params={"limit": 60}).notes

    assert note.is_error
    assert "60" in note.text


def test_a_footer_names_the_images_that_were_not_sent_and_shortens_long_names() -> None:
    long = "a-very-long-name-of-a-picture-from-a-camera.jpg"
    (one,) = footer(left_out={"images": ["cat.jpg"]}).notes
    (two,) = footer(left_out={"images": ["cat.jpg", long]}).notes
    shown = two.text.removesuffix(".").rpartition(", ")[2]

    assert one.text.endswith(": cat.jpg.")
    assert two.text.startswith("These pictures were not sent")
    assert (len(shown), shown[:6], shown[-4:]) == (MAX_NAME_LENGTH, "a-very", ".jpg")


def test_a_name_leaves_the_direction_of_the_footers_sentence() -> None:
    (note,) = footer(left_out={"images": ["קבלה.jpg", "cat.jpg"]}).notes

    assert "\u2068קבלה.jpg\u2069, cat.jpg" in note.text


def test_a_footer_names_the_images_that_are_lost() -> None:
    (one,) = footer(left_out={"lost": ["cat.jpg"]}).notes
    (two,) = footer(left_out={"lost": ["cat.jpg", "dog.jpg"]}).notes

    assert one.text.startswith("This picture is no longer on the server")
    assert "cat.jpg, dog.jpg" in two.text


@pytest.mark.parametrize(
    ("count", "beginning"), [(1, "The oldest message was"), (3, "The 3 oldest messages")]
)
def test_a_footer_says_how_many_messages_were_left_out(count: int, beginning: str) -> None:
    (note,) = footer(left_out={"messages": count}).notes

    assert note.text.startswith(beginning)


@pytest.mark.parametrize(
    ("images", "answer", "has_places"),
    [([{}], "<box>(1, 2), (3, 4)</box>", True), ([{}], "Words.", False), ([], "<box>(1, 2)</box>", False)],
)
def test_a_footer_offers_places_where_an_answer_about_pictures_may_name_some(
    images: list[dict[str, Any]], answer: str, has_places: bool
) -> None:
    row = generation(request_summary=summary_of([{"role": "user", "images": images}]))

    assert FooterView.of(row, answer).has_places == has_places


@pytest.mark.parametrize("status", ENDED)
def test_footer_html_shows_the_notes_the_actions_and_the_model(status: Status) -> None:
    row = generation(status, model_name="some/<model>", left_out={"images": ["<cat>.jpg"]})
    html = footer_html(row, "Words.")

    assert "some/&lt;model&gt;" in html
    assert "&lt;cat&gt;.jpg" in html
    assert ('data-command="turn.continue"' in html) == (status != Status.COMPLETED)
    assert ("reply-error" in html) == (status == Status.INTERRUPTED)


CAT = {"id": "00000000-0000-0000-0000-000000000001", "name": "cat.jpg", "alone": False}
DOG = {"id": "00000000-0000-0000-0000-000000000002", "name": "dog.jpg", "alone": False}


def refused(*images: dict[str, object]) -> FooterView:
    return footer(Status.FAILED, error_code="endpoint.image_refused", error_params={"images": list(images)})


def test_a_footer_names_the_image_that_the_endpoint_refused() -> None:
    view = refused(CAT)
    (note,) = view.notes

    assert note.text == "The model’s server did not accept the picture cat.jpg."
    assert [image.name for image in view.refused] == ["cat.jpg"]


def test_a_footer_lets_the_person_choose_where_the_endpoint_named_no_image() -> None:
    view = refused(CAT, DOG)

    assert "one of these pictures" in view.notes[0].text
    assert [image.name for image in view.refused] == ["cat.jpg", "dog.jpg"]


def test_a_footer_says_that_nothing_is_left_without_the_only_image() -> None:
    assert "your question is nothing else" in refused({**CAT, "alone": True}).notes[0].text


def test_a_footer_of_a_refusal_without_images_says_it_in_general() -> None:
    view = refused()

    assert view.refused == []
    assert "did not accept a picture of this conversation" in view.notes[0].text


def test_a_footer_tells_which_images_of_the_question_were_left_out() -> None:
    (note,) = footer(left_out={"chosen": ["cat.jpg"]}).notes

    assert note.text == "You left this picture out of the question: cat.jpg."
