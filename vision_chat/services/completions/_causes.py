"""The cause of a refusal: status, code and words in, class of error out. Data and one function, no I/O."""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from vision_chat.errors.completions import (
    CompletionError,
    ContextTooLongError,
    CreditsError,
    EndpointFailedError,
    FirewallError,
    ImageRefusedError,
    KeyRefusedError,
    ModelLoadingError,
    ModelNotFoundError,
    ModeratedError,
    NoImagesError,
    NotACompletionError,
    NotAllowedError,
    OverloadedError,
    QuotaError,
    RateLimitedError,
    RegionError,
    RequestRefusedError,
    RequestTooLargeError,
)
from vision_chat.services.completions.bad_images import is_about_an_image
from vision_chat.services.completions.habits import Habit, HabitKind, habits_in

Kind = type[CompletionError]

BY_STATUS: Final[Mapping[int, Kind]] = {
    401: KeyRefusedError,
    402: CreditsError,
    403: NotAllowedError,
    404: ModelNotFoundError,
    405: NotACompletionError,
    408: EndpointFailedError,
    413: RequestTooLargeError,
    429: RateLimitedError,
    451: RegionError,
    529: OverloadedError,
}

# Codes say more than the status where an endpoint sends them.
BY_CODE: Final[Mapping[str, Kind]] = {
    "context_length_exceeded": ContextTooLongError,
    "exceed_context_size_error": ContextTooLongError,
    "insufficient_quota": CreditsError,
    "exceeded_current_quota_error": CreditsError,
    "arrearage": CreditsError,
    "invalid_api_key": KeyRefusedError,
    "authentication_error": KeyRefusedError,
    "model_decommissioned": ModelNotFoundError,
    "model_not_found": ModelNotFoundError,
    "deploymentnotfound": ModelNotFoundError,
    "content_filter": ModeratedError,
    "content_policy_violation": ModeratedError,
    "moderation_blocked": ModeratedError,
    "datainspectionfailed": ModeratedError,
    "data_inspection_failed": ModeratedError,
    "prohibited_content": ModeratedError,
    "unsupported_country_region_territory": RegionError,
    "overloaded_error": OverloadedError,
    "permission_error": NotAllowedError,
}

ANY: Final = range(400, 600)
SERVER: Final = range(500, 600)
AMENDABLE: Final = frozenset({400, 404, 406, 409, 413, 415, 422, *range(500, 504)})
"""Statuses under which endpoints refuse what another request may mend."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A class of error, and the words by which it is known under these statuses."""

    kind: Kind
    statuses: Container[int]
    words: "re.Pattern[str]"


def _cause(kind: Kind, statuses: Container[int], *words: str) -> Cause:
    return Cause(kind, statuses, re.compile("|".join(words), re.IGNORECASE))


MAX_MESSAGE: Final = 500
"""A sentence about a path is not longer."""

# A web server's own 404: the path is wrong, not the model.
_NO_SUCH_PATH: Final = re.compile(
    r"\s*(?:|\{?\}?|not found\.?|404 page not found|resource not found|cannot post\b.*|<.*|no route matched.*"
    r"|(?:the )?(?:requested )?(?:url|path|route|endpoint)\b.*not found.*|invalid url.*|unknown (?:request )?(?:url|path|route).*)\s*",
    re.IGNORECASE | re.DOTALL,
)
_PAGE: Final = re.compile(r"\s*(?:<!doctype html|<html|<head|<\?xml|error code: 10\d\d)", re.IGNORECASE)
_CHALLENGE: Final = re.compile(
    r"just a moment\.\.\.|cf-chl|challenge-platform|you have been blocked|attention required|captcha|ddos"
    r"|security (?:check|service|policy)|access denied|request (?:blocked|unsuccessful)|web application firewall"
    r"|incapsula|mod_security|error code: 10(?:05|06|07|08|09|10|12|20)\b",
    re.IGNORECASE,
)

CAUSES: Final = (
    _cause(FirewallError, {401, 403, 406},
        r"\bfirewall|virtual network|check your network|ip(?: address)?[ _](?:is )?(?:not[ _](?:allowed|authori[sz]ed|permitted)|blocked|restricted|denied)",
        r"not (?:in|on) (?:the |your )?(?:ip )?(?:allow|white)[ -]?list|just a moment\.\.\.",
    ),
    _cause(RegionError, {400, 403, 451},
        r"(?:country|region|territory|location|countries)[^.\n]{0,40}(?:not (?:yet )?(?:supported|available|allowed|served)|unsupported|restricted|blocked)",
        r"(?:not (?:yet )?(?:supported|available|allowed|served)|unsupported|restricted|blocked)"
        r"[^.\n]{0,40}(?:country|\bregion\b|territory|your location|countries)",
        r"geo-?(?:blocked|restrict)", r"embargo|sanction(?:ed|s)\b",
    ),
    _cause(ModeratedError, {400, 403, 422, 451, 500},
        r"moderation", r"\bflagged\b", r"content[ _](?:management )?(?:policy|filter)", r"safety (?:system|filter|setting)s?",
        r"(?:violat\w+|against|breach\w*)[^.\n]{0,40}(?:usage|use|content|acceptable|our) (?:polic\w+|guidelines?|rules)",
        r"inappropriate content|considered high risk|blocked by guardrail|prohibited[ _]content|guardrail (?:intervened|blocked)",
        r"content exists risk|sensitive[ _]?(?:content|information|words?)|new_sensitive", r"不安全|敏感|违规",
    ),
    _cause(QuotaError, {429},
        r"per[ _-]?(?:day|month|week)|\b(?:daily|weekly|monthly)\b|\((?:rpd|tpd)\)|by(?:day|month)\b",
    ),
    _cause(RateLimitedError, {429},
        r"per[ _-]?(?:minute|second|hour)|\((?:rpm|tpm)\)|(?:retry|try again) (?:in|after) \d",
    ),
    _cause(CreditsError, ANY,
        r"credits? (?:balance|limit|exhausted|left|required|remaining)|(?:out of|no|not enough|insufficient|more|all available) credits?\b",
        r"(?:requires|run out of|ran out of|used all|used up)[^.\n]{0,30}\bcredits?\b", r"insufficient[ _](?:balance|funds|quota|credit|user quota)",
        r"balance (?:is )?(?:too low|insufficient|not enough|depleted)", r"payment (?:is )?required|past due|unpaid|top[ -]up",
        r"billing (?:hard |soft )?(?:limit|not active|is not enabled)|(?:enable|activate) billing",
        r"spend(?:ing)? limit|arrearage|in good standing|account[^.\n]{0,60}(?:suspended|not active)",
        r"余额不足|欠费|额度不足|充值",
    ),
    _cause(QuotaError, {403, 429},
        r"quota (?:exceeded|exhausted)|exceeded (?:your|the) (?:current )?quota|usage limit (?:has been )?(?:reached|exceeded)",
    ),
    _cause(ModelLoadingError, {409, 425, 500, 502, 503, 504},
        r"(?<!error )(?<!failed )loading model|model[^.\n]{0,120}\b(?:is|still|currently)[^.\n]{0,20}"
        r"\b(?:being (?:loaded|started|deployed)|loading|starting|warming|initiali[sz]ing|deploying)\b",
        r"model[^.\n]{0,80}(?:not (?:yet )?(?:ready|loaded)|cold start|warming up)", r"warming up|server (?:is )?(?:still )?(?:starting(?: up)?|loading)",
        r"estimated_time: \d",
    ),
    _cause(OverloadedError, {429, *SERVER},
        r"overload|over ?capacity|at capacity|no (?:available )?capacity|capacity (?:exceeded|limit)|(?:server|engine|model) (?:is )?(?:too )?busy"
        r"|too busy|high (?:demand|load|traffic)|no (?:available )?(?:instances?|workers?|slots?|channels?)\b|queue is full",
    ),
    _cause(ModelNotFoundError, {400, 403, 404, 410, 422, 503},
        r"model[^.\n]{0,80}(?:not (?:found|exist)|does(?:n't| not) exist|no longer|decommission|deprecat|retired|unknown|not a valid)",
        r"(?:unknown|invalid|no such|unsupported|nonexistent) model\b|not a valid model|model_not_found|no endpoints found for"
        r"|deployment[^.\n]{0,40}not exist|unable to access[^.\n]{0,20}model|无可用渠道|模型不存在",
    ),
    _cause(KeyRefusedError, {400, 401, 403},
        r"(?:invalid|incorrect|wrong|missing|expired|no|bad|malformed|unknown|revoked|valid)[ _](?:api|access|subscription|auth\w*|bearer|secret)[ -_]?(?:key|token|header)",
        r"(?:api|access)[ -_]?(?:key|token)[^.\n]{0,40}(?:not valid|invalid|incorrect|missing|expired|not (?:found|provided)|revoked|disabled|required)",
        r"unauthori[sz]ed|unauthenticated|authentication (?:failed|required|error)|user not found",
    ),
    _cause(NotAllowedError, {404}, r"data policy|guardrail restrictions|no allowed providers"),
    _cause(NotAllowedError, {401, 403},
        r"(?:not|n't) (?:have|authori[sz]ed|allowed|permitted|entitled)[^.\n]{0,40}(?:access|permission|model|use|to)"
        r"|permission|forbidden|must be verified|access (?:to|has)|terms of (?:service|use)|agreement|gated",
    ),
    _cause(ContextTooLongError, {400, 413, 422, *SERVER},
        r"context (?:length|window|size|limit)|maximum context|(?:prompt|input|request)[^.\n]{0,20} (?:is )?too long|exceeds? (?:the )?max(?:imum)? (?:length|number of tokens|prompt length)"
        r"|too many (?:input )?tokens|token limit|input token count|prompt length|max_tokens must be at least 1, got -"
        r"|reduce the length of|上下文|超长|tokens? \+ .?max_new_tokens",
    ),
)  # fmt: skip
"""The first that fits. Firewall pages, missing paths and habits are told before these."""


def cause_of(status: int, code: str, message: str, words: str) -> Kind:
    """Return the class of error for a refusal. `words` are the endpoint's own in its body, `message` is the main text."""
    by_code = BY_CODE.get(code.lower())
    if by_code is not None:
        return by_code
    if _PAGE.match(message):
        return _cause_of_page(status, message)
    if status == HTTPStatus.NOT_FOUND and _NO_SUCH_PATH.fullmatch(message[:MAX_MESSAGE]):
        return NotACompletionError
    if status in AMENDABLE and (habits := habits_in(words)):
        return _cause_of_habit(habits[0])
    for cause in CAUSES:
        if status in cause.statuses and cause.words.search(words):
            return cause.kind
    return _cause_of_the_rest(status, words)


def _cause_of_the_rest(status: int, words: str) -> Kind:
    """Return the class of error where no other words tell it: a filter, for one, may speak of images too."""
    if status in AMENDABLE and is_about_an_image(words):
        return ImageRefusedError
    return BY_STATUS.get(status) or _by_class(status)


def _cause_of_habit(habit: Habit) -> Kind:
    """Return the class of error for a refusal that shows a habit. Whatever its status, it is no fault."""
    if habit.kind is HabitKind.CONTEXT:
        return ContextTooLongError
    return NoImagesError if habit.takes_no_images else RequestRefusedError


def _cause_of_page(status: int, page: str) -> Kind:
    """Return the class of error for a web page, which no endpoint sends but what stands before it."""
    if status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_ACCEPTABLE) or _CHALLENGE.search(page):
        return RateLimitedError if status == HTTPStatus.TOO_MANY_REQUESTS else FirewallError
    if status == HTTPStatus.NOT_FOUND:
        return NotACompletionError
    return BY_STATUS.get(status) or _by_class(status)


def _by_class(status: int) -> Kind:
    if status >= 500:
        return EndpointFailedError
    return RequestRefusedError if status >= 400 else NotACompletionError
