"""The places that a reply names: for those who may see it, what is asked about them, what is saved."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.use_cases import call
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Message, Preferences, UploadedImage
from vision_chat.services.conversations.answer_places import (
    MAX_FRAMES,
    answer_places,
    choose_frame,
    choose_picture,
    places_as,
)
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
