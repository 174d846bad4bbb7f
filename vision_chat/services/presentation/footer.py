"""The footer of a reply: notes about its end, the actions that it allows, and the facts about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from django.template.loader import render_to_string
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from vision_chat.models import Completion, Generation, UploadedImage
from vision_chat.models.generation import Status
from vision_chat.services.completions.ends import End, end_of
from vision_chat.services.presentation.about import Fact, facts_about, facts_about_parts
from vision_chat.services.presentation.footer_notes import Note, end_note
from vision_chat.services.presentation.image_names import listed
from vision_chat.services.presentation.images import ImageView
from vision_chat.services.presentation.json_answer import shows_json
from vision_chat.services.presentation.places import may_have_places
from vision_chat.services.presentation.refused_images import (
    RefusedImageView,
    refusal_sentence,
    refused_images,
)
from vision_chat.services.presentation.sentences import fallback_sentence, sentence_for
from vision_chat.services.presentation.tool_calls import ToolCallView


@dataclass(frozen=True, slots=True)
class FooterView:
    """The footer of a settled reply, for the template `_reply_footer.html`."""

    id: str
    """Of the generation, for the ids of elements."""
    notes: list[Note]
    refused: list[RefusedImageView]
    """Images of which the endpoint did not accept one."""
    images: list[ImageView]
    """Images that the model has made."""
    is_json: bool
    """True where the answer may be JSON, which `json_answer` shows as a tree."""
    has_places: bool
    """True where the answer may name places in the pictures of its request."""
    has_logprobs: bool
    """True where the request asked how sure the model is of each token."""
    tool_calls: list[ToolCallView]
    facts: list[Fact]
    can_continue: bool
    can_retry: bool
    can_regenerate: bool

    @classmethod
    def of(
        cls,
        generation: Generation,
        answer: str,
        images: Sequence[UploadedImage] = (),
        of_reply: Sequence[Generation] = (),
    ) -> Self:
        """View the end of a settled generation. A reply without text cannot be continued.

        `of_reply` are all generations of the reply, which are needed where it asked about parts of a picture.
        """
        of_parts = [each for each in of_reply if each.tile is not None]
        has_text = bool(answer.strip())
        status, was_cut = generation.status, end_of(generation.finish_reason) is End.LENGTH
        ended_early = status in (Status.STOPPED, Status.INTERRUPTED, Status.FAILED)
        return cls(
            id=str(generation.pk),
            notes=[
                *_fallback(generation, has_answered=has_text or status == Status.COMPLETED),
                *_endings(generation),
                *_fewer_answers(generation),
                *_lost_images(generation),
                *left_out_notes(generation.completion),
            ],
            refused=refused_images(generation),
            images=[ImageView.of(image) for image in images],
            is_json=shows_json(answer, generation.completion),
            has_places=not of_parts and _has_images(generation.completion) and may_have_places(answer),
            has_logprobs=bool(generation.completion.parameters.get("logprobs")),
            tool_calls=[ToolCallView.of(call) for call in generation.tool_calls],
            facts=facts_about_parts(of_parts) if of_parts else facts_about(generation),
            can_continue=has_text and (was_cut or ended_early),
            can_retry=status in (Status.FAILED, Status.INTERRUPTED),
            can_regenerate=status in (Status.COMPLETED, Status.STOPPED),
        )


def footer_html(
    generation: Generation,
    answer: str,
    images: Sequence[UploadedImage] = (),
    of_reply: Sequence[Generation] = (),
    feedback: str = "",
) -> str:
    """Render the footer of a settled reply, whose text without thoughts is `answer`.

    `feedback` is the mark that its owner gave it before it went on.
    """
    view = FooterView.of(generation, answer, images, of_reply)
    return render_to_string("_reply_footer.html", {"footer": view, "feedback": feedback})


def _has_images(completion: Completion) -> bool:
    return bool(completion.request_summary.get("images"))


def _endings(generation: Generation) -> Iterable[Note]:
    """Yield a note about the end of a reply, unless it is complete."""
    if generation.error_code:
        general = sentence_for(generation.error_code, generation.error_params)
        words = refusal_sentence(refused_images(generation)) or general
        yield Note("warning", words, is_error=True)
    elif generation.status == Status.STOPPED:
        yield Note("stop", gettext("This answer was stopped."))
    elif generation.status == Status.INTERRUPTED:
        yield Note("warning", gettext("This answer was interrupted before it was complete."), is_error=True)
    elif (text := end_note(end_of(generation.finish_reason))) is not None:
        yield Note("info", text)


def _fallback(generation: Generation, *, has_answered: bool) -> Iterable[Note]:
    """Yield a note where another model was asked than the one that was meant."""
    completion = generation.completion
    if completion.is_of_fallback:
        names = completion.asked_first, completion.answered_by
        yield Note("info", fallback_sentence(*names, has_answered=has_answered))


def _lost_images(generation: Generation) -> Iterable[Note]:
    if count := generation.lost_images:
        text = ngettext(
            "A picture in this answer could not be saved.",
            "%(count)s pictures in this answer could not be saved.",
            count,
        )
        yield Note("info", text % {"count": number_format(count)})


def left_out_notes(completion: Completion) -> Iterable[Note]:
    """Yield notes about images and messages that did not fit the model's limits."""
    if names := completion.left_out.get("images"):
        if completion.habits.get("images") == "0":
            text = ngettext(
                "This picture was not sent because the model cannot see pictures: %(names)s.",
                "These pictures were not sent because the model cannot see pictures: %(names)s.",
                len(names),
            )
        else:
            text = ngettext(
                "This picture was not sent because the model cannot see more at a time: %(names)s.",
                "These pictures were not sent because the model cannot see more at a time: %(names)s.",
                len(names),
            )
        yield Note("info", text % {"names": listed(names)})
    if names := completion.left_out.get("chosen"):
        text = ngettext(
            "You left this picture out of the question: %(names)s.",
            "You left these pictures out of the question: %(names)s.",
            len(names),
        )
        yield Note("info", text % {"names": listed(names)})
    if names := completion.left_out.get("lost"):
        text = ngettext(
            "This picture is no longer on the server, so the model did not see it: %(names)s. "
            "Add it again if it matters.",
            "These pictures are no longer on the server, so the model did not see them: %(names)s. "
            "Add them again if they matter.",
            len(names),
        )
        yield Note("warning", text % {"names": listed(names)})
    if count := completion.left_out.get("messages"):
        text = ngettext(
            "The oldest message was left out because the conversation is longer than the model can read.",
            "The %(count)s oldest messages were left out "
            "because the conversation is longer than the model can read.",
            count,
        )
        yield Note("info", text % {"count": number_format(count)})


def _fewer_answers(generation: Generation) -> Iterable[Note]:
    """Yield a note where an endpoint has given fewer answers than it was asked for."""
    count = generation.completion.left_out.get("answers")
    if count and generation.status == Status.COMPLETED:
        text = ngettext(
            "One more answer was asked for, but the endpoint did not give it.",
            "%(count)s more answers were asked for, but the endpoint did not give them.",
            count,
        )
        yield Note("info", text % {"count": number_format(count)})
