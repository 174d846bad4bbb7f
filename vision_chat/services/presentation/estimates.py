"""Sentences about what pictures would take of a request: pixels, bytes, tokens, money."""

from decimal import Decimal
from typing import Final

from django.template.defaultfilters import filesizeformat, floatformat
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from vision_chat.events import ImageEstimate
from vision_chat.services.vision.estimates import Estimate

LEAST_DOLLARS: Final = Decimal("0.0001")
"""Less than this is not told exactly."""


def image_estimate(estimate: Estimate, input_price: Decimal | None) -> ImageEstimate:
    """Return what is said of one picture."""
    more = [filesizeformat(estimate.bytes), dollars_text(estimate, input_price)]
    return ImageEstimate(
        tokens=estimate.tokens,
        size=_size(estimate),
        cost=tokens_text(estimate),
        more=" · ".join(filter(None, more)),
    )


def cost_text(estimate: Estimate, input_price: Decimal | None) -> str:
    """Return what is said of all pictures of a request together; "" where there is none."""
    if not estimate.copies:
        return ""
    return " · ".join(filter(None, (tokens_text(estimate), dollars_text(estimate, input_price))))


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
