"""The images that a refusal may be about, found in the record of the request."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vision_chat.errors.completions import ImageRefusedError
from vision_chat.services.completions.bad_images import ImagePath, image_path_in
from vision_chat.services.replies._request_texts import JsonMessage
from vision_chat.services.replies.turn import PromptMessage


def name_images(
    refusal: ImageRefusedError, record: Sequence[JsonMessage], branch: Sequence[PromptMessage]
) -> None:
    """Write into a refusal which images it may be about: one, where the endpoint or their number says it.

    A copy may show several, of which none can be told from the others.
    """
    names = {str(each.image.pk): each.image.name for message in branch for each in message.attached}
    refusal.params["images"] = [
        {"id": image_id, "name": names.get(image_id, ""), "alone": _is_alone(image_id, branch)}
        for image_id in refused_ids(refusal.words, record)
    ]


def refused_ids(words: str, record: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the ids of the images that these words of an endpoint may be about, none where none was sent."""
    path = image_path_in(words)
    named = [] if path is None else _named(record, path)
    copies = named or [copy for entry in record for copy in _copies(entry)]
    return list(dict.fromkeys(shown["image_id"] for copy in copies for shown in copy["shows"]))


def _named(record: Sequence[Mapping[str, Any]], path: ImagePath) -> Sequence[Mapping[str, Any]]:
    """Return the copies at a path.

    Some servers keep the instructions apart and count the messages without them: where that gives another
    number, the one named has no images, because roles alternate.
    """
    is_counted_apart = bool(record) and record[0].get("role") == "system"
    for index in (path.message, path.message + 1) if is_counted_apart else (path.message,):
        if index < len(record) and (copies := _copies(record[index])):
            return _at(copies, record[index], path)
    return []


def _at(
    copies: Sequence[Mapping[str, Any]], entry: Mapping[str, Any], path: ImagePath
) -> Sequence[Mapping[str, Any]]:
    """Return the copy of a message at a path; all of them where it does not say, or is none of theirs."""
    index = path.image
    if path.part is not None:
        has_text_first = not entry.get("images_first", True) and entry.get("text", {}).get("length", 0) > 0
        index = path.part - has_text_first
    return copies[index : index + 1] if index is not None and 0 <= index < len(copies) else copies


def _copies(entry: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    copies: Sequence[Mapping[str, Any]] = entry.get("images", ())
    return copies


def _is_alone(image_id: str, branch: Iterable[PromptMessage]) -> bool:
    """Tell whether the question consists of this image alone, so that without it nothing is asked."""
    question = [message for message in branch if message.role == "user"][-1]
    left = {str(each.image.pk) for each in question.attached if each.inclusion != "never"}
    return not question.text and left == {image_id}
