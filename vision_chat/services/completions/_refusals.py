"""The words in which endpoints refuse a request, as patterns: data of `habits` and `_causes`.

A pattern with a group gives the value of a habit. What is quoted as an example stands in the tests.
"""

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Final

from vision_chat.services.completions.parameters import Parameters

Pattern = re.Pattern[str]

_N: Final = r"(?P<n>\d{1,3}(?:[,_]\d{3}){1,3}(?!\d)|\d{1,10}(?!\d))"


def _patterns(*texts: str) -> tuple[Pattern, ...]:
    return tuple(re.compile(text.replace("<N>", _N), re.IGNORECASE) for text in texts)


COMPLETION_TOKENS: Final = _patterns(
    r"max_tokens\b[^\n]{0,120}\b(?:use|replaced by|in favou?r of|instead)\b[^\n]{0,40}max_completion_tokens",
    r"(?:use|set|specify|requires?|rename)[^\n]{0,20}max_completion_tokens[^\n]{0,20}instead",
)

SYSTEM_BESIDE_IMAGES: Final = _patterns(
    r"images? (?:is|are|inputs? (?:is|are)) (?:incompatible|not (?:compatible|supported|allowed))"
    r" (?:with|together with|alongside) (?:a )?system",
    r"system (?:message|prompt|role|text|instruction)s?[^.\n]{0,40}"
    r"(?:incompatible|not (?:compatible|supported|allowed)|cannot be (?:used|combined))[^.\n]{0,30}\bimages?\b",
)

SYSTEM: Final = _patterns(
    r"system[`'\"]?[ _-](?:role|message|prompt|instruction|text)s?(?: is| are)?(?: currently)?"
    r" (?:not (?:supported|allowed|enabled|available|permitted)|unsupported|disabled)",
    r"(?:does not|doesn't|do not|don't|not) support (?:the |a |any )?[`'\"]?(?:system|developer)\b",
    r"(?:developer|system) instructions? (?:is|are) not (?:enabled|supported)",
    r"roles? must (?:strictly )?alternate",
    r"(?:unknown|invalid|unsupported|unexpected|unrecogni[sz]ed)(?: message)? role:? ?[`'\"]?(?:system|developer)",
    r"\brole [`'\"]?(?:system|developer)[`'\"]? (?:is )?(?:not (?:supported|allowed)|unsupported|invalid)",
    r"only (?:the )?[`'\"]?user[`'\"]?(?:,| and| or)[^.\n]{0,20}assistant[`'\"]? roles? (?:are|is) (?:supported|allowed)",
    r"role[`'\"\]]*:? (?:must|should) be (?:one of|either)?[^.\n]{0,20}[`'\"]?user[`'\"]?"
    r"(?: |,|and|or|[`'\"])+assistant[`'\"]?(?![^.\n]{0,20}system)",
    r"(?:first|initial) (?:message|role|turn)[^.\n]{0,20}must be (?:from )?(?:the |a )?[`'\"]?user",
)

NO_IMAGES: Final = _patterns(
    r"(?:n[o']t|cannot)(?: currently| yet)? (?:support|accept|allow|take|see|view)(?:s|ing)?"
    r"(?: the| any)?(?: use of)? ?[`'\"]?(?:image|vision|visual|multi-?modal|picture)"
    r"(?!s? (?:larger|bigger|smaller|above|over|of|url|format|type|with|from|in\b|detail|size|generation|output|file))"
    r"(?!_url\.)",
    r"\b(?:image|vision|multi-?modal)(?:s|_urls?| inputs?| content| data| understanding| modality| parts?| blocks?| messages?)*"
    r"[`'\"]?(?: is| are)?(?: currently)? (?:not (?:currently )?(?:supported|allowed|enabled|available|accepted)|unsupported|disabled)"
    r"(?! with system)",
    r"image_url[`'\"]? is only supported by certain models",
    r"no (?:endpoints?|providers?|models?)[^.\n]{0,30} support(?:s|ing)? image",
    r"unknown variant [`'\"]?image",
    r"invalid type: sequence, expected a string",
    r"did not match any variant of untagged enum \w*Content",
    r"content[`'\"\]]*:? (?:must|should|has to|needs to) be (?:a |of type )?(?:valid |plain )?(?:string|text|str)\b",
    r"\bcontent\b[^.\n]{0,60}(?:valid string|expected (?:a )?string|is not of type [`'\"]string)",
    r"only (?:supports? |accepts? )?[`'\"]?(?:text|strings?)[`'\"]?(?: content| inputs?| messages?| type)*"
    r"(?: is| are)*(?: supported| allowed| accepted|\b)[^.\n]{0,10}(?:$|[.!,(]|model|for this)",
    r"text[- ]only model",
    r"(?:is )?not an? (?:vision|multi-?modal|visual|image)[- ](?:capable )?(?:language )?model",
    r"missing data required for image",
    r"\bmmproj\b",
    r"no (?:image|vision|multi-?modal) (?:support|capabilit|processor|encoder)",
    r"(?:unsupported|invalid|unknown|unexpected|unrecogni[sz]ed) (?:content |message |part |item |block |input )*"
    r"(?:type|part|kind|block|modality)(?: in content)?[: ]+[`'\"]?image",
    r"unexpected item type in content",
    r"content\.type[^\n]{0,30}\[[`'\"]text[`'\"]\]",
    r"valid string[^\n]{0,60}\bcontent\b",
    r"should be [`'\"]text[`'\"](?! or)",
    r"vision add-?on is not loaded",
    r"不支持.{0,8}(?:图片|图像|视觉|多模态|image)",
    r"(?:图片|图像|视觉|多模态)(?:输入|理解)?.{0,4}不支持",
)

MAX_IMAGES: Final = _patterns(
    r"at most <N> (?:image|picture)",
    r"(?:up to|no more than|maximum of|max(?:imum)? of|limit of|limited to|only|supports?|accepts?|allows?|max(?:imum)?:?|limit:?|at most)"
    r" <N> (?:input )?(?:images?|pictures?|image\(s\))\b",
    r"too many (?:images|pictures)[^\n]{0,100}?(?:max(?:imum)?|limit|allowed|at most|up to|supports?|more than|>|<=)"
    r"[^\d\n]{0,40}<N>",
    r"(?:number of (?:images|pictures)|images? count|image_count|image number)[^\n]{0,60}?"
    r"(?:exceeds?|greater than|more than|must be|less than or equal to|at most|max(?:imum)?|limit|>|<=)"
    r"(?: \d+[^\n]{0,20}?(?:limit|max(?:imum)?))?[^\d\n]{0,40}<N>",
    r"<N> (?:images?|pictures?)(?: is| are)? (?:the )?(?:max(?:imum)?|allowed|at most|per (?:request|prompt|message))",
    r"maximum (?:number of |allowed )?(?:images|pictures)[^\d\n]{0,40}<N>",
    r"(?:only|just|exactly) (?:supports? |accepts? |allows? |takes? )?(?:one|a single|1) (?:image|picture)",
    r"(?:does not|doesn't|do not|don't|cannot|not) support (?:multiple|more than one|several) (?:image|picture)",
    r"(?:multiple|several|more than one) (?:images?|pictures?)[^.\n]{0,30}not (?:supported|allowed)",
    r"too many (?:images|pictures)",
    r"(?:图片|图像)(?:数量|个数|张数)?.{0,12}?(?:最多|不超过|不能超过|上限为?)\D{0,8}<N>",
)

_IMAGE: Final = r"(?:image|picture|photo)s?(?:[ _](?:file|data|content|input|url)s?)?"
_PART: Final = r"(?:image|image_url|input_image|inline_?data|source|data)"

BAD_IMAGE: Final = _patterns(
    # codes of errors
    r"\b(?:invalid_(?:base64_)?image(?:_url|_format|_mode)?|image_parse_error|image_(?:file_)?too_(?:large|small)"
    r"|unsupported_image(?:_media_type|_format)?|empty_image_file|image_file_not_found|failed_to_download_image)\b",
    # the path of the part, and no word about its type, which is said of models without images
    rf"(?:messages?|contents?|input)\W{{1,3}}(?:loc: )?\d+\W{{1,3}}(?:content|parts)\W{{1,3}}(?:loc: )?\d+\W{{1,3}}{_PART}\b",
    r"messages?\W{1,3}\d+\W{1,3}image\W{1,3}\d+",
    rf"(?:could not|couldn't|cannot|can't|can not|unable to|failed to|failure to|error(?: while)?|fail(?:ed)? in)"
    rf" (?:process|load|decod|identif|read|open|pars|fetch|download|handl|interpret|understand)\w*"
    rf" (?:the |this |an? |your |provided |input |base64[- ]?(?:encoded )?|user )*{_IMAGE}\b",
    rf"{_IMAGE} (?:could not|couldn't|cannot|can't) be (?:process|load|decod|identif|read|open|pars|fetch|download)",
    rf"(?:invalid|malformed|corrupt(?:ed)?|broken|truncated|damaged|unsupported|unreadable|empty|not a valid)"
    rf"(?: or (?:invalid|malformed|corrupt(?:ed)?|unsupported))? (?:base64[- ]?(?:encoded )?|\(?based?64\)? |uploaded )?{_IMAGE}\b"
    r"(?! (?:input|count|number|parameter|detail))",
    rf"{_IMAGE}[`'\"]?(?: file)? (?:is|are|was|seems?|appears?)(?: to be)?(?: either)?"
    r" (?:invalid|malformed|corrupt|broken|truncated|damaged|not valid|not a valid|unreadable|empty|too (?:large|big|small))",
    r"image (?:data )?you provided does not represent a valid image",
    r"image does not match the provided media type",
    r"image(?: file)?: unknown format|unknown image format|unrecogni[sz]ed image (?:format|type)",
    r"(?:images? |image )formats? other than",
    r"image(?:'s)? (?:file )?(?:size|dimensions?|width|height|side|resolution|aspect ratio)s?[^\n]{0,60}"
    r"(?:exceeds?|too (?:large|big|small)|larger than|smaller than|must be|at least|at most|maximum|minimum)",
    r"image exceeds \d|image length and width do not meet",
    r"(?:PIL\.)?UnidentifiedImageError|DecompressionBomb|image file is truncated|broken (?:data stream|PNG file)",
    r"(?:absolute )?aspect ratio must be (?:smaller|less|between)[^\n]{0,40}",
    r"(?:图片|图像)(?:数据|内容|文件|格式|尺寸|大小)?.{0,6}(?:无效|错误|损坏|解析失败|无法|不合法|不正确|失败|过大|过小|超)",
)
"""Refusals of one image, and not of all. What is said of their number stands above."""

IMAGE_PART: Final = re.compile(
    r"(?:messages?|contents?|input)\W{1,3}(?:loc: )?(?P<message>\d{1,5})"
    r"(?:\W{1,3}(?:content|parts)\W{1,3}(?:loc: )?(?P<part>\d{1,5})|\W{1,3}image\W{1,3}(?P<image>\d{1,5}))?",
    re.IGNORECASE,
)
"""The path of a message in a request, and of a part of it or of an image, both counted from 0."""

CONTEXT: Final = _patterns(
    r"context limit: \d+ \+ \d+ > <N>",
    r"\b(?:prompt|input|context)\b[^\n]{0,60}?\d+(?: tokens)? ?> ?<N>",
    r"maximum (?:context|prompt|input|sequence)[ _](?:length|size|window|tokens)\W*(?:is|of|allowed is)?\W*<N>",
    r"<N>(?:[ -]tokens?)? (?:maximum|max) context",
    r"context (?:length|window|size|limit)(?: (?:length|limit|size))?(?: of| is|:| for this model is)?(?: only| limited to| at most)? ?\(?<N>",
    r"\bn_ctx(?:_slot|_train)?\W{1,4}<N>",
    r"inputs?[`'\"]? tokens? \+ [`'\"]?max_new_tokens[`'\"]? must be <= <N>",
    r"inputs?[`'\"]? must have (?:less|fewer) than <N> tokens",
    r"maximum (?:allowed|total|input) (?:length|number of tokens|tokens)[^\d\n]{0,20}<N>",
    r"exceeds the maximum (?:number of (?:input )?tokens|token (?:count|limit|length))[^\d\n]{0,30}<N>",
    r"input length should be \[\d+, ?<N>\]",
    r"model token limit:? <N>",
    r"tokens in the prompt cannot exceed <N>",
    r"max(?:imum)?[ _](?:model[ _]len(?:gth)?|total tokens|seq(?:uence)?[ _]len(?:gth)?)\W{1,4}(?:is |of )?<N>",
    r"too many tokens[^\n]{0,80}?(?:limit|max)[^\d\n]{0,30}<N>",
)

_LIMIT: Final = r"max(?:imum)?[_ ]?(?:completion|new|output)?[_ ]?tokens"

OUTPUT: Final = _patterns(
    r"supports? at most <N> (?:completion|output) tokens",
    rf"{_LIMIT}[`'\"]*:? \d+ ?> ?<N>",
    rf"{_LIMIT}\b[^\n]{{0,80}}?(?:must|should|has to|needs to|can) be (?:less than or equal to|<=|at most|up to|"
    r"no (?:more|greater|larger) than|≤|smaller than or equal to) ?[`'\"]?<N>",
    rf"{_LIMIT}\b[^\n]{{0,40}}?is not less (?:than )?or equal to <N>",
    rf"{_LIMIT}\b[^\n]{{0,80}}?\[ ?\d+ ?, ?<N> ?\]",
    rf"{_LIMIT}\b[^\n]{{0,80}}?between \d+ and <N>",
    r"supported range is from \d+ \(inclusive\) to <N> \((?:in|ex)clusive\)",
    r"maximum tokens you requested exceeds the model limit of <N>",
    rf"{_LIMIT}\b[^\n]{{0,80}}?(?:exceeds?|exceeded|greater than|larger than|cannot exceed|above)[^\d\n]{{0,60}}<N>",
    r"max(?:imum)? (?:allowed )?(?:number of )?(?:output|completion) tokens[^\d\n]{0,40}<N>",
)

_EXCLUSIVE: Final = re.compile(r"\(exclusive\)|less than \d[\d,_]* tokens", re.IGNORECASE)


def value_of(pattern: Pattern, found: "re.Match[str]") -> str:
    """Return the value of the habit that a pattern has found."""
    if pattern in MAX_IMAGES:
        return str(max(0, _number(found, default=1)))
    if pattern in NO_IMAGES:
        return "0"
    if "n" in pattern.groupindex:
        return str(_number(found, default=0) - bool(_EXCLUSIVE.search(found[0])))
    return ""


def _number(found: "re.Match[str]", *, default: int) -> int:
    text = found.groupdict().get("n")
    return int(re.sub(r"\D", "", text)) if text else default


# Names that are words too count only in quotation marks.
_WORDS: Final = ("stream", "stop", "echo", "n", "tools", "seed")
_NAMES: Final = sorted(
    {parameter.name for parameter in fields(Parameters)} - set(_WORDS)
    | {"stream_options", "parallel_tool_calls"},
    key=len,
    reverse=True,
)
_NAME: Final = rf"(?:\b(?P<name>{'|'.join(_NAMES)})\b|[`'\"](?:body\.)?(?P<word>{'|'.join(_WORDS)})[`'\"])"
_NO: Final = (
    r"(?:not (?:currently |yet )?(?:supported|allowed|permitted|available|recogni[sz]ed|implemented|enabled|accepted|a valid)"
    r"|unsupported|unexpected|unrecogni[sz]ed|unknown|deprecated"
    r"|extra (?:inputs?|fields?|parameters?) (?:are |is )?not (?:permitted|allowed)"
    r"|(?:does not|doesn't) support|only (?:supports?|the default)|cannot (?:both )?be (?:used|specified|set|both))"
)

PARAMETERS: Final = tuple(
    re.compile(text, re.IGNORECASE)
    for text in (
        r"(?:unsupported|unrecogni[sz]ed|unknown|unexpected|extra|additional|extraneous|not support|n't support)"
        r"[^\n]{0,30}?(?:param(?:eter)?|argument|field|propert(?:y|ies)|key|inputs?|option|value|name)s?\b"
        rf"[^\n]{{0,60}}?{_NAME}",
        rf"{_NAME}[`'\"\])]*(?:[:,.]| |\bparameter\b|\boption\b|\bargument\b|\bfield\b|\bis\b|\bare\b|\bwas\b|\bcurrently\b)*{_NO}",
        rf"\b(?:unsupported_parameter|unknown_parameter|unsupported_value|extra_forbidden)\b[^\n]{{0,80}}?{_NAME}",
        rf"invalid (?:param(?:eter)?|argument|field|option|key|property)s?:? ?{_NAME}"
        r"(?![^\n]{0,30}(?:must|should|out of|range|less|greater|between|too|value|[<>]))",
        rf"(?:parameter|argument|option|field) not supported[^\n]{{0,40}}?: ?{_NAME}",
        rf"\bparam\W{{1,4}}{_NAME}[^\n]{{0,80}}?\b(?:unsupported_parameter|unknown_parameter|unsupported_value)\b",
    )
)
_LISTED: Final = re.compile(r"[\[({][^\])}\n]{0,120}[\])}]")


def parameters_in(words: str) -> Mapping[str, str]:
    """Return the parameters that a refusal does not take, each with the words that say so."""
    names: dict[str, str] = {}
    both = re.search(r"temperature\W+(?:and|or)\W+top_p\W+cannot both be", words, re.IGNORECASE)
    if both:
        return {"top_p": both[0]}
    for pattern in PARAMETERS:
        for found in pattern.finditer(words):
            name = (found["name"] or found["word"]).lower()
            names.setdefault(name, found[0])
            # a list of several in brackets
            for listed in _LISTED.finditer(words[found.start() : found.end() + 120]):
                if name in listed[0]:
                    names |= {
                        other[1]: found[0]
                        for other in re.finditer(r"[`'\"](\w+)[`'\"]", listed[0])
                        if other[1] in _NAMES and other[1] not in names
                    }
    return names
