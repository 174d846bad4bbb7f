"""Sentences about pictures that would not be sent with the next question."""

import uuid
from collections import Counter
from typing import Literal

from django.template.loader import render_to_string
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from vision_chat.events import TurnPreviewed
from vision_chat.services.presentation.estimates import cost_text, image_estimates
from vision_chat.services.presentation.next_model import ModelOffer
from vision_chat.services.vision.estimates import ImagesPreview
from vision_chat.services.vision.selection import Reason


def turn_previewed(
    conversation_id: uuid.UUID,
    preview: ImagesPreview,
    max_images: int,
    older_count: int = 0,
    offer: ModelOffer | None = None,
) -> TurnPreviewed:
    """Build the answer to `turn.preview`. `max_images` is what one request to the model may hold.

    `older_count` is the number of further images, all older than that many. `offer` is a model that
    takes pictures, where this one takes none.
    """
    of_older = Reason.TOO_MANY if max_images else Reason.NO_IMAGES
    reasons = preview.reasons
    left_out = {
        str(pk): "" if reason is None else _sentence(reason, max_images) for pk, reason in reasons.items()
    }
    # of what the person left out nobody needs to be told
    counts = Counter(reason for reason in reasons.values() if reason is not None)
    del counts[Reason.CHOSEN]
    counts[of_older] += older_count
    note = _note(+counts, max_images)
    return TurnPreviewed(
        conversation_id=str(conversation_id),
        left_out=left_out,
        older=_sentence(of_older, max_images) if older_count else "",
        note=note,
        offer=render_to_string("_model_offer.html", {"note": note, "offer": offer}) if offer else "",
        estimates=image_estimates(preview) if max_images else {},
        tokens=preview.total.tokens,
        cost=cost_text(preview.total, preview.input_price, preview.requests),
        canvas=_canvas_sentence(preview),
        canvas_choice=_canvas_choice(preview),
        for_good={str(pk): inclusion for pk, inclusion in preview.for_good.items() if inclusion != "rule"},
    )


def _canvas_sentence(preview: ImagesPreview) -> str:
    if preview.on_canvas > 1:
        text = gettext("These %(count)s pictures go as one, labelled A to %(last)s.")
        last = chr(ord("A") + preview.on_canvas - 1)
        return text % {"count": number_format(preview.on_canvas), "last": last}
    if preview.may_have_canvas:
        return gettext("Your pictures can go as one.")  # the note beside Send says why
    if preview.is_kept_off_canvas:
        return gettext(
            "A picture with a region, or in fine print, cannot be combined with others: each goes on its own."
        )
    return ""


def _canvas_choice(preview: ImagesPreview) -> Literal["", "apart", "together"]:
    if preview.on_canvas > 1:
        return "apart"
    return "together" if preview.may_have_canvas else ""


def _sentence(reason: Reason, max_images: int) -> str:
    match reason:
        case Reason.NO_IMAGES:
            return gettext("Not sent: this model cannot see pictures.")
        case Reason.CHOSEN:
            return gettext("Not sent: you left it out.")
        case Reason.TOO_MANY:
            text = ngettext(
                "Not sent: this model sees one picture at a time.",
                "Not sent: this model sees %(limit)s pictures at a time.",
                max_images,
            )
            return text % {"limit": number_format(max_images)}
        case Reason.TOO_LARGE:
            return gettext("Not sent: the pictures are too large to send together.")
        case Reason.NO_ROOM:
            return gettext("Not sent: the newer pictures and the text leave no room for it.")
        case Reason.LOST:
            return gettext("Not sent: this picture is no longer on the server.")


def _note(counts: Counter[Reason], max_images: int) -> str:
    """Say it of all pictures together, by the reason that most of them have."""
    if not counts:
        return ""
    count = counts.total()
    match counts.most_common(1)[0][0]:
        case Reason.NO_IMAGES:
            return gettext("This model cannot see pictures.")
        case Reason.TOO_MANY if max_images == 1:
            text = ngettext(
                "One picture will not be sent: this model sees one at a time.",
                "%(count)s pictures will not be sent: this model sees one at a time.",
                count,
            )
        case Reason.TOO_MANY:
            text = ngettext(
                "One picture will not be sent: this model sees %(limit)s at a time.",
                "%(count)s pictures will not be sent: this model sees %(limit)s at a time.",
                count,
            )
        case _:
            text = ngettext(
                "One picture will not be sent: there is no room for it.",
                "%(count)s pictures will not be sent: there is no room for them.",
                count,
            )
    return text % {"count": number_format(count), "limit": number_format(max_images)}
