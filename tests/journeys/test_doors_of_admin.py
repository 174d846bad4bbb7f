"""Try who may do what in the admin: every address, by every role, for what they may read and what not.

Each conversation has a word of its own in its title, texts, instructions, reviews and pictures. It must not
come where the conversation may not be read.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.contrib import admin
from django.urls import URLResolver, reverse

from tests.support.admin_doors import (
    CASES,
    DOORS,
    NOT_THERE,
    READABLE_WHERE_SEALED,
    READERS,
    REVIEWING,
    ROLES,
    SIGN_IN,
    Door,
)
from tests.support.admin_stage import Stage, stage_of
from vision_chat.models import ImageCopy

pytestmark = pytest.mark.django_db


def names_of(patterns: Any) -> Iterator[str]:
    """The names of addresses; those without one lead to one that has a name."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names_of(pattern.url_patterns)
        elif pattern.name:
            yield pattern.name


def test_every_address_of_the_admin_has_its_row() -> None:
    assert {*names_of(admin.site.urls[0])} == DOORS.keys()


@pytest.mark.parametrize("role", ROLES)
def test_an_address_of_the_admin_is_open_to_the_right_roles_and_shows_what_they_may_read(role: str) -> None:
    try_doors(stage_of(role), (door for doors in DOORS.values() for door in doors))


@pytest.mark.parametrize("role", sorted(REVIEWING))
def test_where_conversations_are_sealed_no_address_shows_one_without_consent(
    role: str, settings: Any
) -> None:
    settings.VISION_CHAT = replace(settings.VISION_CHAT, seals_conversations=True)
    doors = [door for doors in DOORS.values() for door in doors]
    about = (door for door in doors if door.is_about_one or door.shows or role in door.open_to & READERS)
    try_doors(stage_of(role, READABLE_WHERE_SEALED), about)


def try_doors(stage: Stage, doors: Iterable[Door]) -> None:
    role = stage.role
    for door in doors:
        for case in CASES if door.is_about_one else ("foreign",):
            path = stage.path(door.path, case)
            if door.data is None:
                response = stage.client.get(path)
            else:
                filled = {
                    name: [stage.path(each, case) for each in value] if isinstance(value, list) else value
                    for name, value in door.data.items()
                }
                response = stage.client.post(path, filled)
            place = (door, case, response.status_code)
            expected = door.expected(role, case, stage.readable)
            assert expected is None or response.status_code == expected, place
            shown = stage.shown_in(response.content.decode())
            assert all(stage.is_readable(one) for one in shown), place
            if door.shows and role in door.open_to and response.status_code == 200:
                wanted = {case} if door.is_about_one else {*CASES}
                assert shown >= wanted & {*stage.readable.get(role, ())}, place


@pytest.mark.parametrize("role", ROLES)
def test_a_picture_is_shown_with_the_conversations_that_may_be_read(role: str) -> None:
    try_pictures(stage_of(role))


@pytest.mark.parametrize("role", sorted(REVIEWING))
def test_a_picture_of_a_sealed_conversation_is_not_shown_without_consent(role: str, settings: Any) -> None:
    settings.VISION_CHAT = replace(settings.VISION_CHAT, seals_conversations=True)
    try_pictures(stage_of(role, READABLE_WHERE_SEALED))


def try_pictures(stage: Stage) -> None:
    for case, image in stage.images.items():
        recipe = ImageCopy.objects.get(image=image).recipe
        is_shown = stage.role != "nobody" and (case == "own" or stage.is_readable(case))
        for path in (
            reverse("image", args=[image.pk, "original"]),
            reverse("image", args=[image.pk, "thumbnail"]),
            reverse("sent_copy", args=[image.pk, recipe]),
        ):
            response = stage.client.get(path)
            hidden = SIGN_IN if stage.role == "nobody" else NOT_THERE
            assert response.status_code == (200 if is_shown else hidden), (path, case)
            assert stage.shown_in(response.content.decode()) == ({case} if is_shown else set())
