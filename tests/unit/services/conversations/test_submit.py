import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.use_cases import RecordingRunner, ask, call, finish, question
from tests.support.waiting import ask_meanwhile, end
from vision_chat.commands import AttachmentChoice, ImageChoices, RegionChoice
from vision_chat.errors.turns import (
    ImageChoicesError,
    ImageGoneError,
    MessageWaitsError,
    NotFoundError,
    TooManyImagesError,
    TooManyRepliesError,
    TurnEmptyError,
    TurnTooLongError,
)
from vision_chat.models import Completion, Conversation, Generation, Message, Preferences, UploadedImage
from vision_chat.models.generation import Status
from vision_chat.services.conversations._limits import MAX_TEXT_LENGTH
from vision_chat.services.conversations.submit import submit
from vision_chat.services.replies.turn import Attached, PromptMessage

pytestmark = pytest.mark.each_database


def test_submit_makes_a_conversation_a_message_a_reply_and_its_generation(ann: User) -> None:
    turn = ask(ann)

    conversation = Conversation.objects.get()
    assert (conversation.owner, conversation.title) == (ann, "What is this?")
    assert conversation.leaf_id == turn.reply.pk
    assert Message.objects.get(role="assistant").parent == Message.objects.get(role="user")
    assert Generation.objects.get().status == Status.RUNNING


def test_submit_writes_the_settings_of_the_turn_on_its_completion(ann: User) -> None:
    turn = ask(ann)

    completion = Completion.objects.get()
    assert turn.generation.completion == completion
    assert (completion.endpoint, completion.model_name) == ("http://endpoint/v1", "some/model")
    assert (completion.person, completion.purpose) == (ann, "reply")


def test_submit_copies_the_default_instructions_into_a_conversation_at_its_first_turn(ann: User) -> None:
    Preferences.objects.create(person=ann, instructions="Answer in German.")
    turn = ask(ann)
    finish(turn)
    Preferences.objects.update(instructions="Answer in French.")
    again = ask(ann, "And?", conversation_id=turn.reply.conversation_id)

    assert Conversation.objects.get().system_prompt == "Answer in German."
    assert [found.settings.system_prompt for found in (turn, again)] == ["Answer in German."] * 2


def test_submit_leaves_a_conversation_that_has_begun_without_instructions(ann: User) -> None:
    turn = ask(ann)
    finish(turn)
    Preferences.objects.create(person=ann, instructions="Answer in German.")

    assert ask(ann, conversation_id=turn.reply.conversation_id).settings.system_prompt == ""


def test_submit_takes_nobody_elses_instructions(ann: User, stranger: User) -> None:
    Preferences.objects.create(person=stranger, instructions="Answer in German.")
    assert ask(ann).settings.system_prompt == ""


def test_submit_keeps_the_order_of_images_and_takes_each_once(ann: User) -> None:
    first, second = factories.image(ann, "a"), factories.image(ann, "b")
    ask(ann, image_ids=[second.pk, first.pk, second.pk])

    message = Message.objects.with_details().get(role="user")
    assert [image.name for image in message.attached_images] == ["b", "a"]


def test_submit_gives_the_branch_along_for_the_prompt(ann: User) -> None:
    first = ask(ann)
    finish(first)
    turn = ask(ann, "And?", conversation_id=first.reply.conversation_id)

    assert [message.text for message in turn.branch] == ["What is this?", "An answer.", "And?"]


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"text": ""}, TurnEmptyError),
        ({"text": " \n"}, TurnEmptyError),
        ({"text": "x" * (MAX_TEXT_LENGTH + 1)}, TurnTooLongError),
        ({"image_ids": [uuid.uuid4() for _ in range(4)]}, TooManyImagesError),
        ({"image_ids": [uuid.uuid4()]}, ImageGoneError),
    ],
)
def test_submit_refuses_what_cannot_be_asked_and_saves_nothing(
    ann: User, values: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        ask(ann, **values)
    assert not Conversation.objects.exists()


def test_submit_takes_no_image_of_somebody_else(ann: User, stranger: User) -> None:
    with pytest.raises(ImageGoneError):
        ask(ann, image_ids=[factories.image(stranger).pk])


def test_submit_finds_no_conversation_of_somebody_else(ann: User, stranger: User) -> None:
    turn = ask(ann)
    finish(turn)
    with pytest.raises(NotFoundError):
        ask(stranger, conversation_id=turn.reply.conversation_id)


def test_submit_with_the_same_client_id_is_the_same_turn(ann: User) -> None:
    asked, again = question(), RecordingRunner()
    first = call(ann, submit, **asked)

    assert call(ann, submit, runner=again, **asked) == first
    assert again.started == []
    assert Message.objects.count() == 2


def test_submit_with_the_client_id_of_somebody_else_is_another_turn(ann: User, stranger: User) -> None:
    client_id = uuid.uuid4()
    ask(ann, client_id=client_id)
    ask(stranger, client_id=client_id)

    assert Conversation.objects.count() == 2


def test_submit_while_the_reply_runs_makes_a_message_that_waits(ann: User) -> None:
    turn, image = ask(ann), factories.image(ann)
    waiting = ask_meanwhile(ann, turn, "And then?", image_ids=[image.pk])

    assert (waiting.state, waiting.parent, waiting.text) == ("waiting", turn.reply, "And then?")
    assert [attached.pk for attached in waiting.images.all()] == [image.pk]
    assert Conversation.objects.get().leaf == turn.reply
    assert Generation.objects.count() == 1


def test_submit_of_a_second_message_that_would_wait_is_refused(ann: User) -> None:
    turn = ask(ann)
    ask_meanwhile(ann, turn)
    with pytest.raises(MessageWaitsError):
        ask_meanwhile(ann, turn, "And another")

    assert Message.objects.count() == 3


def test_submit_of_the_same_message_that_waits_is_no_second_one(ann: User) -> None:
    turn, client_id = ask(ann), uuid.uuid4()
    first = ask_meanwhile(ann, turn, client_id=client_id)

    assert ask_meanwhile(ann, turn, client_id=client_id) == first
    end(turn.reply.pk)
    assert ask_meanwhile(ann, turn, client_id=client_id) == first
    assert Message.objects.count() == 4


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"text": " "}, TurnEmptyError),
        ({"text": "x" * (MAX_TEXT_LENGTH + 1)}, TurnTooLongError),
        ({"image_ids": [uuid.uuid4() for _ in range(4)]}, TooManyImagesError),
        ({"image_ids": [uuid.uuid4()]}, ImageGoneError),
    ],
)
def test_submit_refuses_a_message_that_would_wait_as_it_refuses_any(
    ann: User, values: dict[str, Any], error: type[Exception]
) -> None:
    turn = ask(ann)
    with pytest.raises(error):
        ask_meanwhile(ann, turn, **values)
    assert Message.objects.count() == 2


def test_submit_refuses_a_message_that_could_not_be_sent_at_the_end_of_the_reply(ann: User) -> None:
    turn = ask(ann)
    ask(ann)
    asked = question(conversation_id=turn.reply.conversation_id)
    with pytest.raises(TooManyRepliesError):
        call(ann, submit, runner=RecordingRunner(per_person=1), **asked)
    call(ann, submit, runner=RecordingRunner(per_person=2), **asked)

    assert Message.objects.filter(state="waiting").count() == 1


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("What is this?\nAnd that?", "What is this?"),
        ("word " * 40, "word " * 11 + "word…"),
        ("x" * 200, "x" * 60 + "…"),
        ("  spaced   out  ", "spaced out"),
    ],
)
def test_submit_names_a_new_conversation_by_the_first_line_cut_at_a_word(
    ann: User, text: str, title: str
) -> None:
    ask(ann, text)
    assert Conversation.objects.get().title == title


@pytest.mark.parametrize(("names", "title"), [(["cat.jpg"], "cat.jpg"), (["a", "b"], "2 pictures")])
def test_submit_names_a_conversation_without_words_by_its_images(
    ann: User, names: list[str], title: str
) -> None:
    ask(ann, "", image_ids=[factories.image(ann, name).pk for name in names])
    assert Conversation.objects.get().title == title


def choices(image: UploadedImage, *regions: RegionChoice, **values: Any) -> ImageChoices:
    return ImageChoices(attachments=[AttachmentChoice(image_id=image.pk, regions=[*regions], **values)])


def box(letter: str = "A", x: float = 0.1, width: float = 0.2) -> RegionChoice:
    return RegionChoice(letter=letter, x=x, y=0.5, width=width, height=0.25)


def test_what_was_chosen_about_images_is_kept_with_the_question(ann: User) -> None:
    image, plain = factories.image(ann), factories.image(ann)
    earlier = ask(ann, image_ids=[factories.image(ann).pk])
    finish(earlier)
    choices = ImageChoices(
        attachments=[
            AttachmentChoice(image_id=image.pk, detail="fine", tiles=[0, 3], regions=[box(), box("B")])
        ],
        has_canvas=False,
        earlier_images={earlier.branch[0].attached[0].image.pk: "never"},
    )
    turn = ask(
        ann, conversation_id=earlier.reply.conversation_id, image_ids=[image.pk, plain.pk], choices=choices
    )
    message = Message.objects.get(children=turn.reply)
    first, second = message.attachments.all()

    assert (first.detail, first.tiles, second.detail) == ("fine", [0, 3], "fit")
    kept = [
        (region.letter, region.x, region.y, region.width, region.height) for region in first.regions.all()
    ]
    assert kept == [("A", 0.1, 0.5, 0.2, 0.25), ("B", 0.1, 0.5, 0.2, 0.25)]
    assert not message.has_canvas
    assert list(message.earlier_images.values()) == ["never"]
    # what the prompt is made of now is what it is made of when the row is read again
    attached = [Attached.of(attachment) for attachment in (first, second)]
    assert turn.branch[-1] == PromptMessage.of(message, message.text, attached)


def test_choices_that_do_not_fit_the_images_are_refused(ann: User) -> None:
    image, other = factories.image(ann), factories.image(ann)
    for chosen in (
        choices(other),
        choices(image, box(), box()),
        choices(image, box(x=0.9)),
        choices(image, *(box(letter) for letter in "ABCDEFGHIJ")),
        choices(image, tiles=list(range(101))),
        ImageChoices(attachments=[AttachmentChoice(image_id=image.pk)] * 2),
    ):
        with pytest.raises(ImageChoicesError):
            ask(ann, image_ids=[image.pk], choices=chosen)
    assert not Message.objects.exists()
