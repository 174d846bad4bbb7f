"""Copies of replies: what their generations have written, without what it has cost."""

from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any, Final

from vision_chat.models import Completion, Generation, Message, MessageImage, Region
from vision_chat.models.completion import summary_of

_OF_PICTURES: Final = ("image_id", "recipe", "width", "height", "shows")
"""What of the record of a copy is needed to find places again, and the copy itself."""


def copy_contents(pairs: Iterable[tuple[Message, Message]]) -> None:
    """Give each copy the images, regions and generations of its original.

    Those are rows of `with_details(with_requests=True)`. Originals keep theirs, and the files of images are
    shared. Figures of completions stay with the original alone, so that nothing is counted twice; so do log
    probabilities, and the request, which names other messages, except for what its pictures showed: places
    in the answer are drawn by that.
    """
    attachments: list[MessageImage] = []
    regions: list[Region] = []
    completions: list[Completion] = []
    generations: list[Generation] = []
    for original, made in pairs:
        for attachment in original.attachments.all():
            attachments.append(copied := _copied_attachment(attachment, made))
            regions += [_copied_region(region, copied) for region in attachment.regions.all()]
        for generation in sorted(original.generations.all(), key=lambda generation: generation.pk):
            completions.append(_copied_completion(generation.completion, made))
            generations.append(_copied_generation(generation, made))
    MessageImage.objects.bulk_create(attachments)
    Region.objects.bulk_create(regions)
    Completion.objects.bulk_create(completions)
    for generation, completion in zip(generations, completions, strict=True):
        generation.completion = completion
    Generation.objects.bulk_create(generations)


def _copied_attachment(attachment: MessageImage, made: Message) -> MessageImage:
    return MessageImage(
        message=made,
        image_id=attachment.image_id,
        position=attachment.position,
        detail=attachment.detail,
        tiles=attachment.tiles,
        included=attachment.included,
    )


def _copied_region(region: Region, attachment: MessageImage) -> Region:
    return Region(
        attachment=attachment,
        letter=region.letter,
        x=region.x,
        y=region.y,
        width=region.width,
        height=region.height,
        drawn_by=region.drawn_by,
    )


def _copied_completion(completion: Completion, made: Message) -> Completion:
    request = _pictures_of(completion)
    return Completion(
        purpose=completion.purpose,
        conversation_id=made.conversation_id,
        person_id=completion.person_id,
        endpoint=completion.endpoint,
        model_name=completion.model_name,
        asked_endpoint=completion.asked_endpoint,
        asked_model_name=completion.asked_model_name,
        asked_label=completion.asked_label,
        fallback_label=completion.fallback_label,
        family=completion.family,
        parameters=completion.parameters,
        system_prompt=completion.system_prompt,
        request=request,
        request_summary=summary_of(request),
        left_out=completion.left_out,
        habits=completion.habits,
        created_at=completion.created_at,
    )


def _pictures_of(completion: Completion) -> list[dict[str, Any]]:
    """Return of a request only which parts of which originals its pictures showed."""
    entries = [entry for entry in completion.request if isinstance(entry, Mapping)]
    records = [record for entry in entries for record in entry.get("images", ())]
    images = [{key: record[key] for key in _OF_PICTURES if key in record} for record in records]
    return [{"is_copy": True, "images": images}] if images else []


def _copied_generation(generation: Generation, made: Message) -> Generation:
    copied = copy(generation)
    copied.pk = None
    copied._state = copy(generation._state)
    copied._state.adding = True
    copied._state.fields_cache = {}
    copied.message = made
    copied.logprobs = []
    return copied
