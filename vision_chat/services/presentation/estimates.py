"""Sentences about what pictures would take of a request: pixels, bytes, tokens, money."""

import uuid
from decimal import Decimal
from typing import Final

from django.template.defaultfilters import filesizeformat, floatformat
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from vision_chat.events import ImageEstimate
from vision_chat.services.vision.estimates import Estimate, ImagesPreview, Parts

LEAST_DOLLARS: Final = Decimal("0.0001")
"""Less than this is not told exactly."""
READABLE_PIXELS: Final = 9
"""Text of less height is lost to most models."""
FULL_SCALE: Final = 0.97
"""Rounding to whole patches takes as much."""


def image_estimates(preview: ImagesPreview) -> dict[str, ImageEstimate]:
    """Return what is said of each picture."""
    return {str(pk): _image_estimate(pk, preview) for pk in preview.estimates}


def _image_estimate(pk: uuid.UUID, preview: ImagesPreview) -> ImageEstimate:
    found = preview.estimates[pk]
    note, is_small = _note(pk, preview)
    more = [filesizeformat(found.bytes), dollars_text(found, preview.input_price)]
    return ImageEstimate(
        tokens=found.tokens,
        size="" if preview.on_canvas > 1 else _size(found),  # the size of all together is none of one
        cost=tokens_text(found),
        more=" · ".join(filter(None, more)),
        note=note,
        wants_fine_print=is_small,
        remedy=gettext("Use fine print") if is_small else "",
        remedied=gettext("This picture is shown in fine print.") if is_small else "",
    )


def _note(pk: uuid.UUID, preview: ImagesPreview) -> tuple[str, bool]:
    """Return what must be said of a picture, and whether fine print would mend that."""
    found, parts = preview.estimates[pk], preview.parts.get(pk)
    height = round(preview.text_heights.get(pk, 0) * found.scale)
    if parts is None and 0 < height < READABLE_PIXELS and found.scale < 1:
        text = gettext("Small text will be about %(height)s px high in what the model sees.")
        return text % {"height": number_format(max(1, height))}, True
    if parts is None:
        return "", False
    return _parts_note(parts), False


def _parts_note(parts: Parts) -> str:
    if parts.count == 1:
        return gettext("The model sees this picture in full resolution: fine print adds nothing.")
    if parts.asked:
        text = gettext("%(asked)s of %(count)s parts, one after the other.")
        return text % {"asked": number_format(parts.asked), "count": number_format(parts.count)}
    if parts.picked is not None and parts.picked < 0:
        return gettext("This model sees one picture at a time: choose a part of this one.")
    if parts.picked is not None:
        text = gettext("Part %(part)s of %(count)s.")
        return text % {"part": number_format(parts.picked + 1), "count": number_format(parts.count)}
    if parts.scale < FULL_SCALE:
        return gettext("The parts have %(percent)s%% of the full resolution.") % {
            "percent": number_format(round(parts.scale * 100))
        }
    return ""


def cost_text(estimate: Estimate, input_price: Decimal | None, requests: int = 1) -> str:
    """Return what is said of all pictures of a reply's requests together; "" where there is none."""
    if not estimate.copies:
        return ""
    words = (requests_text(requests), tokens_text(estimate), dollars_text(estimate, input_price))
    return " · ".join(filter(None, words))


def requests_text(requests: int) -> str:
    """Return the number of requests; "" where it is one."""
    if requests < 2:
        return ""
    text = ngettext("%(count)s request", "%(count)s requests", requests)
    return text % {"count": number_format(requests)}


def tokens_text(estimate: Estimate) -> str:
    """Return the number of tokens, with "about" where nobody has checked how the model counts."""
    if estimate.is_sure:
        text = ngettext("%(count)s token", "%(count)s tokens", estimate.tokens)
    else:
        text = ngettext("about %(count)s token", "about %(count)s tokens", estimate.tokens)
    return text % {"count": number_format(estimate.tokens)}


def dollars_text(estimate: Estimate, input_price: Decimal | None) -> str:
    """Return the price of the tokens; "" where it is not known."""
    if input_price is None:
        return ""
    dollars = estimate.dollars(input_price)
    if 0 < dollars < LEAST_DOLLARS:
        return gettext("less than $%(dollars)s") % {"dollars": floatformat(LEAST_DOLLARS, 4)}
    return f"${floatformat(dollars, 4)}"


def _size(estimate: Estimate) -> str:
    if len(estimate.copies) == 1:
        copy = estimate.copies[0]
        return f"{number_format(copy.width)} × {number_format(copy.height)}"
    text = ngettext("%(count)s picture", "%(count)s pictures", len(estimate.copies))
    return text % {"count": number_format(len(estimate.copies))}
