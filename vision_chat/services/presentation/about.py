"""Facts about an answer: its model, its figures, and what was sent for it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.template.defaultfilters import filesizeformat, floatformat
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext

from vision_chat.models import Completion, Generation
from vision_chat.services.direction import isolated


class Fact(NamedTuple):
    """A line: what it is about, and what is known of that."""

    label: str
    text: str
    """Escaped where it is put into a page, except where it is a SafeString."""


def facts_about(generation: Generation) -> list[Fact]:
    """Return what is known of a settled generation, with its completion."""
    completion = generation.completion
    return [
        *model_facts(completion),
        Fact(gettext("Asked"), _time_html(completion.created_at)),
        *_times(generation),
        *_tokens(completion),
        *_sent(completion),
    ]


def model_facts(completion: Completion) -> Iterable[Fact]:
    """Yield the model, and the one that was asked before it where it is a fallback."""
    yield Fact(gettext("Model"), completion.model_name or gettext("Unknown"))
    if completion.is_of_fallback:
        text = gettext("%(model)s, which did not answer") % {"model": isolated(completion.asked_model_name)}
        yield Fact(gettext("Asked first"), text)


def facts_about_parts(generations: Sequence[Generation]) -> list[Fact]:
    """Return what is known of all generations of a reply, which have asked about parts of a picture: sums."""
    completions = [generation.completion for generation in generations]
    durations = [ms for generation in generations if (ms := generation.duration_ms) is not None]
    spent = [usd for completion in completions if (usd := completion.usd_spent) is not None]
    return [
        Fact(gettext("Model"), completions[-1].model_name or gettext("Unknown")),
        Fact(gettext("Asked"), _time_html(completions[0].created_at)),
        Fact(gettext("Requests"), number_format(len(generations))),
        *([Fact(gettext("Total time"), _duration(sum(durations)))] if durations else []),
        *_token_facts(
            _sum([completion.prompt_tokens for completion in completions]),
            _sum([completion.completion_tokens for completion in completions]),
        ),
        *([Fact(gettext("Cost"), _dollars(sum(spent, Decimal())))] if spent else []),
    ]


def _sum(counts: Iterable[int | None]) -> int | None:
    """Return the sum of the counts that are known; None where none is."""
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _time_html(moment: datetime) -> str:
    at = localtime(moment)
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), date_format(at, "DATETIME_FORMAT"))


def _times(generation: Generation) -> Iterable[Fact]:
    if (ms := generation.first_token_ms) is not None:
        yield Fact(gettext("First word"), gettext("after %(seconds)s s") % {"seconds": _seconds(ms)})
    if (ms := generation.duration_ms) is not None:
        yield Fact(gettext("Total time"), _duration(ms))
    if generation.completion.answer_count > 1:
        return  # its tokens are those of all answers
    if (speed := generation.tokens_per_second) is not None:
        yield Fact(gettext("Speed"), gettext("%(speed)s tokens/s") % {"speed": number_format(round(speed))})


def _tokens(completion: Completion) -> Iterable[Fact]:
    for fact in _token_facts(completion.prompt_tokens, completion.completion_tokens):
        yield Fact(fact.label, _together(fact.text, completion))
    yield from _tokens_of_images(completion)
    if completion.usd_spent is not None:
        yield Fact(gettext("Cost"), _together(_dollars(completion.usd_spent), completion))


def _token_facts(prompt_tokens: int | None, completion_tokens: int | None) -> Iterable[Fact]:
    for label, count in ((gettext("Input"), prompt_tokens), (gettext("Output"), completion_tokens)):
        if count is not None:
            text = ngettext("%(count)s token", "%(count)s tokens", count)
            yield Fact(label, text % {"count": number_format(count)})


def _dollars(amount: Decimal) -> str:
    return f"${floatformat(amount, -6)}"


def _duration(milliseconds: int) -> str:
    return gettext("%(seconds)s s") % {"seconds": _seconds(milliseconds)}


def _tokens_of_images(completion: Completion) -> Iterable[Fact]:
    """Yield the estimate of the pictures, to stand beside what was charged; nothing for older rows."""
    images = _images(completion)
    if images and all("tokens" in image for image in images):
        count = sum(image["tokens"] for image in images)
        text = ngettext("about %(count)s token", "about %(count)s tokens", count)
        yield Fact(gettext("Pictures, estimated"), text % {"count": number_format(count)})


def _images(completion: Completion) -> list[Mapping[str, Any]]:
    """Return the sizes of the copies that were sent; none of a copied completion, which sent nothing."""
    summary = completion.request_summary
    images: list[Mapping[str, Any]] = summary["images"] if summary.get("messages") else []
    return images


def _together(figure: str, completion: Completion) -> str:
    """Return a figure of a call, which may be of several answers."""
    if (count := completion.answer_count) == 1:
        return figure
    text = gettext("%(figure)s for %(count)s answers together")
    return text % {"figure": figure, "count": number_format(count)}


def _sent(completion: Completion) -> Iterable[Fact]:
    """Yield what the request consisted of."""
    summary = completion.request_summary
    count = summary.get("messages", 0)
    if not count:
        return
    if summary["has_instructions"]:
        text = ngettext(
            "%(count)s message with instructions",
            "%(count)s messages, the first with instructions",
            count,
        )
    else:
        text = ngettext("%(count)s message", "%(count)s messages", count)
    yield Fact(gettext("What was sent"), text % {"count": number_format(count)})
    for number, image in enumerate(_images(completion), 1):
        if text := _size(image):
            yield Fact(gettext("Picture %(number)s") % {"number": number}, text)


def _size(image: Mapping[str, Any]) -> str:
    """Return what is known of a copy; rows of the first release do not have all of it."""
    sides = f"{image['width']} × {image['height']}" if image.keys() >= {"width", "height"} else ""
    size = filesizeformat(image["bytes"]) if "bytes" in image else ""
    return ", ".join(filter(None, (sides, size)))


def _seconds(milliseconds: int) -> str:
    return number_format(milliseconds / 1000, decimal_pos=1)
