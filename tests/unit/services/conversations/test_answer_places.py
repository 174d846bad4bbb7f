"""The places that a reply names: for those who may see it, what is asked about them, what is saved."""

import json
import unicodedata
from csv import DictReader
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from tests.support import factories
from tests.support.use_cases import call
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Conversation, Message, Preferences, UploadedImage
from vision_chat.services.conversations.answer_places import (
    MAX_FRAMES,
    answer_places,
    choose_frame,
    choose_picture,
    places_as,
)
from vision_chat.services.conversations.new_chat import new_chat_from
from vision_chat.services.conversations.sent_request import sent_requests
from vision_chat.services.places._words import label_of
from vision_chat.services.places.place import MAX_LABEL
from vision_chat.services.presentation.messages import MessageView
from vision_chat.services.presentation.places import PlacesView

BOXES = '[{"bbox_2d": [100, 200, 300, 400], "label": "kettle"}, {"bbox_2d": [1, 2, 3, 4], "label": "cup"}]'
QWEN, UNKNOWN = "qwen3-vl", "some/model"


def reply(person: User, *images: UploadedImage, answer: str = BOXES, **values: Any) -> Message:
    """An answer to a question about these pictures."""
    sent = [{"image_id": str(image.pk), "width": 1000, "height": 500} for image in images]
    values = {"model_name": QWEN, "request": [{"role": "user", "images": sent}]} | values
    return factories.turn(factories.conversation(person), answer=answer, **values)


def shown(person: User, message: Message) -> PlacesView:
    view = answer_places(person, message.pk)
    assert view is not None
    return view


def test_the_places_of_a_reply_are_for_its_owner_alone(db: None, ann: User, stranger: User) -> None:
    image = factories.image(ann)
    message = reply(ann, image)
    kettle, cup = shown(ann, message).places
    assert (kettle.label, kettle.number, kettle.image_id) == ("kettle", 1, str(image.pk))
    assert (kettle.x, kettle.y, kettle.width, kettle.height) == (
        "0.100000",
        "0.200000",
        "0.200000",
        "0.200000",
    )
    assert kettle.colour != cup.colour
    for action in (answer_places, lambda user, pk: places_as(user, pk, "csv")):
        with pytest.raises(NotFoundError):
            action(stranger, message.pk)
    for use_case, value in ((choose_frame, "pixels"), (choose_picture, 1)):
        with pytest.raises(NotFoundError):
            call(stranger, use_case, message.pk, value)


def test_there_are_none_in_thoughts_nor_without_a_picture_nor_while_it_is_written(
    db: None, ann: User
) -> None:
    image = factories.image(ann)
    assert answer_places(ann, reply(ann, image, answer=f"<think>{BOXES}</think>Nothing.").pk) is None
    assert answer_places(ann, reply(ann, image, thoughts=BOXES, answer="Nothing.").pk) is None
    assert answer_places(ann, reply(ann).pk) is None
    assert answer_places(ann, reply(ann, image, status="running").pk) is None


@pytest.mark.each_database
def test_a_frame_that_is_not_known_is_asked_once_for_a_model_and_can_be_changed(db: None, ann: User) -> None:
    image = factories.image(ann)
    first, second = (reply(ann, image, model_name=UNKNOWN) for _ in range(2))
    other = reply(ann, image, model_name="another/model")
    asking = shown(ann, first)
    assert (asking.places, [frame.value for frame in asking.frames]) == ([], ["pixels", "thousandths"])
    assert places_as(ann, first.pk, "csv") is None

    call(ann, choose_frame, first.pk, "pixels")
    for message in (first, second):
        view = shown(ann, message)
        assert (view.frames, view.chosen_frame, view.places[0].y) == ([], "Pixels", "0.400000")
    assert shown(ann, other).frames

    call(ann, choose_frame, second.pk, "")
    assert shown(ann, first).frames
    call(ann, choose_frame, second.pk, "grid32")
    assert Preferences.objects.get(person=ann).frames == {}


def test_the_frames_of_the_models_that_were_asked_about_last_are_kept(db: None, ann: User) -> None:
    old = {f"model-{number}": "pixels" for number in range(MAX_FRAMES)}
    Preferences.objects.create(person=ann, frames=old)
    call(ann, choose_frame, reply(ann, factories.image(ann), model_name=UNKNOWN).pk, "percent")
    kept = Preferences.objects.get(person=ann).frames
    assert len(kept) == MAX_FRAMES
    assert kept[UNKNOWN] == "percent"
    assert "model-0" not in kept


def test_numbers_that_can_be_one_thing_only_are_not_asked_about(db: None, ann: User) -> None:
    answer = '{"bbox": [0.1, 0.2, 0.3, 0.4]}'
    view = shown(ann, reply(ann, factories.image(ann), answer=answer, model_name=UNKNOWN))
    assert (view.frames, view.places[0].x) == ([], "0.100000")


@pytest.mark.each_database
def test_of_several_pictures_it_is_asked_once_which(db: None, ann: User) -> None:
    one, other = factories.image(ann, "one.jpg"), factories.image(ann, "other.jpg")
    message = reply(ann, one, other)
    view = shown(ann, message)
    assert [(picture.number, picture.name) for picture in view.pictures] == [(1, "one.jpg"), (2, "other.jpg")]
    assert (view.places, view.notes) == ([], [])

    call(ann, choose_picture, message.pk, 2)
    view = shown(ann, message)
    assert {place.image_id for place in view.places} == {str(other.pk)}
    assert view.has_chosen_picture
    call(ann, choose_picture, message.pk, 3)
    assert shown(ann, message).pictures


def overview_and_parts(image: UploadedImage, *parts: list[float]) -> list[dict[str, Any]]:
    """The record of a request that shows the whole of a picture first, and then parts of it."""
    return [
        {
            "width": 1000,
            "height": 500,
            "recipe": f"v1-{number}",
            "image_id": str(image.pk),
            "shows": [{"image_id": str(image.pk), "part": part, "place": [0, 0, 1000, 500]}],
        }
        for number, part in enumerate(([0, 0, 1, 1], *parts))
    ]


LEFT, RIGHT = [0, 0, 0.5, 1], [0.5, 0, 1, 1]


def test_copies_of_one_picture_are_no_question_and_another_one_can_be_chosen(db: None, ann: User) -> None:
    image = factories.image(ann)
    request = [{"role": "user", "images": overview_and_parts(image, LEFT, RIGHT)}]
    message = reply(ann, request=request)
    view = shown(ann, message)
    assert (view.pictures, view.has_chosen_picture, view.copy_name) == ([], False, "the overview")
    assert view.places[0].x == "0.100000"
    assert [copy.name for copy in view.copies] == [
        "the overview",
        "the part that begins 0% from the left and 0% from the top",
        "the part that begins 50% from the left and 0% from the top",
    ]

    call(ann, choose_picture, message.pk, 3)
    view = shown(ann, message)
    assert (view.pictures, view.has_chosen_picture, view.copies[2].is_chosen) == ([], False, True)
    assert view.places[0].x == "0.550000"
    assert (csv := places_as(ann, message.pk, "csv")) is not None
    assert ",22.0," in csv.data.decode().splitlines()[1]


@pytest.mark.parametrize(
    ("fields", "x"),
    [
        ('"label": "kettle"', "0.100000"),
        ('"label": "Picture 3: kettle"', "0.550000"),
        ('"label": "part 1, kettle"', "0.050000"),
        ('"label": "tile #2 kettle"', "0.550000"),
        ('"label": "part 9"', "0.100000"),
        ('"label": "department 2"', "0.100000"),
        ('"image": 2', "0.050000"),
        ('"image": 9', "0.100000"),
    ],
)
def test_a_place_is_in_the_copy_that_its_number_or_label_names(
    db: None, ann: User, fields: str, x: str
) -> None:
    request = [{"role": "user", "images": overview_and_parts(factories.image(ann), LEFT, RIGHT)}]
    answer = f'{{"bbox_2d": [100, 200, 300, 400], {fields}}}'
    (place,) = shown(ann, reply(ann, request=request, answer=answer)).places
    assert place.x == x


def test_several_pictures_are_asked_about_also_where_one_has_parts(db: None, ann: User) -> None:
    one, other = factories.image(ann, "one.jpg"), factories.image(ann, "other.jpg")
    images = [*overview_and_parts(one, LEFT), *overview_and_parts(other)]
    view = shown(ann, reply(ann, request=[{"role": "user", "images": images}]))
    assert [picture.name for picture in view.pictures] == ["one.jpg", "a part of one.jpg", "other.jpg"]
    assert (view.copies, view.places) == ([], [])


@pytest.mark.each_database
def test_a_copied_answer_has_the_places_of_its_original(db: None, ann: User) -> None:
    image = factories.image(ann)
    request = [{"role": "user", "message_ids": [1], "images": overview_and_parts(image, LEFT, RIGHT)}]
    message = reply(ann, request=request)
    call(ann, choose_picture, message.pk, 2)
    conversation = Conversation.objects.get(pk=call(ann, new_chat_from, message.pk))
    assert conversation.leaf is not None
    copied = MessageView.of_row(conversation.leaf)
    assert copied.footer is not None
    assert copied.footer.has_places
    assert shown(ann, conversation.leaf).places == shown(ann, message).places
    assert not any(fact.label == "What was sent" for fact in copied.footer.facts)
    assert sent_requests(ann, conversation.leaf.pk)[0].view.images == []

    call(ann, choose_picture, conversation.leaf.pk, 1)
    assert shown(ann, conversation.leaf).places != shown(ann, message).places
    again = Conversation.objects.get(pk=call(ann, new_chat_from, conversation.leaf.pk))
    assert again.leaf is not None
    assert shown(ann, again.leaf).places == shown(ann, conversation.leaf).places


HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)",
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\u202egnp.exe",
    "a\u200bb",
    "w" * 10_000,
)


def test_labels_are_text_of_bounded_length_wherever_they_go(db: None, ann: User) -> None:
    answer = json.dumps([{"bbox_2d": [100, 200, 300, 400], "label": label} for label in HOSTILE])
    message = reply(ann, factories.image(ann), answer=answer)
    view = shown(ann, message)
    assert [place.label for place in view.places] == [
        "",
        "<img src=x onerror=alert(1)",
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "gnp.exe",
        "ab",
        "w" * 120,
    ]
    html = render_to_string("_places.html", {"view": view})
    assert "<img" not in html
    assert "<bdi>=1+1</bdi>" in html

    csv, coco, yolo = (places_as(ann, message.pk, name) for name in ("csv", "coco", "yolo"))
    assert csv is not None
    assert coco is not None
    assert yolo is not None
    cells = [row["label"] for row in DictReader(StringIO(csv.data.decode()))]
    assert cells[:6] == ["", HOSTILE[1], "'=1+1", "'+1", "'-1", "'@SUM(A1)"]
    names = ["place", *(place.label for place in view.places[1:])]
    assert [each["name"] for each in json.loads(coco.data)["categories"]] == names
    with ZipFile(BytesIO(yolo.data)) as archive:
        assert archive.read("classes.txt").decode().splitlines() == names


@given(text=st.text(max_size=300))
def test_no_label_has_signs_that_are_not_seen_or_turn_what_follows(text: str) -> None:
    label = label_of(text)
    assert len(label) <= MAX_LABEL
    assert label == " ".join(label.split())
    assert not {unicodedata.category(sign) for sign in label} & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(label) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\ufeff")


def test_regions_and_canvases_are_told_apart_where_it_is_asked_which(db: None, ann: User) -> None:
    one, other = factories.image(ann, "one.jpg"), factories.image(ann, "other.jpg")
    whole, part = [0, 0, 1, 1], [0, 0, 0.5, 0.5]
    pictures = [
        {
            "width": 90,
            "height": 60,
            "shows": [{"image_id": str(one.pk), "part": part, "place": [0, 0, 90, 60]}],
        },
        {
            "width": 90,
            "height": 60,
            "shows": [
                {"image_id": str(image.pk), "part": whole, "place": [left, 0, left + 40, 60]}
                for image, left in ((one, 0), (other, 50))
            ],
        },
    ]
    message = reply(ann, request=[{"role": "user", "images": pictures}])
    assert [picture.name for picture in shown(ann, message).pictures] == [
        "a part of one.jpg",
        "one.jpg, other.jpg",
    ]

    call(ann, choose_picture, message.pk, 1)
    assert [place.width for place in shown(ann, message).places][:1] == ["0.100000"]


def test_a_picture_that_the_answer_names_is_not_asked_for(db: None, ann: User) -> None:
    one, other = factories.image(ann, "one.jpg"), factories.image(ann, "other.jpg")
    answer = '[{"bbox_2d": [1, 2, 3, 4], "image": "B"}, {"bbox_2d": [1, 2, 3, 4], "image": 1}]'
    view = shown(ann, reply(ann, one, other, answer=answer))
    assert [place.image_id for place in view.places] == [str(other.pk), str(one.pk)]
    assert not view.pictures


def test_places_outside_the_picture_are_counted(db: None, ann: User) -> None:
    answer = '[{"bbox_2d": [1, 2, 3, 4]}, {"bbox_2d": [1, 2, 3000, 4000]}]'
    assert shown(ann, reply(ann, factories.image(ann), answer=answer)).notes == [
        "1 place lies outside the picture and is not drawn."
    ]


def test_places_are_saved_in_pixels_of_the_original(db: None, ann: User) -> None:
    message = reply(ann, factories.image(ann, "=stairs.jpg"))  # of 40 by 30 pixels
    csv, coco, yolo = (places_as(ann, message.pk, name) for name in ("csv", "coco", "yolo"))
    assert csv is not None
    assert csv.data.decode().splitlines()[1] == "'=stairs.jpg,kettle,box,4.0,6.0,8.0,6.0"
    assert coco is not None
    assert json.loads(coco.data)["annotations"][0]["bbox"] == [4, 6, 8, 6]
    assert yolo is not None
    assert (yolo.name, yolo.data[:2]) == (f"places-{message.pk}.yolo.zip", b"PK")


def test_a_picture_that_is_gone_is_not_among_what_is_saved(db: None, ann: User) -> None:
    image = factories.image(ann)
    message = reply(ann, image)
    image.delete()
    assert places_as(ann, message.pk, "coco") is None
