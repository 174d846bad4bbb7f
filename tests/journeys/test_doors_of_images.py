"""Try who gets to see an image, and how it is served."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.support import factories
from tests.support.client import Browser
from tests.support.people import World
from vision_chat.models import ReadGrant

NOT_THERE = 404


@pytest.mark.parametrize("variant", ["original", "thumbnail", "model"])
def test_a_stranger_learns_nothing_about_an_image(world: World, variant: str) -> None:
    path = f"/images/{world.image.pk}/{variant}/"
    etag = world.browser("owner").get(path).headers["ETag"]
    unknown = world.browser("stranger").get(f"/images/{uuid.uuid4()}/{variant}/")
    for headers in ({}, {"If-None-Match": etag}, {"If-None-Match": "*"}):
        response = world.browser("stranger").get(path, headers=headers)
        assert response.status_code == NOT_THERE
        assert "ETag" not in response.headers
        assert response.text == unknown.text


@pytest.mark.parametrize(
    ("variant", "cache"),
    [
        ("original", "private, max-age=31536000, immutable"),
        ("thumbnail", "private, max-age=31536000, immutable"),
        ("model", "private, no-cache"),  # another default model sees another copy
    ],
)
def test_a_sent_image_is_served_so_that_it_can_only_be_an_image(
    world: World, variant: str, cache: str
) -> None:
    response = world.browser("owner").get(f"/images/{world.image.pk}/{variant}/")

    assert response.content == b"bytes"
    assert response.headers["Content-Type"] == "image/webp"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response.headers["Cache-Control"] == cache
    assert "Set-Cookie" not in response.headers


def test_a_reviewer_sees_an_image_for_as_long_as_they_may_read_and_no_browser_keeps_it(world: World) -> None:
    paths = [f"/images/{world.image.pk}/{name}/" for name in ("original", "thumbnail", "model")]
    paths.append(f"{paths[-1]}{world.image.copies.get().recipe}/")
    for path in paths:
        response = world.browser("reviewer").get(path)
        assert (response.content, response.headers["Cache-Control"]) == (b"bytes", "private, no-store")
        etag = response.headers["ETag"]
        ReadGrant.objects.update(until=timezone.now())
        for headers in ({}, {"If-None-Match": etag}):
            assert world.browser("reviewer").get(path, headers=headers).status_code == NOT_THERE
        ReadGrant.objects.update(until=timezone.now() + timedelta(hours=1))


def test_a_canvas_is_shown_to_those_only_who_may_see_each_of_its_images(world: World) -> None:
    other = factories.image(world.conversation.owner)
    factories.attach(factories.turn(factories.conversation(world.conversation.owner)), other)
    copy = world.image.copies.get()
    copy.others.add(other)
    path = f"/images/{world.image.pk}/model/{copy.recipe}/"

    assert world.browser("owner").get(path).content == b"bytes"
    assert world.browser("reviewer").get(path).status_code == NOT_THERE
    factories.attach(world.reply, other)
    assert world.browser("reviewer").get(path).content == b"bytes"


def test_the_owner_need_not_fetch_an_image_twice(world: World) -> None:
    path = f"/images/{world.image.pk}/thumbnail/"
    first = world.browser("owner").get(path)
    again = world.browser("owner").get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/images/not-an-id/original/", "/images/{image}/../../secret_key/"])
def test_an_address_that_is_none_leads_nowhere(world: World, path: str) -> None:
    assert world.browser("owner").get(path.format(image=world.image.pk)).status_code == NOT_THERE


def test_a_kind_of_image_that_there_is_not_leads_nowhere(world: World) -> None:
    assert world.browser("owner").get(f"/images/{world.image.pk}/owner/").status_code == NOT_THERE


def test_an_image_whose_file_is_gone_is_not_there(world: World, browser: Browser) -> None:
    world.image.thumbnail.storage.delete(factories.file_names(world.image)[1])
    assert browser.get(f"/images/{world.image.pk}/thumbnail/").status_code == NOT_THERE
