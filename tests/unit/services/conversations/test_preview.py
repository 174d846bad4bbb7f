"""What a question would take along, asked before it is sent."""

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support import factories, models_of_sites
from tests.support.use_cases import SETTINGS, ask, call, finish, question
from vision_chat.commands import NO_CHOICES, AttachmentChoice, ImageChoices
from vision_chat.errors.turns import NotFoundError
from vision_chat.events import TurnPreviewed
from vision_chat.models import Endpoint, Habit, ImageCopy, Message, MessageImage, UploadedImage
from vision_chat.services.completions import habits
from vision_chat.services.conversations.preview import preview
from vision_chat.services.replies.turn import Attached
from vision_chat.services.vision.bundles import whole_copy


def previewed(
    person: User,
    *images: UploadedImage,
    conversation_id: uuid.UUID | None = None,
    text: str = "",
    choices: ImageChoices = NO_CHOICES,
) -> TurnPreviewed:
    ids = [image.pk for image in images]
    asked = question(text, conversation_id=conversation_id, image_ids=ids, choices=choices)
    return call(person, preview, **asked)


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
    answer = previewed(ann, first, second, choices=ImageChoices(has_canvas=False))
    assert answer.left_out == {
        str(first.pk): "Not sent: this model sees one picture at a time.",
        str(second.pk): "",
    }
    assert answer.note == "One picture will not be sent: this model sees one at a time."


def test_several_images_go_as_one_canvas_to_a_model_of_one_image(ann: User) -> None:
    learn(1)
    images = [factories.image(ann) for _ in range(3)]
    answer = previewed(ann, *images)
    assert answer.left_out == {str(image.pk): "" for image in images}
    assert answer.note == ""


def test_images_of_which_one_is_seen_in_fine_print_do_not_go_as_one_and_that_is_told(ann: User) -> None:
    learn(1)
    images = [factories.image(ann) for _ in range(2)]
    fine = ImageChoices(attachments=[AttachmentChoice(image_id=images[0].pk, detail="fine")])
    answer = previewed(ann, *images, choices=fine)
    assert (answer.canvas_choice, answer.left_out[str(images[0].pk)]) == ("", "")
    assert answer.canvas.endswith("cannot be combined with others: each goes on its own.")


def test_an_earlier_image_that_was_left_out_for_this_question_makes_room_for_an_older_one(ann: User) -> None:
    learn(1)
    turn = ask(ann, image_ids=[factories.image(ann).pk])
    finish(turn)
    conversation_id = turn.reply.conversation_id
    finish(ask(ann, conversation_id=conversation_id, image_ids=[factories.image(ann).pk]))
    older, newer = UploadedImage.objects.order_by("created_at")

    def reasons(inclusions: dict[uuid.UUID, Any]) -> list[str]:
        chosen = ImageChoices(earlier_images=inclusions)
        left_out = previewed(ann, conversation_id=conversation_id, choices=chosen).left_out
        return [left_out[str(image.pk)] for image in (older, newer)]

    one_at_a_time = "Not sent: this model sees one picture at a time."
    assert reasons({}) == [one_at_a_time, ""]
    assert reasons({newer.pk: "never"}) == ["", "Not sent: you left it out."]
    assert reasons({older.pk: "always"}) == ["", one_at_a_time]


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
    assert call(ann, preview, **question("", image_ids=[uuid.uuid4()])).left_out == {}


def test_the_conversation_of_somebody_else_is_not_found(ann: User, stranger: User) -> None:
    turn = ask(ann)
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
    apart = ImageChoices(has_canvas=False)
    answer = previewed(ann, first, second, conversation_id=conversation.pk, choices=apart)

    assert [bool(reason) for reason in answer.left_out.values()] == [True, False]


def test_nothing_is_offered_where_no_model_takes_pictures(ann: User) -> None:
    learn(0)
    answer = previewed(ann, factories.image(ann))

    assert answer.note == "This model cannot see pictures."
    assert answer.offer == ""


def sized(ann: User, width: int, height: int) -> UploadedImage:
    image = factories.image(ann)
    image.width, image.height = width, height
    image.save()
    return image


def use(ann: User, name: str, input_price: str) -> uuid.UUID:
    """Return the id of a conversation with a model of this name."""
    row = models_of_sites.language_model(name, input_price=input_price)
    return factories.conversation(ann, language_model=row).pk


def test_each_image_has_its_pixels_tokens_and_price_and_the_turn_their_sum(ann: User) -> None:
    conversation_id = use(ann, "llama-4-scout", input_price="2.5")
    images = [sized(ann, 1120, 1120) for _ in range(2)]
    answer = previewed(ann, *images, conversation_id=conversation_id)

    one = answer.estimates[str(images[0].pk)]
    assert (one.tokens, one.size, one.cost) == (2467, "1,120 × 1,120", "2,467 tokens")
    assert one.more.endswith("· $0.0062")
    assert (answer.tokens, answer.cost) == (4934, "4,934 tokens · $0.0123")


def test_an_estimate_is_about_where_nobody_knows_how_the_model_counts(ann: User) -> None:
    image = sized(ann, 750, 100)
    answer = previewed(ann, image)
    assert answer.estimates[str(image.pk)].cost == "about 100 tokens"
    assert answer.cost == "about 100 tokens"


def test_what_is_not_sent_has_an_estimate_and_is_no_part_of_the_sum(ann: User) -> None:
    learn(1)
    first, second = sized(ann, 750, 100), sized(ann, 750, 200)
    answer = previewed(ann, first, second, choices=ImageChoices(has_canvas=False))
    assert [answer.estimates[str(image.pk)].tokens for image in (first, second)] == [100, 200]
    assert answer.tokens == 200


def test_a_model_that_cannot_see_costs_nothing(ann: User) -> None:
    learn(0)
    answer = previewed(ann, factories.image(ann))
    assert (answer.estimates, answer.tokens, answer.cost) == ({}, 0, "")


def test_the_bytes_are_those_of_a_copy_that_is_made(ann: User) -> None:
    image = sized(ann, 400, 300)
    before = previewed(ann, image).estimates[str(image.pk)].more
    plan = whole_copy(Attached.whole(image).shown, SETTINGS.endpoint.rules)
    ImageCopy.objects.create(image=image, recipe=plan.name, width=1, height=1, bytes=7777, file="nowhere")
    answer = previewed(ann, image)

    assert (before, answer.estimates[str(image.pk)].more) == ("58.6\xa0KB", "7.6\xa0KB")


def test_an_earlier_picture_that_is_left_out_is_on_no_canvas(ann: User) -> None:
    learn(1)
    turn = ask(ann, image_ids=[factories.image(ann).pk for _ in range(3)])
    finish(turn)
    first, second, third = UploadedImage.objects.order_by("attachments__position")
    choices = ImageChoices(earlier_images={second.pk: "never"})
    left_out = previewed(ann, conversation_id=turn.reply.conversation_id, choices=choices).left_out
    assert left_out == {str(first.pk): "", str(second.pk): "Not sent: you left it out.", str(third.pk): ""}
