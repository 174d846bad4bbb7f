"""Tiny requests to a model, which show whether it answers, how fast, and whether it sees pictures."""

import asyncio
import base64
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vision_chat.errors.completions import CompletionError, ReplyTimeoutError
from vision_chat.services.completions.client import CompletionClient
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.ends import Finish
from vision_chat.services.completions.habits import MAX_AMENDMENTS, habits_in
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.completions.timeouts import Timeouts
from vision_chat.services.images.numbered import numbered_image

Messages = Sequence[Mapping[str, Any]]

QUESTION: Final[Messages] = ({"role": "user", "content": "Answer with the one word: ready"},)
PICTURE_QUESTION: Final = "Which number is in this picture? Answer with the number alone."
MAX_TOKENS: Final = 16
MAX_PICTURE_TOKENS: Final = 300
"""Enough for a model that thinks before it answers."""
MAX_TEXT: Final = 2_000
"""Characters of an answer to so few tokens that are read: an endpoint may not keep to their limit."""
CHARACTERS_PER_TOKEN: Final = 8
"""As many are read where more tokens were asked for."""
SECONDS: Final = 60
TIMEOUTS: Final = Timeouts(connect=10, first_token=40, between_tokens=20, whole=SECONDS)


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of one small request. Times are seconds since it was sent."""

    text: str
    finish: Finish
    connected: float
    first_token: float
    whole: float


@dataclass(frozen=True, slots=True)
class Trial:
    """The answers to a question, and to one about a picture with a number.

    That one is asked after an answer only, and of a model that takes pictures.
    """

    endpoint: Endpoint
    """As it wants its requests."""
    number: int
    answer: Answer | CompletionError
    picture: Answer | CompletionError | None = None

    @property
    def takes_no_pictures(self) -> bool:
        """True where the model answers, and is known not to see pictures."""
        return isinstance(self.answer, Answer) and not self.endpoint.rules.max_images

    @property
    def number_read(self) -> str:
        """The number that the model read in the picture, "" where it named none."""
        if not isinstance(self.picture, Answer):
            return ""
        numbers = re.findall(r"\d+", self.picture.text)
        return str(self.number) if str(self.number) in numbers else "".join(numbers[:1])

    @property
    def sees_pictures(self) -> bool:
        return self.number_read == str(self.number)


async def try_model(client: CompletionClient, endpoint: Endpoint, number: int | None = None) -> Trial:
    """Ask a model both questions, within a minute in all: the first alone where it takes no pictures.

    The number is one of three digits by chance.
    """
    number = 100 + secrets.randbelow(900) if number is None else number
    deadline = asyncio.get_running_loop().time() + SECONDS
    try:
        async with asyncio.timeout_at(deadline):
            answer, endpoint = await ask_as_wanted(client, endpoint, TIMEOUTS)
    except (CompletionError, TimeoutError) as error:
        return Trial(endpoint, number, _typed(error))
    if not endpoint.rules.max_images:
        return Trial(endpoint, number, answer)
    try:
        async with asyncio.timeout_at(deadline):
            picture = await asyncio.to_thread(numbered_image, number)
            question = picture_question(picture, endpoint)
            seen = await ask(client, endpoint, TIMEOUTS, question, MAX_PICTURE_TOKENS)
    except (CompletionError, TimeoutError) as error:
        return Trial(endpoint, number, answer, _typed(error))
    return Trial(endpoint, number, answer, seen)


def picture_question(picture: bytes, endpoint: Endpoint) -> Messages:
    """Return the message that asks for the number in a JPEG."""
    url = f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}"
    image = {"type": "image_url", "image_url": {"url": url}}
    text = {"type": "text", "text": PICTURE_QUESTION}
    parts = [image, text] if endpoint.rules.image_before_text else [text, image]
    return ({"role": "user", "content": parts},)


async def ask_as_wanted(
    client: CompletionClient,
    endpoint: Endpoint,
    timeouts: Timeouts,
    messages: Messages = QUESTION,
    max_tokens: int = MAX_TOKENS,
) -> tuple[Answer, Endpoint]:
    """Ask, again as the endpoint wants it where it refuses, like a turn. Returns it with what it refused."""
    for _ in range(MAX_AMENDMENTS):
        try:
            return await ask(client, endpoint, timeouts, messages, max_tokens), endpoint
        except CompletionError as refusal:
            more = habits_in(refusal.words)
            if not more:
                raise
            endpoint = endpoint.amended(more)
    return await ask(client, endpoint, timeouts, messages, max_tokens), endpoint


async def ask(
    client: CompletionClient,
    endpoint: Endpoint,
    timeouts: Timeouts,
    messages: Messages = QUESTION,
    max_tokens: int = MAX_TOKENS,
) -> Answer:
    """Send the request and time its answer. Raises CompletionErrors."""
    begun = time.monotonic()
    text, first_token = "", 0.0
    most = max(MAX_TEXT, CHARACTERS_PER_TOKEN * max_tokens)
    parameters = Parameters(max_tokens=max_tokens)
    async with client.stream(endpoint, messages, parameters, timeouts=timeouts) as completion:
        connected = time.monotonic() - begun
        async for piece in completion:
            first_token = first_token or time.monotonic() - begun
            text = (text + piece.text)[:most]
        return Answer(text, completion.finish, connected, first_token, time.monotonic() - begun)


def _typed(error: CompletionError | TimeoutError) -> CompletionError:
    return error if isinstance(error, CompletionError) else ReplyTimeoutError(seconds=SECONDS)
