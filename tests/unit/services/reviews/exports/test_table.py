import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.support import exported, factories
from vision_chat.models import Resolution, Review, Rubric, RubricVersion
from vision_chat.models.rubric import DEFAULT_DEFINITION
from vision_chat.services.reviews.exports.choices import Format
from vision_chat.services.reviews.exports.names import pseudonym_of

QUESTION = {"label": "", "choices": [], "bad_choices": [], "reasons": [], "policy": "", "is_required": False}


@pytest.fixture
def rubric(db: None) -> RubricVersion:
    questions = [
        {**QUESTION, "key": "clear", "kind": "yes_no"},
        {**QUESTION, "key": "marks", "kind": "scale"},
    ]
    return RubricVersion.objects.create(
        rubric=Rubric.objects.create(name="Clarity"),
        number=3,
        definition={**DEFAULT_DEFINITION, "questions": questions},
    )


def test_a_row_is_a_review_with_its_answers_by_their_keys(
    owner: User, reviewer: User, rubric: RubricVersion
) -> None:
    stairs = factories.conversation(owner)
    item = exported.item(exported.queue(rubric=rubric), factories.turn(stairs))
    answers = {"clear": {"value": "no", "reasons": ["blurred", "dark"]}, "marks": {"value": -2}}
    review = exported.review(item, reviewer, "flawed", note="Line,\n“two”", answers=answers)
    Resolution.objects.create(item=item, author=owner, verdict="good")
    outside = Review.objects.create(conversation=stairs, author=owner, verdict="good")
    Review.objects.create(conversation=stairs, author=reviewer, verdict="good", withdrawn_at=timezone.now())
    first, second = exported.rows_of(exported.selected(stairs))

    assert (first["review_id"], first["reviewer"], first["verdict"]) == (str(review.pk), "rob", "flawed")
    assert (first["verdict_tone"], first["verdict_that_counts"]) == ("mixed", "good")
    assert first["note"] == "Line,\n“two”"
    assert (first["rubric"], first["rubric_version"]) == ("Clarity", "3")
    assert (first["conversation_id"], first["owner"]) == (str(stairs.pk), "ann")
    assert (first["item_id"], first["queue_id"]) == (str(item.pk), str(item.queue_id))
    assert first["models"] == factories.MODEL
    assert (first["answer.clear"], first["reasons.clear"]) == ("no", "blurred, dark")
    assert (first["answer.marks"], first["reasons.marks"]) == ("-2", "")
    assert (second["review_id"], second["item_id"], second["answer.clear"]) == (str(outside.pk), "", "")
    assert [row["review_id"] for row in exported.rows_of(exported.selected_items(item))] == [str(review.pk)]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1"], ids=ascii
)
def test_a_spreadsheet_takes_no_text_for_a_formula(db: None, text: str) -> None:
    person = User.objects.create(username=text)
    stairs = factories.conversation(person)
    factories.turn(stairs, model_name=text)
    answers = {text: {"value": text}}
    Review.objects.create(conversation=stairs, author=person, verdict="good", note=text, answers=answers)
    [row] = exported.rows_of(exported.selected(stairs))

    assert [row[name] for name in ("owner", "reviewer", "note", "models")] == [f"'{text}"] * 4


def test_a_table_may_have_pseudonyms_and_good_verdicts_alone(owner: User, reviewer: User) -> None:
    good, bad = factories.conversation(owner), factories.conversation(owner)
    Review.objects.create(conversation=good, author=reviewer, verdict="good")
    Review.objects.create(conversation=bad, author=reviewer, verdict="harmful")
    [row] = exported.rows_of(exported.selected(good, bad), only_good=True, with_pseudonyms=True)

    assert row["conversation_id"] == str(good.pk)
    assert (row["owner"], row["reviewer"]) == (pseudonym_of(owner.pk), pseudonym_of(reviewer.pk))


def test_a_table_of_nothing_has_its_head(owner: User) -> None:
    text = exported.file_of(exported.selected(), format=Format.TABLE)

    assert text.startswith(b"\xef\xbb\xbfreview_id,")
    assert text.count(b"\n") == 1
