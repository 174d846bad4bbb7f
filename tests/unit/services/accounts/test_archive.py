"""The export of a person, read back as a ZIP."""

import json
import tracemalloc
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.support import factories
from tests.support.gallery import shown_images
from tests.support.use_cases import call
from vision_chat.models import Conversation, Message, Preferences, Preset, UploadedImage
from vision_chat.models.generation import Status
from vision_chat.services import zip_files
from vision_chat.services.accounts import archive
from vision_chat.services.accounts._names import MAX_BYTES, plain
from vision_chat.services.conversations.delete import delete

ODD_TITLES = (
    "../../etc/passwd",
    "C:\\Windows\\system32",
    "Was ist das? Ein Bär: „schön“",
    "これは何ですか",
    "ما هذا؟",
    "😀" * 60,
    "a" * 120,
    "...",
    "CON",
    "line\nbreak\ttab\0",
)


def unpacked(person: User) -> dict[str, bytes]:
    """Every file of the export; all of it is well formed."""
    data = b"".join(archive.pieces(person))
    with ZipFile(BytesIO(data)) as found:
        assert found.testzip() is None
        assert len(found.namelist()) == len(set(found.namelist()))
        return {name: found.read(name) for name in found.namelist()}


def conversations_of(files: dict[str, bytes]) -> list[dict[str, Any]]:
    names = [name for name in files if name.startswith("conversations/") and name.endswith(".json")]
    return [json.loads(files[name]) for name in names]


def texts_of(files: dict[str, bytes]) -> list[str]:
    return [data.decode() for name, data in files.items() if name.endswith(".md")]


@pytest.mark.each_database
def test_an_export_has_the_account_each_conversation_twice_and_each_picture(ann: User) -> None:
    Preferences.objects.create(person=ann, instructions="Be brief.")
    Preset.objects.create(owner=ann, name="Rhymes", system_prompt="Rhyme.", parameters={"seed": 7})
    Preset.objects.create(name="Shared")
    image, unsent = factories.image(ann, "stairs.jpg"), factories.image(ann, "never sent.png")
    stairs = factories.conversation(ann, "Stairs", system_prompt="Be brief.")
    reply = factories.turn(stairs, "How many?", "Many.")
    factories.attach(Message.objects.get(children=reply), image)
    factories.reply(Message.objects.get(children=reply), "Twelve.")
    factories.turn(factories.conversation(ann, "Cats"), "A cat?", "A dog.")
    files = unpacked(ann)

    account = json.loads(files["account.json"])
    assert (account["name"], account["instructions"]) == ("ann", "Be brief.")
    assert account["presets"] == [
        {"name": "Rhymes", "instructions": "Rhyme.", "parameters": {"seed": 7}, "model": ""}
    ]
    found = {one["title"]: one for one in conversations_of(files)}
    assert found.keys() == {"Stairs", "Cats"}
    assert found["Stairs"]["system_prompt"] == "Be brief."
    assert [one["text"] for one in found["Stairs"]["messages"]] == ["How many?", "Many.", "Twelve."]
    assert files[f"pictures/stairs {image.pk.hex[:12]}.webp"] == b"bytes"
    assert files[f"pictures/never sent {unsent.pk.hex[:12]}.webp"] == b"bytes"
    assert len(files) == 1 + 2 * 2 + 2


def test_a_conversation_reads_as_markdown_on_the_branch_that_its_owner_sees(ann: User) -> None:
    image = factories.image(ann, "stairs [1].jpg")
    stairs = factories.conversation(ann, "Stairs")
    first = factories.turn(stairs, "How many?", "Many.")
    question = Message.objects.get(children=first)
    factories.attach(question, image)
    factories.reply(question, "<think>Hm.</think>Tw", status=Status.STOPPED)
    [text] = texts_of(files := unpacked(ann))

    moment = timezone.localtime(question.created_at)
    assert text.startswith(f"# Stairs\n\n## ann, {moment:%Y-%m-%d %H:%M}\n\n![stairs (1).jpg](../pictures/")
    assert f"\n\nHow many?\n\n## {factories.MODEL}, " in text
    assert text.endswith("\n\nTw\n\n*(stopped)*\n")
    assert "Many." not in text
    assert unquote(text.partition("](../")[2].partition(")")[0]) in files


@pytest.mark.each_database
@pytest.mark.parametrize("is_administrator", [False, True])
def test_an_export_has_nothing_of_anybody_else(ann: User, stranger: User, *, is_administrator: bool) -> None:
    """An administrator may see all of it elsewhere, and still it is not theirs."""
    User.objects.filter(pk=stranger.pk).update(is_staff=is_administrator, is_superuser=is_administrator)
    stranger.refresh_from_db()
    reply = factories.turn(factories.conversation(ann, "Private"), "A secret", "Kept.")
    factories.attach(Message.objects.get(children=reply), factories.image(ann, "secret.jpg"))

    assert unpacked(stranger).keys() == {"account.json"}


def test_a_deleted_conversation_is_not_exported(ann: User) -> None:
    gone = factories.conversation(ann, "Gone")
    factories.turn(gone)
    call(ann, delete, gone.pk)

    assert conversations_of(unpacked(ann)) == []


def test_what_is_deleted_while_it_is_exported_is_left_out(ann: User) -> None:
    for number in range(3):
        factories.turn(factories.conversation(ann, f"Number {number}", days_ago=number))
    factories.image(ann)
    making = archive.pieces(ann)
    begun = next(making)
    Conversation.objects.all().delete()
    UploadedImage.objects.all().delete()
    data = begun + b"".join(making)

    with ZipFile(BytesIO(data)) as found:
        assert found.testzip() is None
        assert [name.rpartition(".")[2] for name in found.namelist()] == ["json", "json", "md"]


def test_a_picture_whose_file_is_lost_is_left_out(ann: User) -> None:
    lost, kept = factories.image(ann, "lost.jpg"), factories.image(ann, "kept.jpg")
    factories.paths(lost)[0].unlink()

    assert [name for name in unpacked(ann) if name.startswith("pictures/")] == [
        f"pictures/kept {kept.pk.hex[:12]}.webp"
    ]


def test_a_large_picture_comes_in_pieces_that_are_no_larger_than_they_may_be(ann: User) -> None:
    image = factories.image(ann)
    data = bytes(range(256)) * 4 * 10_000
    image.original.storage.delete(str(image.original.name))
    image.original.save(str(image.original.name), ContentFile(data))
    sizes = [len(piece) for piece in archive.pieces(ann)]

    assert sum(sizes) > len(data)
    assert max(sizes) < 2 * zip_files.PIECE_BYTES
    assert unpacked(ann)[f"pictures/stairs {image.pk.hex[:12]}.webp"] == data


def test_selected_pictures_come_in_such_pieces_too_and_no_others(ann: User, stranger: User) -> None:
    chosen, other, theirs = factories.image(ann), factories.image(ann), factories.image(stranger)
    chosen.original.storage.delete(str(chosen.original.name))
    chosen.original.save(str(chosen.original.name), ContentFile(bytes(3 * zip_files.PIECE_BYTES)), save=False)
    UploadedImage.objects.filter(pk=chosen.pk).update(original=chosen.original.name)
    pieces = list(archive.pieces_of_images(ann, [chosen.pk, theirs.pk]))

    assert max(map(len, pieces)) < 2 * zip_files.PIECE_BYTES
    with ZipFile(BytesIO(b"".join(pieces))) as found:
        (name,) = found.namelist()
        assert len(found.read(name)) == 3 * zip_files.PIECE_BYTES
        assert other.pk.hex[:12] not in name


def test_many_pictures_take_little_memory_each(ann: User) -> None:
    """What the archive has to list at its end is all that grows."""
    count, each = 2_500, 1_500
    image = factories.image(ann)
    made = shown_images(ann, count)
    UploadedImage.objects.update(original=image.original.name)
    ids = [one.pk for one in made]
    pieces = archive.pieces_of_images(ann, ids)
    next(pieces)
    tracemalloc.start()
    try:
        names = sum(piece.count(b"pictures/") for piece in pieces)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert names == 2 * count - 1, "each beside its bytes, and in the list"
    assert most < count * each


def test_two_pictures_and_two_conversations_of_one_name_are_four_files(ann: User) -> None:
    for _ in range(2):
        factories.image(ann, "same.jpg")
        factories.conversation(ann, "same")

    assert len(unpacked(ann)) == 1 + 2 + 2 * 2


@pytest.mark.parametrize("title", ODD_TITLES)
def test_a_title_of_any_letters_gives_a_name_that_can_be_unpacked(
    ann: User, title: str, tmp_path: Path
) -> None:
    made = factories.conversation(ann, title.replace("\0", ""), days_ago=9)
    factories.turn(made)
    files = unpacked(ann)
    with ZipFile(BytesIO(b"".join(archive.pieces(ann)))) as found:
        found.extractall(tmp_path)

    unpacked_names = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert unpacked_names == files.keys()
    assert len({Path(name).parent for name in files}) == 2


@given(st.text())
def test_plain_is_part_of_a_name_on_every_system(text: str) -> None:
    name = plain(text.encode(errors="ignore").decode())

    assert len(name.encode()) <= MAX_BYTES
    assert name == name.strip()
    assert all(character.isprintable() for character in name)
    assert not set(name) & set('\\/:*?"<>|%#.')
