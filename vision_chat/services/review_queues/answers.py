"""Verdicts and answers, checked by a version of a rubric.

Answers are `{key of the question: {"value": ..., "reasons": [...]}}`. Values are text of a choice and of a
text, "yes" or "no", whole numbers of a scale, and numbers. Those of a form may be text throughout.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.translation import gettext

from vision_chat.errors.reviews import AnswersError
from vision_chat.services.storable import is_storable

MAX_NOTE_LENGTH: Final = 5000
MAX_TEXT_LENGTH: Final = 5000
MAX_NUMBER: Final = 10**15
Definition = Mapping[str, Any]
Answers = dict[str, dict[str, Any]]


class _AnswerError(Exception):
    """A value that a question does not take. Its text is the sentence for the person."""


def checked(
    definition: Definition, verdict: str, answers: Mapping[str, Any], note: str
) -> tuple[Answers, str]:
    """Return answers and note as they are stored. Raises AnswersError with a sentence for each problem."""
    problems: dict[str, str] = {}
    if problem := problem_of_verdict(definition, verdict):
        problems["verdict"] = problem
    found: Answers = {}
    questions = {question["key"]: question for question in definition["questions"]}
    for key, question in questions.items():
        try:
            if answer := _answer(question, answers.get(key)):
                found[key] = answer
        except _AnswerError as error:
            problems[key] = str(error)
    for key in answers.keys() - questions.keys():
        if not _is_empty(answers[key]):
            problems[str(key)] = gettext("This question is not part of the rubric any more. Reload the page.")
    note = note.strip()
    if problem := problem_of_note(note):
        problems["note"] = problem
    if problems:
        raise AnswersError(problems)
    return found, note


def problem_of_verdict(definition: Definition, verdict: str) -> str:
    """Return what is wrong with a verdict, nothing where it is one of the rubric."""
    if not verdict:
        return gettext("Choose a verdict.")
    if verdict not in {each["value"] for each in definition["verdicts"]}:
        return gettext("This verdict is not part of the rubric. Reload the page.")
    return ""


def problem_of_note(note: str) -> str:
    """Return what is wrong with a note, nothing where it can be stored."""
    if len(note) > MAX_NOTE_LENGTH:
        text = gettext("The note has %(length)d characters, but at most %(limit)d are allowed.")
        return text % {"length": len(note), "limit": MAX_NOTE_LENGTH}
    return _problem_of_characters(note)


def is_bad(question: Mapping[str, Any], value: Any) -> bool:
    """Tell whether a value is one of the bad marks of its question."""
    return _text(value) in question["bad_choices"]


def ends_of(question: Mapping[str, Any]) -> tuple[int, int]:
    """Return the ends of a scale, 1 and 5 where its choices are no numbers."""
    try:
        ends = sorted(int(choice) for choice in question["choices"])
    except ValueError:
        ends = []
    return (ends[0], ends[-1]) if len(ends) > 1 else (1, 5)


def _answer(question: Mapping[str, Any], given: Any) -> dict[str, Any]:
    """Return the answer to a question as it is stored, nothing where there is none. Raises _AnswerError."""
    fields = given if isinstance(given, Mapping) else {"value": given}
    value = fields.get("value")
    if isinstance(value, str):
        value = value.strip()
    if value is None or value == "":
        if question["is_required"]:
            raise _AnswerError(_about(question, gettext("“%(question)s” needs an answer.")))
        return {}
    value = _VALUES[question["kind"]](question, value)
    reasons = _reasons(question, value, fields.get("reasons") or [])
    return {"value": value, "reasons": reasons} if reasons else {"value": value}


def _reasons(question: Mapping[str, Any], value: Any, given: Any) -> list[str]:
    if not question["reasons"] or not is_bad(question, value):
        return []
    chosen = [reason for reason in question["reasons"] if isinstance(given, list) and reason in given]
    if not isinstance(given, list) or len(chosen) < len(set(map(str, given))):
        text = gettext("A reason at “%(question)s” is not part of the rubric. Reload the page.")
        raise _AnswerError(_about(question, text))
    if not chosen:
        raise _AnswerError(_about(question, gettext("Choose at least one reason at “%(question)s”.")))
    return chosen


def _choice(question: Mapping[str, Any], value: Any) -> str:
    text = _text(value)
    if text not in question["choices"]:
        raise _AnswerError(_about(question, gettext("Choose one of the answers to “%(question)s”.")))
    return text


def _yes_or_no(question: Mapping[str, Any], value: Any) -> str:
    text = _text(value).lower()
    if text not in {"yes", "no"}:
        raise _AnswerError(_about(question, gettext("Choose yes or no at “%(question)s”.")))
    return text


def _step(question: Mapping[str, Any], value: Any) -> int:
    least, most = ends_of(question)
    number = _as_number(value)
    if number is None or number != int(number) or not least <= number <= most:
        text = gettext("Choose a whole number from %(least)d to %(most)d at “%(question)s”.")
        raise _AnswerError(_about(question, text, least=least, most=most))
    return int(number)


def _number(question: Mapping[str, Any], value: Any) -> float | int:
    number = _as_number(value)
    if number is None:
        raise _AnswerError(_about(question, gettext("Type a number at “%(question)s”, such as 2.5.")))
    return int(number) if number == int(number) else number


def _as_number(value: Any) -> float | None:
    try:
        number = float(value) if not isinstance(value, bool) else None
    except (TypeError, ValueError, OverflowError):
        return None
    return number if number is not None and abs(number) <= MAX_NUMBER else None


def _free_text(question: Mapping[str, Any], value: Any) -> str:
    text = _text(value)
    if len(text) > MAX_TEXT_LENGTH:
        sentence = gettext("The answer to “%(question)s” may have at most %(limit)d characters.")
        raise _AnswerError(_about(question, sentence, limit=MAX_TEXT_LENGTH))
    if _problem_of_characters(text):
        sentence = gettext("The answer to “%(question)s” has a character that cannot be stored.")
        raise _AnswerError(_about(question, sentence))
    return text


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else str(value)


def _problem_of_characters(text: str) -> str:
    return "" if is_storable(text) else gettext("It has a character that cannot be stored.")


def _is_empty(given: Any) -> bool:
    return given in (None, "") or (isinstance(given, Mapping) and given.get("value") in (None, ""))


def _about(question: Mapping[str, Any], sentence: str, **values: int) -> str:
    return sentence % {"question": question["label"], **values}


_VALUES: Final = {
    "choice": _choice,
    "yes_no": _yes_or_no,
    "scale": _step,
    "number": _number,
    "text": _free_text,
}


def categories_of(definition: Definition) -> Iterator[tuple[str, str, list[str]]]:
    """Yield key, name and values of all by which reviewers can be compared. The verdict's key is empty."""
    yield "", gettext("Verdict"), [each["value"] for each in definition["verdicts"]]
    for question in definition["questions"]:
        if question["kind"] == "choice":
            yield question["key"], question["label"], list(question["choices"])
        elif question["kind"] == "yes_no":
            yield question["key"], question["label"], ["yes", "no"]
        elif question["kind"] == "scale":
            least, most = ends_of(question)
            yield question["key"], question["label"], [str(step) for step in range(least, most + 1)]
