"""What a question would take along, asked before it is sent."""

import uuid

import pytest
from django.contrib.auth.models import User

from tests.support import factories, models_of_sites
from tests.support.use_cases import SETTINGS, ask, call, finish, question
from vision_chat.errors.turns import NotFoundError
from vision_chat.events import TurnPreviewed
from vision_chat.models import Endpoint, Habit, Message, MessageImage, UploadedImage
from vision_chat.services.completions import habits
from vision_chat.services.conversations.preview import preview

pytestmark = pytest.mark.each_database


def previewed(
    person: User, *images: UploadedImage, conversation_id: uuid.UUID | None = None, text: str = ""
) -> TurnPreviewed:
    return call(person, preview, conversation_id or uuid.uuid4(), text, [image.pk for image in images])


def learn(number: int) -> None:
    endpoint = SETTINGS.endpoint
    habit = habits.Habit(habits.HabitKind.IMAGES, str(number))
    Habit.objects.learn(endpoint.address, endpoint.model_name, [habit])


def test_all_images_of_a_new_conversation_go_where_they_fit(ann: User) -> None:
    images = [factories.image(ann) for _ in range(2)]
    answer = previewed(ann, *images)
    assert answer.left_out == {str(image.pk): "" for image in images}
    assert answer.note == ""


def test_the_number_is_what_the_endpoint_was_learned_to_take(ann: User) -> None:
    learn(1)
    first, second = factories.image(ann), factories.image(ann)
    answer = previewed(ann, first, second)
    assert answer.left_out == {
        str(first.pk): "Not sent: this model sees one picture at a time.",
        str(second.pk): "",
    }
    assert answer.note == "One picture will not be sent: this model sees one at a time."


def test_images_of_earlier_messages_count_and_are_pushed_out(ann: User) -> None:
    learn(1)
    earlier, new = factories.image(ann), factories.image(ann)
    turn = ask(ann, image_ids=[earlier.pk])
    finish(turn)
    conversation_id = turn.reply.conversation_id

    assert previewed(ann, conversation_id=conversation_id).left_out == {str(earlier.pk): ""}
    pushed_out = previewed(ann, new, conversation_id=conversation_id).left_out
    assert [bool(pushed_out[str(image.pk)]) for image in (earlier, new)] == [True, False]


def test_an_image_of_another_branch_is_no_part_of_it(ann: User) -> None:
    turn = ask(ann, image_ids=[factories.image(ann).pk])
    finish(turn)
    conversation = turn.reply.conversation
    conversation.leaf = None
    conversation.save()

    assert previewed(ann, conversation_id=conversation.pk).left_out == {}


def test_images_of_somebody_else_and_unknown_ones_are_not_spoken_of(ann: User, stranger: User) -> None:
    foreign = factories.image(stranger)
    assert previewed(ann, foreign).left_out == {}
    assert call(ann, preview, uuid.uuid4(), "", [uuid.uuid4()]).left_out == {}


def test_the_conversation_of_somebody_else_is_not_found(ann: User, stranger: User) -> None:
    turn = ask(ann, **{key: value for key, value in question().items() if key != "text"})
    with pytest.raises(NotFoundError):
        previewed(stranger, conversation_id=turn.reply.conversation_id)


def test_a_long_question_leaves_room_for_the_newest_image_alone(ann: User) -> None:
    images = [factories.image(ann) for _ in range(3)]
    answer = previewed(ann, *images, text="語" * 28_700)
    sentences = [answer.left_out[str(image.pk)] for image in images]
    assert sentences[-1] == ""
    assert set(sentences[:2]) == {"Not sent: the newer pictures and the text leave no room for it."}
    assert answer.note == "2 pictures will not be sent: there is no room for them."


def test_of_many_images_the_newest_are_named_and_the_others_counted(ann: User) -> None:
    learn(1)
    ids = factories.long_conversation(ann, 300)
    image, oldest, other = (factories.image(ann) for _ in range(3))
    shown = {ids[0]: oldest, ids[1]: other, ids[2]: oldest}
    MessageImage.objects.bulk_create(
        MessageImage(message_id=pk, image=shown.get(pk, image), position=0) for pk in ids[:150]
    )
    answer = previewed(ann, conversation_id=Message.objects.get(pk=ids[0]).conversation_id)

    assert answer.left_out == {str(image.pk): ""}
    assert answer.older == "Not sent: this model sees one picture at a time."
    assert answer.note == "2 pictures will not be sent: this model sees one at a time."


def test_a_model_that_takes_pictures_is_offered_where_this_one_takes_none(ann: User) -> None:
    blind = models_of_sites.language_model("some/text", max_images=0)
    models_of_sites.language_model("one/picture", max_images=1)
    best = models_of_sites.language_model("some/vision", label="Many & more", is_default=True)
    conversation = factories.conversation(ann, language_model=blind)
    image = factories.image(ann)
    answer = previewed(ann, image, conversation_id=conversation.pk)

    assert answer.left_out == {str(image.pk): "Not sent: this model cannot see pictures."}
    assert answer.note == "This model cannot see pictures."
    assert answer.note in answer.offer
    assert f'data-language-model="{best.pk}"' in answer.offer
    assert "Use Many &amp; more" in answer.offer
    assert previewed(ann, conversation_id=conversation.pk).offer == "", "there is nothing to see"
    conversation.language_model = best
    conversation.save()
    assert previewed(ann, image, conversation_id=conversation.pk).offer == ""


def test_it_is_known_too_where_the_key_cannot_be_read(ann: User) -> None:
    row = models_of_sites.language_model("one/picture", models_of_sites.endpoint(key="sk-lost"), max_images=1)
    Endpoint.objects.update(encrypted_key="gone")
    first, second = factories.image(ann), factories.image(ann)
    conversation = factories.conversation(ann, language_model=row)
    answer = previewed(ann, first, second, conversation_id=conversation.pk)

    assert [bool(reason) for reason in answer.left_out.values()] == [True, False]


def test_nothing_is_offered_where_no_model_takes_pictures(ann: User) -> None:
    learn(0)
    answer = previewed(ann, factories.image(ann))

    assert answer.note == "This model cannot see pictures."
    assert answer.offer == ""
