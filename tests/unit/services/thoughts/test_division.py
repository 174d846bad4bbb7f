"""What is thoughts and what is the answer, in texts as model families write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision_chat.services.thoughts._line import MAX_HELD
from vision_chat.services.thoughts.divider import Divider
from vision_chat.services.thoughts.division import Part, divide
from vision_chat.services.thoughts.growing import GrowingText
from vision_chat.services.thoughts.marks import LONGEST, STARTERS, WRITTEN

SPOKEN_OF = [
    "The tag <think> opens the thoughts and </think> closes them. <|im_end|> ends a turn.",
    "<think> opens the thoughts, </think> closes them.",
    "<think>, </think> and <|im_end|> are marks.",
    "<think>: the beginning.\n</think>: the end.\n<|im_end|>: the end of a turn.",
    "`<think>` opens, `</think>` closes, `<|im_end|>` ends.",
    "Models write:\n\n```\n<think>\nHmm\n</think>\nHi<|im_end|>\n```\n\nThat is all.",
    "~~~\n</think>\n<|im_end|>\n~~~",
    "- example:\n  ```\n  </think>\n  ```\n",
    "Models write:\n\n<think>\nHmm\n</think>\nHi\n<|im_end|>\n\nThat is all.",
    "It is closed by:\n\n</think>\n\nand the turn by:\n\n<|im_end|>\n",
    "    </think>\n    <|im_end|>",
    "The end of a turn is <|im_end|>",
    "It is written (<|im_end|>",
    'Its name is "<|im_end|>',
    "1. <|im_end|>\n2. <|eot_id|>\n- </s>",
    "| token | family |\n|---|---|\n| <|im_end|> | Qwen |\n| Llama |<|eot_id|>|",
    "<|im_start|>user Hello<|im_end|> is one message.",
    "First <think> is written, then it thinks.\n</think> comes after that.",
    "Das <|im_end|>-Token beendet, und </think>-Tags auch.",
    "</think> closes the thoughts.",
    "結束標記 `<|im_end|>`。",
    "GLM puts <|begin_of_box|> and <|end_of_box|> around an answer.",
    "`<|begin_of_box|>42<|end_of_box|>` is a box.",
    "The price is <s>12 €</s>",
    "if a < b and c[1] > d: pass",
    "<answer>42</answer>",
    "Mind the gap.",
    "  indented",
    "A < B",
    "ends with <",
    "[T",
]
"""Texts that lose no word."""

DIVIDED = {
    "DeepSeek, Qwen, GLM": ("<think>\nHmm **so**\n\n- one\n</think>\n\nHi.", "Hmm **so**\n\n- one", "Hi."),
    "attached": ("<think>Hmm</think>Hi.", "Hmm", "Hi."),
    "in capitals": ("<THINK>Hmm</THINK>Hi.", "Hmm", "Hi."),
    "blanks before": ("\n\n  <think>\nHmm\n</think>\nHi.", "Hmm", "Hi."),
    "no thoughts": ("<think>\n\n</think>\n\nHi.", "", "Hi."),
    "twice": ("<think>One</think>\n<think>Two</think>Hi.", "One\n\nTwo", "Hi."),
    "thoughts only": ("<think>Hmm", "Hmm", ""),
    "thoughts about the tag": ('<think>I say `</think>` and "</think>".\n</think>Hi.', None, "Hi."),
    "another tag within": ("<think>I say </thinking> and <think>.\n</think>Hi.", None, "Hi."),
    "a closing tag alone": ("Hmm.\n\nSo.\n</think>\n\nHi.", "Hmm.\n\nSo.", "Hi."),
    "a closing tag alone, attached": ("Hmm.</think>Hi.", "Hmm.", "Hi."),
    "a closing tag alone, at the end of a line": ("Hmm.</think>\n\nHi.", "Hmm.", "Hi."),
    "a closing tag alone, before a word": ("Hmm.\n</think>Hi.", "Hmm.", "Hi."),
    "a closing tag first": ("</think>\n\nHi.", "", "Hi."),
    "a closing tag alone, Kimi": ("Hmm.◁/think▷Hi.", "Hmm.", "Hi."),
    "Apriel": ("Steps.\n[BEGIN FINAL RESPONSE]\nHi.\n[END FINAL RESPONSE]", "Steps.", "Hi.\n"),
    "Windows lines": ("<think>\r\nHmm\r\n</think>\r\n\r\nHi.", "Hmm", "Hi."),
    "harmony": (
        "<|channel|>analysis<|message|>Hmm<|end|><|start|>assistant<|channel|>final<|message|>Hi.<|return|>",
        "Hmm",
        "Hi.",
    ),
    "harmony without an end": (
        "<|channel|>analysis<|message|>Hmm<|channel|>final<|message|>Hi.",
        "Hmm",
        "Hi.",
    ),
    "harmony, final alone": ("<|channel|>final<|message|>Hi.<|return|>", "", "Hi."),
    "Gemma 4": ("<|channel>thought\nHmm\n<channel|>Hi.<turn|>", "Hmm", "Hi."),
    "OpenThinker": (
        "<|begin_of_thought|>\nHmm\n<|end_of_thought|>\n\n<|begin_of_solution|>\nHi.\n<|end_of_solution|>",
        "Hmm",
        "Hi.\n",
    ),
    "GLM-V": ("<think>Hmm</think><answer><|begin_of_box|>42<|end_of_box|></answer>", "Hmm", "42"),
    "a box in a sentence": ("It is <|begin_of_box|>42<|end_of_box|>, I think.", "", "It is 42, I think."),
    "a box of several lines": ("<|begin_of_box|>\n1\n2\n<|end_of_box|>", "", "1\n2\n"),
    "ERNIE": ("<think>Hmm</think>\n\n<response>\nHi.\n</response>\n", "Hmm", "Hi.\n"),
    "Llama header": ("<|start_header_id|>assistant<|end_header_id|>\n\nHi.<|eot_id|>", "", "Hi."),
    "ChatML header": ("<|im_start|>assistant\nHi.<|im_end|>\n<|endoftext|>", "", "Hi.\n"),
    "token after a blank": ("Hi. </s>", "", "Hi. "),
    "token on a line of its own": ("Hi.\n<|im_end|>\n", "", "Hi.\n"),
    "tokens in a row": ("Hi.<|im_end|><|im_end|>", "", "Hi."),
    "token after a number": ("42<end_of_turn>", "", "42"),
    "token after a quotation": ('It says "Stop"<|im_end|>', "", 'It says "Stop"'),
    "token after code": ("```\nx\n```<|im_end|>", "", "```\nx\n```"),
    "token between two answers": ("One.<|im_end|>\nTwo.", "", "One.\nTwo."),
    "token alone": ("<|im_end|>", "", ""),
    "DeepSeek's end": ("Hi.<｜end▁of▁sentence｜>", "", "Hi."),
    "EXAONE's end": ("Hi.[|endofturn|]", "", "Hi."),
}


@pytest.mark.parametrize("text", SPOKEN_OF)
def test_an_answer_that_speaks_of_marks_loses_no_word(text: str) -> None:
    assert divide([Part(text)]) == divide([Part(text)]).__class__("", text)


@pytest.mark.parametrize("text", SPOKEN_OF)
def test_an_answer_that_speaks_of_marks_loses_no_word_after_thoughts(text: str) -> None:
    divided = divide([Part(f"<think>\nHmm\n</think>\n\nSo.\n\n{text}")])
    assert divided.answer == f"So.\n\n{text}"


@pytest.mark.parametrize(("text", "answer"), [(text, end) for text, _, end in DIVIDED.values()], ids=DIVIDED)
def test_no_part_of_a_mark_is_shown_while_it_comes(text: str, answer: str) -> None:
    divider = Divider()
    for sign in text:
        divider.feed(sign)
        assert not STARTERS.search(str(divider.answer))
    divider.finish()
    assert str(divider.answer) == answer


@pytest.mark.parametrize(("text", "thoughts", "answer"), DIVIDED.values(), ids=DIVIDED)
def test_thoughts_and_tokens_are_taken_out_of_the_answer(
    text: str, thoughts: str | None, answer: str
) -> None:
    divided = divide([Part(text)])

    assert divided.answer == answer
    assert thoughts is None or divided.thoughts == thoughts


def taken(shown: str, growing: GrowingText) -> str:
    while (addition := growing.take(3)) is not None:
        assert len(addition.text) <= 3
        shown = addition.text if addition.is_afresh else shown + addition.text
    assert growing.waiting == 0
    return shown


FRAGMENTS = st.sampled_from(
    [
        *WRITTEN,
        "word",
        "42",
        " ",
        "\n",
        "\n\n",
        ".",
        ":",
        "`",
        "```",
        "\n```\n",
        '"',
        "<",
        "[",
        "- ",
        "    ",
        "は",
        "é",
    ]
)


@settings(max_examples=300)
@given(st.lists(FRAGMENTS, max_size=14).map("".join), st.randoms(use_true_random=False))
def test_a_text_that_grew_is_divided_like_one_that_came_at_once(text: str, chance: object) -> None:
    divider, answer, thoughts, rest = Divider(), "", "", text
    while rest:
        length = chance.randint(1, 9)  # type: ignore[attr-defined]
        divider.feed(rest[:length])
        rest = rest[length:]
        answer, thoughts = taken(answer, divider.answer), taken(thoughts, divider.thoughts)
        assert (answer, thoughts) == (str(divider.answer), str(divider.thoughts))
    divider.finish()

    divided = divide([Part(text)])

    assert (taken(thoughts, divider.thoughts), taken(answer, divider.answer)) == (
        divided.thoughts,
        divided.answer,
    )


@settings(max_examples=300)
@given(st.lists(FRAGMENTS, max_size=14).map("".join))
def test_no_letter_of_the_words_is_lost(text: str) -> None:
    divided = divide([Part(text)])
    assert text.count("42") == (divided.thoughts + divided.answer).count("42")


def test_each_generation_of_a_reply_has_thoughts_of_its_own() -> None:
    parts = [
        Part("<think>One</think>The stairs are"),
        Part("<think>Two</think>steep."),
        Part(" Mind.", "Three"),
    ]

    divided = divide(parts)

    assert divided.answer == "The stairs are steep. Mind."
    assert divided.thoughts == "One\n\nTwo\n\nThree"


def test_a_closing_tag_alone_in_a_continuation_leaves_the_answer_before_it() -> None:
    divided = divide([Part("The stairs "), Part("Go on.\n</think>\nare steep.")])

    assert (divided.thoughts, divided.answer) == ("Go on.", "The stairs are steep.")


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([Part("", "Hmm")], True),
        ([Part("<think>Hmm")], True),
        ([Part("Hi.", "Hmm")], False),
        ([Part("<think>Hmm</think>Hi.")], False),
        ([Part("Hi.", "Hmm"), Part("")], False),
        ([Part("Hi.", "Hmm"), Part("", "More")], True),
        ([Part("Hi.")], False),
    ],
)
def test_a_reply_thinks_while_thoughts_are_all_that_its_last_part_has(
    parts: list[Part], expected: bool
) -> None:
    assert divide(parts, is_open=True).is_thinking is expected


@pytest.mark.parametrize(
    "piece", ["word <x ", "<|im_end|>", " \n", "`<|im_end|> ", "<think>x</think>", "</think>", "<s>", "```"]
)
@pytest.mark.parametrize("beginning", ["", "<think>a", "<think>a</think>b ", "```\n"])
def test_what_waits_is_never_long(beginning: str, piece: str) -> None:
    divider = Divider()
    divider.feed(beginning)
    for _ in range(3 * MAX_HELD // len(piece)):
        divider.feed(piece)
        assert divider.held <= MAX_HELD + len(piece) + LONGEST


def test_a_closing_tag_alone_before_a_wrapper_ends_thoughts() -> None:
    divided = divide([Part("Hmm.</think><answer>42</answer>")])
    assert (divided.thoughts, divided.answer) == ("Hmm.", "42")
