"""Emphasis beside Chinese, Japanese and Korean, which have no spaces between words; and tildes alone.

CommonMark lets a run of asterisks close emphasis after punctuation only if a space or punctuation follows,
and open it before punctuation only if one precedes. So `**。**` before a letter would be no emphasis. A
separator, which is neither, between punctuation and run makes the rule fit. The HTML has none of them.
A tilde alone strikes nothing: "5~7" is a range.
"""

import re

from vision_chat.services.markdown._stand_ins import SEPARATOR, TILDE

_CJK = "\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_RUN = r"(?:\*{1,3}|~~)"
_LETTER = r"[^\W_]"
_PUNCTUATION = r"[^\w\s*~\\]"
_TILDE_ALONE = re.compile(r"(?<!~)~(?!~)")
_IS_CJK, _WAS_CJK = f"(?=[{_CJK}])", f"(?<=[{_CJK}])"

_CLOSER = re.compile(
    rf"(?<={_PUNCTUATION}){_WAS_CJK}(?={_RUN}{_LETTER})|(?<={_PUNCTUATION})(?={_RUN}{_IS_CJK}{_LETTER})"
)
_OPENER = re.compile(
    rf"(?<={_LETTER}){_WAS_CJK}({_RUN})(?={_PUNCTUATION})|(?<={_LETTER})({_RUN})(?={_IS_CJK}{_PUNCTUATION})"
)


def separated(text: str) -> str:
    """`text` with a separator between punctuation and each run of marks that a letter follows or precedes,
    if either of the two is CJK, and with a stand-in for each tilde alone. Underscores, which make no emphasis
    within words, are left alone.
    """
    if "~" in text:
        text = _TILDE_ALONE.sub(TILDE, text)
    if text.isascii() or ("*" not in text and "~~" not in text):
        return text
    return _OPENER.sub(rf"\g<0>{SEPARATOR}", _CLOSER.sub(SEPARATOR, text))
