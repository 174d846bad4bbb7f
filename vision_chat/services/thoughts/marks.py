"""The tags around thoughts, and the special tokens, that model families leave in the text of an answer.

A new family is a new line in one of the lists here, in the notation of `_forms`. From them follow the
patterns, and what waits for its rest where a text is cut. What stands in code, or in a sentence about it, is
never one of these: `divider` and `_line` see to that.
"""

import re
from dataclasses import dataclass
from typing import Final

from vision_chat.services.thoughts._forms import pattern_of, written


@dataclass(frozen=True, slots=True)
class Tag:
    """A pair of marks around thoughts, the second in one of several forms."""

    opening: str
    closings: tuple[str, ...]
    closes_alone: bool = True
    """True where a model may write the closing tag alone: the opening tag stands in its chat template."""


def _tag(name: str) -> Tag:
    return _pair(f"<{name}>", f"</{name}>")


def _pair(opening: str, closing: str) -> Tag:
    return Tag(opening, (closing,))


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
        "{<|start|>assistant/}<|channel|>{analysis/commentary}<|message|>",
        ("<|end|>", "<|start|>assistant{=<|channel|>}", "{=<|channel|>final}"),
        closes_alone=False,
    ),
)

LONE_CLOSINGS: Final = (
    *(closing for tag in TAGS if tag.closes_alone for closing in tag.closings),
    "[BEGIN FINAL RESPONSE]",  # Apriel
)
"""Tags that end thoughts which have begun without one."""

WRAPPERS: Final = (
    "<answer>",  # GLM, Hunyuan
    "<response>",  # ERNIE
    "<|begin_of_solution|>",  # OpenThinker
)
"""Tags around an answer, which count right after thoughts only."""
WRAPPER_ENDS: Final = ("</answer>", "</response>")

ROLE: Final = "{assistant/user/system/model/tool/ipython/}"

BEGINNINGS: Final = (
    f"<|im_start|>{ROLE}",
    f"<|start_header_id|>{ROLE}<|end_header_id|>",
    f"<|header_start|>{ROLE}<|header_end|>",
    f"<start_of_turn>{ROLE}",
    f"<|turn>{ROLE}",
    f"<|start|>{ROLE}{{<|channel|>final<|message|>/}}",
    "<|channel|>final<|message|>",
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
"""Tokens before an answer."""

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


OPENING: Final = re.compile("|".join(f"({pattern_of(tag.opening)})" for tag in TAGS), re.IGNORECASE)
"""Any opening tag; `lastindex` counts in `TAGS`."""
CLOSINGS: Final = tuple(re.compile(pattern_of(*tag.closings), re.IGNORECASE) for tag in TAGS)
LONE_CLOSING: Final = re.compile(pattern_of(*LONE_CLOSINGS), re.IGNORECASE)
BEGINNING: Final = re.compile(pattern_of(*BEGINNINGS))
WRAPPER: Final = re.compile(pattern_of(*WRAPPERS))
TOKEN: Final = re.compile(pattern_of(*BEGINNINGS, *ENDINGS))
WRAPPED_TOKEN: Final = re.compile(pattern_of(*BEGINNINGS, *ENDINGS, *WRAPPER_ENDS))
"""A token in an answer that began with a wrapper, whose end is one too."""
MARK: Final = re.compile(f"(?:{WRAPPED_TOKEN.pattern}|(?i:{LONE_CLOSING.pattern}))")

WRITTEN: Final = written(
    *(form for tag in TAGS for form in (tag.opening, *tag.closings)),
    *LONE_CLOSINGS,
    *WRAPPERS,
    *WRAPPER_ENDS,
    *BEGINNINGS,
    *ENDINGS,
)
"""All marks as models write them."""
STARTERS: Final = re.compile(f"[{re.escape(''.join(sorted({mark[0] for mark in WRITTEN})))}]")
"""The characters with which marks begin."""
LONGEST: Final = max(map(len, WRITTEN))
_BEGINNINGS_OF_MARKS: Final = frozenset(
    mark.casefold()[:length] for mark in WRITTEN for length in range(1, len(mark))
)


def begins_mark(text: str, position: int) -> bool:
    """Return whether the rest of `text` is the beginning of a mark that is not all there yet."""
    if not 0 < len(text) - position < LONGEST:
        return False
    return text[position:].casefold() in _BEGINNINGS_OF_MARKS


def begun_at(text: str) -> int:
    """Return where the mark begins of which `text` ends with a part; its length where it ends with none."""
    starts = STARTERS.finditer(text, max(0, len(text) - LONGEST))
    return next((start.start() for start in starts if begins_mark(text, start.start())), len(text))
