"""A person's pictures, page by page: each once, whatever comes and goes between two pages."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import factories
from tests.support.gallery import shown_images
from tests.support.use_cases import call
from vision_chat.models import Conversation, ImageWords, Message, MessageImage, UploadedImage
from vision_chat.services.conversations.purge import purge
from vision_chat.services.gallery import find as gallery
from vision_chat.services.gallery.delete import delete_images
from vision_chat.services.gallery.describe import describe
from vision_chat.services.gallery.find import PAGE_SIZE, Found, Position, Wanted, find

pytestmark = pytest.mark.each_database


def names(found: Found) -> list[str]:
    return [image.name for image in found.images]


def all_names(user: User, words: str = "") -> list[str]:
    """Return the names on all pages."""
    result: list[str] = []
    before: Position | None = None
    while True:
        found = find(user, Wanted(words=words, before=before))
        result += names(found)
        if found.next is None:
            return result
        before = found.next


def test_pictures_of_all_branches_come_newest_first_and_no_others(ann: User, stranger: User) -> None:
    first, second, third = (factories.image(ann, name) for name in ("first", "second", "third"))
    reply = factories.turn(factories.conversation(ann))
    assert reply.parent is not None
    factories.attach(reply.parent, first)
    factories.attach(factories.reply(reply.parent, "Another one."), third)  # the first branch is not shown
    factories.attach(factories.turn(factories.conversation(ann)), second)
    factories.image(ann, "not sent")
    factories.attach(factories.turn(factories.conversation(stranger)), factories.image(stranger, "theirs"))

    assert names(find(ann, Wanted())) == ["third", "second", "first"]


def test_pictures_of_what_was_deleted_are_not_shown(ann: User) -> None:
    kept, gone = factories.conversation(ann), factories.conversation(ann)
    Conversation.objects.filter(pk=gone.pk).update(deleted_at=timezone.now())
    factories.attach(factories.turn(gone), factories.image(ann, "of a deleted conversation"))
    deleted = factories.turn(kept)
    factories.attach(deleted, factories.image(ann, "of a deleted message"))
    Message.objects.filter(pk=deleted.pk).update(deleted_at=timezone.now())
    both = factories.image(ann, "of both")
    factories.attach(factories.turn(kept), both)
    factories.attach(factories.turn(gone), both)

    assert names(find(ann, Wanted())) == ["of both"]


def test_pages_have_every_picture_once(ann: User) -> None:
    made = shown_images(ann, PAGE_SIZE * 2 + 5)

    assert all_names(ann) == [image.name for image in reversed(made)]


@pytest.mark.parametrize("count", [PAGE_SIZE, PAGE_SIZE + 1])
def test_there_is_a_next_page_only_where_it_has_something(ann: User, count: int) -> None:
    shown_images(ann, count)

    assert (find(ann, Wanted()).next is None) is (count == PAGE_SIZE)


Steps = st.lists(
    st.tuples(st.sampled_from(["page", "add", "delete", "delete the last one seen"]), st.integers(0, 30)),
    max_size=12,
)


@given(steps=Steps, same_moments=st.booleans())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_there_all_the_time_is_seen_once_whatever_comes_and_goes(
    ann: User, monkeypatch: pytest.MonkeyPatch, steps: list[tuple[str, int]], *, same_moments: bool
) -> None:
    monkeypatch.setattr(gallery, "PAGE_SIZE", 4)
    purge(list(Conversation.objects.all()))
    stays = shown_images(ann, 14, apart=timedelta(0) if same_moments else timedelta(minutes=1))
    lasting = {image.pk for image in stays}
    seen: list[UploadedImage] = []
    before: Position | None = None
    is_over = False
    for step, number in [*steps, *[("page", 0)] * 20]:
        if step == "page" and not is_over:
            found = find(ann, Wanted(before=before))
            seen += found.images
            before, is_over = found.next or before, found.next is None
        elif step == "add":
            moment = stays[number % len(stays)].created_at
            shown_images(ann, 1, first=moment)
        elif step != "page":
            place = seen[-1] if step.endswith("seen") and seen else stays[number % len(stays)]
            lasting.discard(place.pk)
            UploadedImage.objects.filter(pk=place.pk).delete()

    ids = [image.pk for image in seen]
    assert len(ids) == len(set(ids))
    assert lasting <= set(ids)
    keys = [(image.created_at, image.pk) for image in seen]
    assert keys == sorted(keys, reverse=True)


def test_words_of_a_question_or_of_its_answers_find_its_pictures(ann: User, stranger: User) -> None:
    inside = factories.conversation(ann)
    asked = factories.turn(inside, "Which tree is this?", "A linden.")
    followed = factories.turn(inside, "How old?", "It has ringlets and a hollow.")
    assert asked.parent is not None
    assert followed.parent is not None
    factories.reply(asked.parent, "An old **chestnut**.")
    factories.attach(asked.parent, factories.image(ann, "tree"))
    factories.attach(followed.parent, factories.image(ann, "trunk"))
    theirs = factories.turn(factories.conversation(stranger), "Which tree is this?")
    assert theirs.parent is not None
    factories.attach(theirs.parent, factories.image(stranger, "theirs"))
    factories.index(inside, theirs.conversation)

    assert all_names(ann, "tree") == ["tree"]
    assert all_names(ann, "chestnut") == all_names(ann, "linden") == ["tree"]
    assert all_names(ann, "RINGL") == ["trunk"]
    assert all_names(ann, "tree linden") == []
    assert all_names(ann, "?!") == []


def shown(owner: User, name: str, alt_text: str = "") -> UploadedImage:
    """Return a picture that a question shows, described as its owner does."""
    image = factories.image(owner, name)
    factories.attach(factories.turn(factories.conversation(owner)), image)
    call(owner, describe, image.pk, alt_text)
    return image


def test_names_and_alternative_texts_find_a_picture(ann: User, stranger: User) -> None:
    shown(ann, "IMG_0231.jpg", "Ein großes Türschild, 東京")
    shown(ann, "Straße 7%.png", "A red door.")
    shown(stranger, "IMG_0231.jpg", "A red door.")

    assert all_names(ann, "img_0231") == all_names(ann, "02") == ["IMG_0231.jpg"]
    assert all_names(ann, "TURSCHILD jpg") == all_names(ann, "東京") == ["IMG_0231.jpg"]
    assert all_names(ann, "strasse red") == ["Straße 7%.png"]
    assert all_names(ann, "0231 door") == all_names(ann, "%") == all_names(ann, "231") == []
    assert all_names(ann, "do red") == [], "only the last word may have just begun"


def test_a_word_of_the_question_and_one_of_the_name_are_not_mixed(ann: User) -> None:
    image = shown(ann, "tower.jpg")
    (asked,) = image.messages.all()
    factories.index(asked.conversation)

    assert all_names(ann, "tower") == all_names(ann, asked.text) == ["tower.jpg"]
    assert all_names(ann, f"tower {asked.text}") == []


def test_an_alternative_text_is_found_only_while_it_is_the_one(ann: User) -> None:
    image = shown(ann, "one.jpg", "A linden.")
    call(ann, describe, image.pk, "An old chestnut.")

    assert all_names(ann, "linden") == []
    assert all_names(ann, "chestnut") == all_names(ann, "one") == ["one.jpg"]
    call(ann, describe, image.pk, "")
    assert all_names(ann, "chestnut") == []


def test_no_word_of_a_deleted_picture_is_kept(ann: User) -> None:
    image, other = shown(ann, "one.jpg", "A linden."), shown(ann, "two.jpg", "A linden.")
    call(ann, delete_images, [image.pk])

    assert [words.image_id for words in ImageWords.objects.all()] == [other.pk]
    assert all_names(ann, "linden") == ["two.jpg"]


def test_words_of_what_was_deleted_find_nothing(ann: User) -> None:
    answer = factories.turn(factories.conversation(ann), "Which tree is this?", "A linden.")
    assert answer.parent is not None
    factories.attach(answer.parent, factories.image(ann, "tree"))
    factories.index(answer.conversation)
    Message.objects.filter(pk=answer.pk).update(deleted_at=timezone.now())

    assert all_names(ann, "linden") == []
    assert all_names(ann, "tree") == ["tree"]


def test_pictures_that_look_alike_are_counted_and_found_by_one_of_them(ann: User, stranger: User) -> None:
    made = shown_images(ann, 5)
    for image, look in zip(made, (7, 9, 7, 7, 0), strict=True):
        image.look = look
        image.save()
    (theirs,) = shown_images(stranger, 1)
    UploadedImage.objects.filter(pk=theirs.pk).update(look=9)
    MessageImage.objects.filter(image=made[3]).delete()  # not shown any more

    assert find(ann, Wanted()).alike == {7: 2}
    assert names(find(ann, Wanted(like=made[0].pk))) == [made[2].name, made[0].name]
    assert names(find(ann, Wanted(like=made[4].pk))) == [made[4].name]
    assert names(find(ann, Wanted(like=theirs.pk))) == []
