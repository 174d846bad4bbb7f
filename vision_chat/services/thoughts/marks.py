"""The tags around thoughts, and the special tokens, that model families leave in the text of an answer.

A new family is a new line here. What stands in code, or in a sentence about it, is never one of these:
`divider` and `_line` see to that.
"""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Tag:
    """A pair of marks around thoughts; `opening` and `closing` are regular expressions."""

    opening: str
    closing: str
    example: tuple[str, str]
    """Both as a model writes them."""


def _tag(name: str) -> Tag:
    return Tag(rf"<{name}>", rf"</{name}>", (f"<{name}>", f"</{name}>"))


def _pair(opening: str, closing: str) -> Tag:
    return Tag(re.escape(opening), re.escape(closing), (opening, closing))


TAGS: Final = (
    _tag("think"),  # DeepSeek, Qwen, GLM, MiniMax, InternVL, Nemotron, Hunyuan, ERNIE, Step
    _tag("thinking"),
    _tag("thought"),  # Gemini's OpenAI mode, EXAONE
    _tag("thoughts"),
    _tag("reasoning"),
    _tag("longcat_think"),
    _tag("seed:think"),  # Seed-OSS
    _pair("<|begin_of_thought|>", "<|end_of_thought|>"),  # OpenThinker, Sky-T1
    _pair("<|START_THINKING|>", "<|END_THINKING|>"),  # Command A
    _pair("◁think▷", "◁/think▷"),  # Kimi-VL
    _pair("[THINK]", "[/THINK]"),  # Magistral
    _pair("<unused94>thought\n", "<unused95>"),  # MedGemma
    _pair("<|channel>thought\n", "<channel|>"),  # Gemma 4
    Tag(  # harmony: gpt-oss
        r"(?:<\|start\|>assistant)?<\|channel\|>(?:analysis|commentary)<\|message\|>",
        r"<\|end\|>|<\|start\|>assistant(?=<\|channel\|>)|(?=<\|channel\|>final)",
        ("<|channel|>analysis<|message|>", "<|end|>"),
    ),
)

LONE_CLOSINGS: Final = (
    # their opening tag stands in the chat template of some models, so that the answer begins without it
    *(tag.closing for tag in TAGS if tag.example[1] != "<|end|>"),
    re.escape("[BEGIN FINAL RESPONSE]"),  # Apriel
)

WRAPPERS: Final = ("answer", "response", "|begin_of_solution|")
"""Tags around an answer, which count right after thoughts only: GLM, Hunyuan; ERNIE; OpenThinker."""

ROLES: Final = "(?:assistant|user|system|model|tool|ipython)?"

BEGINNINGS: Final = (
    "<|begin_of_text|>",
    "<|startoftext|>",
    "<|im_assistant|>",
    "<|im_middle|>",
    "<|im_sep|>",
    "<|assistant|>",
    "<|Assistant|>",
    "<|CHATBOT_TOKEN|>",
    "<|START_OF_TURN_TOKEN|>",
    "<|START_RESPONSE|>",
    "<|START_TEXT|>",
    "<|bos|>",
    "<｜begin▁of▁sentence｜>",
    "<｜Assistant｜>",
    "<role>ASSISTANT</role>",
    "<seed:bos>",
    "[/INST]",
    "[BOS]",
    "<bos>",
)
"""Tokens before an answer, beside those with a role, see `BEGINNING`."""

ENDINGS: Final = (
    "<|im_end|>",  # ChatML: Qwen, InternVL, MiniCPM-V, Yi, SmolVLM
    "<|endoftext|>",
    "<|end_of_text|>",  # Llama 3
    "<|eot_id|>",
    "<|eom_id|>",
    "<|eot|>",  # Llama 4
    "<|eom|>",
    "<|step|>",
    "<|end|>",  # Phi, harmony
    "<|return|>",
    "<|call|>",
    "<|user|>",  # GLM, Phi
    "<|system|>",
    "<|observation|>",
    "<|begin_of_box|>",  # GLM-V
    "<|end_of_box|>",
    "<|end_of_turn|>",
    "<|endofturn|>",
    "[|endofturn|]",  # EXAONE
    "<|end_of_sentence|>",  # ERNIE
    "<|END_OF_TURN_TOKEN|>",  # Command
    "<|END_RESPONSE|>",
    "<|END_TEXT|>",
    "<|end_of_solution|>",
    "<|im_user|>",  # Kimi
    "<|im_system|>",
    "<|eos|>",
    "<|pad|>",
    "<|role_end|>",  # Ling
    "<|hy_eos|>",
    "<｜end▁of▁sentence｜>",  # DeepSeek
    "<｜User｜>",
    "<end_of_turn>",  # Gemma
    "<turn|>",
    "<end_of_utterance>",  # SmolVLM, Idefics
    "<seed:eos>",
    "[END FINAL RESPONSE]",
    "[EOS]",
    "[EOT]",
    "[INST]",
    "</s>",
    "<eos>",
    "<pad>",
    "<unk>",
)
"""Tokens after an answer or around a part of it."""

_ROLE_TOKENS: Final = (
    rf"<\|im_start\|>{ROLES}",
    rf"<\|start_header_id\|>{ROLES}<\|end_header_id\|>",
    rf"<\|header_start\|>{ROLES}<\|header_end\|>",
    rf"<start_of_turn>{ROLES}",
    rf"<\|turn>{ROLES}",
    rf"<\|start\|>{ROLES}(?:<\|channel\|>final<\|message\|>)?",
    r"<\|channel\|>final<\|message\|>",
)
_WRAPPER = "|".join(re.escape(name) for name in WRAPPERS)


def _any(*patterns: str) -> str:
    return f"(?:{'|'.join(patterns)})"


OPENING: Final = re.compile("|".join(f"({tag.opening})" for tag in TAGS), re.IGNORECASE)
"""Any opening tag; `lastindex` counts in `TAGS`."""
CLOSINGS: Final = tuple(re.compile(tag.closing, re.IGNORECASE) for tag in TAGS)
LONE_CLOSING: Final = re.compile(_any(*LONE_CLOSINGS), re.IGNORECASE)
BEGINNING: Final = re.compile(_any(*_ROLE_TOKENS, *map(re.escape, BEGINNINGS)))
WRAPPER: Final = re.compile(rf"<(?:{_WRAPPER})>")
TOKEN: Final = re.compile(_any(*_ROLE_TOKENS, *map(re.escape, (*ENDINGS, *BEGINNINGS))))
WRAPPED_TOKEN: Final = re.compile(_any(TOKEN.pattern, rf"</(?:{'|'.join(WRAPPERS[:2])})>"))
"""A token in an answer that began with a wrapper, whose end is one too."""
MARK: Final = re.compile(_any(WRAPPED_TOKEN.pattern, rf"(?i:{'|'.join(LONE_CLOSINGS)})"))
STARTERS: Final = re.compile(r"[<\[◁]")
"""The characters with which every mark begins."""

_EXAMPLES: Final = tuple(
    mark.casefold()
    for mark in (
        *(half for tag in TAGS for half in tag.example),
        *(f"<{name}>" for name in WRAPPERS),
        *(f"</{name}>" for name in WRAPPERS[:2]),
        *BEGINNINGS,
        *ENDINGS,
        "<|start|>assistant<|channel|>commentary<|message|>",
        "<|channel|>commentary<|message|>",
        "<|start|>assistant<|channel|>analysis<|message|>",
        "<|start|>assistant<|channel|>final<|message|>",
        "<|channel|>final<|message|>",
        "[BEGIN FINAL RESPONSE]",
        *(
            before + role + after
            for role in ("assistant", "user", "system", "model", "tool", "ipython")
            for before, after in (
                ("<|im_start|>", ""),
                ("<|start_header_id|>", "<|end_header_id|>"),
                ("<|header_start|>", "<|header_end|>"),
                ("<start_of_turn>", ""),
                ("<|turn>", ""),
                ("<|start|>", ""),
            )
        ),
    )
)
LONGEST: Final = max(map(len, _EXAMPLES))
_BEGINNINGS_OF_MARKS: Final = frozenset(mark[:length] for mark in _EXAMPLES for length in range(1, len(mark)))


def begins_mark(text: str, position: int) -> bool:
    """Return whether the rest of `text` is the beginning of a mark that is not all there yet."""
    if not 0 < len(text) - position < LONGEST:
        return False
    return text[position:].casefold() in _BEGINNINGS_OF_MARKS


def begun_at(text: str) -> int:
    """Return where the mark begins of which `text` ends with a part; its length where it ends with none."""
    starts = STARTERS.finditer(text, max(0, len(text) - LONGEST))
    return next((start.start() for start in starts if begins_mark(text, start.start())), len(text))
