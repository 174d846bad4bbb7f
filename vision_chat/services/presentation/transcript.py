"""Messages as people see them: in the page, over the socket, in the admin. One template serves all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import NamedTuple, Self

from django.template.defaultfilters import filesizeformat, floatformat
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from vision_chat.errors.base import ChatError
from vision_chat.models import Generation, Message, UploadedImage
from vision_chat.models.generation import Status
from vision_chat.services.markdown.rendering import render, render_open
from vision_chat.services.presentation.shells import Shell, varying

LONGEST_NAME = 32
"""Characters of a picture's name in a sentence."""


@dataclass(frozen=True, slots=True)
class ImageView:
    id: str
    name: str
    width: int
    height: int
    thumbnail_width: int
    thumbnail_height: int
    thumbnail_url: str
    original_url: str
    model_url: str
    size_label: str

    @classmethod
    def of(cls, image: UploadedImage) -> Self:
        url = reverse("image", args=[image.pk, "original"]).removesuffix("original/")
        return cls(
            id=str(image.pk),
            name=image.name,
            width=image.width,
            height=image.height,
            thumbnail_width=image.thumbnail_width,
            thumbnail_height=image.thumbnail_height,
            thumbnail_url=f"{url}thumbnail/",
            original_url=f"{url}original/",
            model_url=f"{url}model/",
            size_label=f"{image.width} × {image.height}, {filesizeformat(image.original_bytes)}",
        )


class Note(NamedTuple):
    """A sentence about an answer. `icon` is one of templates/_icons.html."""

    icon: str
    text: str
    is_error: bool = False


class Figure(NamedTuple):
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class FooterView:
    """What stands under an answer. `actions` is the HTML of its buttons."""

    notes: list[Note]
    actions: SafeString
    figures: list[Figure]
    model_name: str

    @classmethod
    def of(cls, generation: Generation, *, has_text: bool) -> Self:
        return cls(
            notes=[*_endings(generation), *_left_out(generation)],
            actions=_actions(generation, has_text=has_text),
            figures=_figures(generation),
            model_name=generation.model_name,
        )


@dataclass(frozen=True, slots=True)
class MessageView:
    id: str
    parent_id: str | None
    role: str
    status: str
    blocks: list[SafeString]
    text: str
    images: list[ImageView]
    revision: int
    footer: FooterView | None
    created_at: datetime

    @classmethod
    def of(cls, message: Message, live_text: str | None = None) -> Self:
        """`live_text` is the text of a reply that is still running, newer than the row."""
        text = message.text if live_text is None else live_text
        generation = message.generation
        return cls(
            id=str(message.pk),
            parent_id=str(message.parent_id) if message.parent_id else None,
            role=message.role,
            status=generation.status if generation else "",
            blocks=_blocks(text, generation),
            text=text,
            images=[ImageView.of(image) for image in message.pictures],
            revision=revision_of(text, generation),
            footer=_footer(generation, text),
            created_at=message.created_at,
        )


def _footer(generation: Generation | None, text: str) -> FooterView | None:
    """A reply that runs has none yet."""
    if generation is None or generation.status == Status.RUNNING:
        return None
    return FooterView.of(generation, has_text=bool(text))


def revision_of(text: str, generation: Generation | None) -> int:
    """See `live`: the end of a reply counts as one more."""
    return len(text) + (generation is not None and generation.status != Status.RUNNING)


def _blocks(text: str, generation: Generation | None) -> list[SafeString]:
    """A person's text is shown as it was typed; an answer is Markdown."""
    if generation is None:
        return [escape(text)]
    return render_open(text) if generation.status == Status.RUNNING else render(text)


def message_html(view: MessageView) -> str:
    if view.images or view.footer or len(view.blocks) > 1:
        return render_to_string("_message.html", {"message": view})
    shell = _message_shell(get_language(), view.role, view.status, len(view.blocks))
    return shell.filled(
        {
            "id": view.id,
            "parent_id": view.parent_id or "",
            "revision": str(view.revision),
            "block": "".join(view.blocks),
        }
    )


@cache
def _message_shell(_language: str | None, role: str, status: str, blocks: int) -> Shell:
    """A message that holds little, as every new one does."""
    message: dict[str, object] = {name: varying(name) for name in ("id", "parent_id", "revision")}
    message |= {"role": role, "status": status, "blocks": [varying("block")] * blocks}
    return Shell("_message.html", {"message": message})


def footer_html(generation: Generation, *, has_text: bool) -> str:
    view = FooterView.of(generation, has_text=has_text)
    if view.notes:
        return render_to_string("_reply_footer.html", {"footer": view})
    titles = tuple(figure.title for figure in view.figures)
    shell = _footer_shell(get_language(), view.actions, titles, named=bool(view.model_name))
    values = {str(number): escape(figure.text) for number, figure in enumerate(view.figures)}
    return shell.filled(values | {"model": escape(view.model_name)})


@cache
def _footer_shell(
    _language: str | None, actions: SafeString, titles: tuple[str, ...], *, named: bool
) -> Shell:
    figures = [Figure(varying(str(number)), title) for number, title in enumerate(titles)]
    model_name = varying("model") if named else ""
    footer = FooterView(notes=[], actions=actions, figures=figures, model_name=model_name)
    return Shell("_reply_footer.html", {"footer": footer})


def error_sentence(generation: Generation) -> str:
    """The sentence for the person, translated; empty where nothing went wrong."""
    if not generation.error_code:
        return ""
    return sentence(_errors_by_code().get(generation.error_code, ChatError), generation.error_params)


def sentence(error: type[ChatError] | ChatError, params: dict[str, object]) -> str:
    """The error's message in the person's language."""
    try:
        return gettext(error.message) % params
    except KeyError:  # an older release wrote other parameters
        return gettext(ChatError.message)


def _errors_by_code() -> dict[str, type[ChatError]]:
    def tree(root: type[ChatError]) -> Iterable[type[ChatError]]:
        yield root
        for child in root.__subclasses__():
            yield from tree(child)

    return {error.code: error for error in tree(ChatError)}


def _endings(generation: Generation) -> Iterable[Note]:
    """How it ended, where that was not as it should be."""
    if error := error_sentence(generation):
        yield Note("warning", error, is_error=True)
    elif generation.status == Status.STOPPED:
        yield Note("stop", gettext("This answer was stopped."))
    elif generation.status == Status.INTERRUPTED:
        yield Note("warning", gettext("This answer was interrupted before its end."), is_error=True)
    elif generation.finish_reason == "length":
        yield Note("info", gettext("This answer was cut off at its length limit."))


def _actions(generation: Generation, *, has_text: bool) -> SafeString:
    status = generation.status
    ended_early = status in (Status.STOPPED, Status.INTERRUPTED, Status.FAILED)
    return _buttons(
        get_language(),
        can_continue=has_text and (generation.finish_reason == "length" or ended_early),
        can_retry=status in (Status.FAILED, Status.INTERRUPTED),
        can_regenerate=status in (Status.COMPLETED, Status.STOPPED),
    )


@cache
def _buttons(_language: str | None, **possible: bool) -> SafeString:
    """Rendered once: there are only a few sets of them."""
    return render_to_string("_reply_actions.html", possible)


def _figures(generation: Generation) -> list[Figure]:
    figures = []
    if (ms := generation.first_token_ms) is not None:
        text = gettext("first token %(ms)s ms") % {"ms": _grouped(ms)}
        figures.append(Figure(text, gettext("Time to the first token")))
    if (speed := generation.tokens_per_second) is not None:
        figures.append(Figure(gettext("%(speed)s tokens/s") % {"speed": _grouped(round(speed))}))
    if (tokens := generation.prompt_tokens) is not None:
        text = gettext("%(tokens)s in") % {"tokens": _grouped(tokens)}
        figures.append(Figure(text, gettext("Tokens that the model read")))
    if (tokens := generation.completion_tokens) is not None:
        text = gettext("%(tokens)s out") % {"tokens": _grouped(tokens)}
        figures.append(Figure(text, gettext("Tokens that the model wrote")))
    if generation.usd_spent is not None:
        text = f"${floatformat(generation.usd_spent, -6)}"
        figures.append(Figure(text, gettext("Cost of this answer in US dollars")))
    return figures


def _grouped(number: int) -> str:
    return _grouped_in(get_language(), number)


@lru_cache(maxsize=4096)
def _grouped_in(_language: str | None, number: int) -> str:
    """Kept, because Django looks up every detail of a language's numbers for each one."""
    return number_format(number, use_l10n=True, force_grouping=True)


def _left_out(generation: Generation) -> Iterable[Note]:
    """What the endpoint's rules kept from the model."""
    if names := generation.left_out.get("pictures"):
        text = ngettext(
            "This picture was not sent, because the model takes no more at once: %(names)s.",
            "These pictures were not sent, because the model takes no more at once: %(names)s.",
            len(names),
        )
        yield Note("info", text % {"names": ", ".join(map(_shortened, names))})
    if count := generation.left_out.get("messages"):
        text = ngettext(
            "The oldest message was left out, to fit what the model can read.",
            "The %(count)s oldest messages were left out, to fit what the model can read.",
            count,
        )
        yield Note("info", text % {"count": count})


def _shortened(name: str) -> str:
    """A file name that leaves room for others: its beginning and its end tell which it is."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 12]}…{name[-11:]}"
