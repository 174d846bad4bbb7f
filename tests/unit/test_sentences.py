"""How sentences for people are written: quotes and apostrophes, what stands in them as code."""

import re
from functools import cache

import pytest

from tests.support.sentences import Sentence, in_module, in_template, sentences

CODE = re.compile(r"<code>.*?</code>|</?[a-z][^>]*>|`[^`]*`", re.DOTALL)
"""Parts of a sentence that are code, and keep the signs of code."""
STRAIGHT = re.compile(r"['\"]|\.\.\.")


@cache
def every_sentence() -> frozenset[Sentence]:
    """Read them once, and not while tests are collected, which each process does."""
    return frozenset(sentences())


def straight_signs(text: str) -> list[str]:
    return STRAIGHT.findall(CODE.sub("", text))


def test_quotes_apostrophes_and_ellipses_of_sentences_are_those_of_print() -> None:
    assert [sentence for sentence in every_sentence() if straight_signs(sentence.text)] == []


@pytest.mark.parametrize(
    "text", ["It's here.", 'Say "yes".', "Wait...", "<code>a='b'</code> isn't.", "`'` isn't one."]
)
def test_straight_signs_are_found_beside_code(text: str) -> None:
    assert straight_signs(text)


@pytest.mark.parametrize(
    "text", ["It’s “here”…", "Add <code>KEY='...'</code>.", '<a href="/">Go</a>', "See `it's`."]
)
def test_straight_signs_are_allowed_in_code(text: str) -> None:
    assert not straight_signs(text)


def test_sentences_of_templates_are_found_in_tags_blocks_and_filters() -> None:
    source = """{% load i18n %}{% translate "It's one." %} {% firstof title _("Two") %}
    {% blocktranslate count count=items trimmed %}{{ count }} thing{% plural %}
      {{ count }} "things" here{% endblocktranslate %}"""

    assert set(in_template(source)) == {"It's one.", "Two", "%(count)s thing", '%(count)s "things" here'}


def test_sentences_of_modules_are_found_in_calls_and_where_they_are_told() -> None:
    source = """
text = gettext("One.")
found = ngettext("%(count)s thing", "%(count)s things", count)
label = _("Two" "Three")
help = "Four."
raise CommandError(f"{name} isn't five.")
raise ValueError("not six")
"""

    assert set(in_module(source)) == {
        "One.",
        "%(count)s thing",
        "%(count)s things",
        "TwoThree",
        "Four.",
        " isn't five.",
    }


def test_sentences_of_every_kind_are_looked_at() -> None:
    assert {
        Sentence("templates/chat.html", "New chat"),
        Sentence("vision_chat/errors/turns.py", "Type a question or add a picture first."),
        Sentence("vision_chat/conf/reader.py", "use 1 or 0"),
        Sentence("vision_chat/models/habit.py", "A number, or the name of a parameter."),
    } <= every_sentence()
