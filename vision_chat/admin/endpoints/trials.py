"""The result of a trial as the admin shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext

from vision_chat.errors.base import ChatError
from vision_chat.errors.completions import NoImagesError
from vision_chat.services.language_models.trial import Answer, Trial
from vision_chat.services.presentation.sentences import sentence

MAX_WORDS = 300
"""Characters of an endpoint's own words: of any other server at that address no more is to be read here."""


@dataclass(frozen=True, slots=True)
class ResultView:
    """One question: a sentence of its result, what the endpoint said, and its figures by their names."""

    works: bool
    sentence: str
    words: str = ""
    figures: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class TrialView:
    """Both questions; the one about the picture is asked where the first was answered."""

    answer: ResultView
    picture: ResultView | None = None
    takes_no_pictures: bool = False

    @classmethod
    def of(cls, trial: Trial) -> "TrialView":
        return cls(_answer(trial.answer), _picture(trial), trial.takes_no_pictures)


def failed_trial(error: ChatError) -> TrialView:
    """Return the view of a model that cannot be called at all."""
    words = gettext(error.detail) if error.detail else ""
    return TrialView(ResultView(works=False, sentence=sentence(error, error.params), words=words))


def _answer(answer: Answer | ChatError) -> ResultView:
    if isinstance(answer, ChatError):
        return _failure(answer)
    return ResultView(
        works=True, sentence=gettext("It answers."), words=_cut(answer.text), figures=_figures(answer)
    )


def _picture(trial: Trial) -> ResultView | None:
    picture = trial.picture
    if picture is None:
        return None
    if isinstance(picture, NoImagesError):
        return ResultView(works=False, sentence=gettext("It takes no pictures."), words=_cut(picture.detail))
    if isinstance(picture, ChatError):
        return _failure(picture)
    values = {"number": trial.number, "read": trial.number_read[:20]}
    if trial.sees_pictures:
        text = gettext("It sees pictures: it read the number %(number)s.")
    elif trial.number_read:
        text = gettext("It does not see pictures well: the number was %(number)s, and it read %(read)s.")
    else:
        text = gettext("It does not see pictures: the number was %(number)s, and it named none.")
    return ResultView(
        works=trial.sees_pictures,
        sentence=text % values,
        words=_cut(picture.text),
        figures=_figures(picture),
    )


def _failure(error: ChatError) -> ResultView:
    return ResultView(works=False, sentence=sentence(error, error.params), words=_cut(error.detail))


def _figures(answer: Answer) -> Mapping[str, str]:
    finish = answer.finish
    figures: dict[str, Any] = {
        gettext("Latency"): _seconds(answer.connected),
        gettext("First token"): _seconds(answer.first_token),
        gettext("Whole answer"): _seconds(answer.whole),
    }
    if finish.prompt_tokens is not None:
        figures[gettext("Tokens in")] = number_format(finish.prompt_tokens)
    if finish.completion_tokens is not None:
        figures[gettext("Tokens out")] = number_format(finish.completion_tokens)
    if finish.usd_spent is not None:
        figures[gettext("Cost")] = f"${finish.usd_spent}"
    return figures


def _seconds(seconds: float) -> str:
    return gettext("%(seconds)s s") % {"seconds": number_format(seconds, 2)}


def _cut(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= MAX_WORDS else f"{words[:MAX_WORDS]}…"
