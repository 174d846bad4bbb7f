"""The exchange with the endpoint that writes one reply: what it is asked, and asked again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from django.db.utils import DatabaseError

from vision_chat.errors.completions import (
    CompletionError,
    ImageRefusedError,
    ModelLoadingError,
    NoImagesError,
    RateLimitedError,
)
from vision_chat.models import Habit as HabitRow
from vision_chat.services.completions.completion import Completion
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.ends import Finish
from vision_chat.services.completions.habits import MAX_AMENDMENTS, Habit
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.completions.retries import loading_pause
from vision_chat.services.endpoint_states.gate import Gate, Passage
from vision_chat.services.presentation.sentences import loading_note, pause_note
from vision_chat.services.replies._amendments import Request, amendment, question_has_images
from vision_chat.services.replies._prompt import Prompt
from vision_chat.services.replies._refused_images import name_images
from vision_chat.services.replies._request_texts import JsonMessage
from vision_chat.services.replies.building import prompt_for
from vision_chat.services.replies.dependencies import Dependencies
from vision_chat.services.replies.turn import Turn
from vision_chat.services.vision.request_rules import RequestRules

logger = logging.getLogger(__name__)

Receive = Callable[[Completion], Awaitable[None]]
"""Reads a completion, and calls `Exchange.accept` when its first piece has come."""
Sent = Callable[[Sequence[JsonMessage]], Awaitable[None]]
"""Takes the record of a request that is about to be sent."""


class Exchange:
    """Asks for a turn's reply: what the endpoint refuses goes out again as it wants it.

    `columns` are those of the completion's row that say what was sent last.
    """

    def __init__(
        self,
        turn: Turn,
        dependencies: Dependencies,
        *,
        receive: Receive,
        note: Callable[[str], None],
        sent: Sent | None = None,
    ) -> None:
        self.columns: dict[str, object] = {}
        self._turn = turn
        self._dependencies = dependencies
        self._receive = receive
        self._note = note
        self._sent = sent
        self._passage: Passage | None = None
        self._endpoint = turn.settings.endpoint
        self._gate = Gate(dependencies.states, self._endpoint.address, self._note_pause)
        self._is_accepted = False
        self._learned: tuple[Habit, ...] = ()
        self._amendments = 0

    @property
    def is_accepted(self) -> bool:
        """True from the first piece of an answer on."""
        return self._is_accepted

    @property
    def is_pausing(self) -> bool:
        """True while nothing is sent because the endpoint is paused."""
        return self._gate.is_pausing

    async def run(self) -> Finish:
        """Ask until a completion has been received; return how it ended. Raises ChatErrors.

        What is refused is amended twice at most.
        """
        request = await self._request(self._endpoint)
        while True:
            try:
                return await self._ask_when_ready(request)
            except CompletionError as refusal:
                amended = None if self._is_accepted else await self._amended(request, refusal)
                if amended is None:
                    if isinstance(refusal, ImageRefusedError):
                        name_images(refusal, request.prompt.record, self._turn.branch)
                    raise
            request = amended

    async def _amended(self, request: Request, refusal: CompletionError) -> Request | None:
        """Return what is sent instead of a request that was refused; None where nothing else would help."""
        more = amendment(refusal, self._turn)
        if not more or self._amendments == MAX_AMENDMENTS:
            return None
        amended = await self._request(request.endpoint.amended(more))
        if amended.is_same_as(request):
            return None
        self._amendments += 1
        self._learned = (*self._learned, *more)
        return amended

    async def accept(self) -> None:
        """Take the request for accepted: nothing is asked again, and habits by which it was amended are kept.

        The reply goes on where they cannot be saved.
        """
        is_first, self._is_accepted = not self._is_accepted, True
        if self._passage is not None:
            await self._passage.answered()
        if not (is_first and self._learned):
            return
        endpoint = self._endpoint
        try:
            await self._dependencies.writer.run(
                HabitRow.objects.learn, endpoint.address, endpoint.model_name, self._learned
            )
        except DatabaseError:
            logger.exception("What %s refuses could not be saved", endpoint.model_name)

    async def _request(self, endpoint: Endpoint) -> Request:
        """Build the request. Raises NoImagesError."""
        if not endpoint.rules.max_images and question_has_images(self._turn):
            raise NoImagesError(model_name=endpoint.model_name)
        prompt = await self._build_prompt(endpoint.rules)
        parameters = _with_max_tokens(self._turn.settings.parameters, prompt.max_tokens)
        if self._turn.is_continued or self._turn.is_of_part:
            parameters = replace(parameters, n=None)  # one text goes on
        return Request(endpoint, prompt, parameters)

    async def _build_prompt(self, rules: RequestRules) -> Prompt:
        turn = self._turn
        return await prompt_for(
            turn.branch,
            rules,
            self._dependencies,
            system_prompt=turn.settings.system_prompt,
            is_continued=turn.is_continued,
        )

    async def _ask_when_ready(self, request: Request) -> Finish:
        """Ask, again while the endpoint wants fewer requests or loads the model, and say so.

        Raises EndpointAwayError where it has failed so often that nothing is sent to it.
        """
        loop, patience = asyncio.get_running_loop(), self._dependencies.timeouts.first_token
        begun, refusal = loop.time(), None
        while True:
            self._passage = await self._gate.enter(refusal)
            try:
                async with self._passage:
                    return await self._ask(request)
            except RateLimitedError as error:
                if self._is_accepted:
                    raise
                refusal = error  # which the gate raises once the patience is over
            except ModelLoadingError as error:
                pause = loading_pause(error, loop.time() - begun, patience)
                if pause is None or self._is_accepted:
                    raise
                self._note(loading_note())
                await asyncio.sleep(pause)

    def _note_pause(self, seconds: float | None) -> None:
        self._note(pause_note(seconds))

    async def _ask(self, request: Request) -> Finish:
        self.columns = request.to_columns()
        if self._sent is not None:
            await self._sent(request.prompt.record)
        async with self._dependencies.client.stream(
            request.endpoint,
            request.prompt.messages,
            request.parameters,
            request_id=self._turn.generation.completion.request_id,
            timeouts=self._dependencies.timeouts,
        ) as completion:
            await self._receive(completion)
        return completion.finish


def _with_max_tokens(parameters: Parameters, max_tokens: int) -> Parameters:
    """Set the limit of tokens that the prompt leaves, unless the turn has set one."""
    values = parameters.to_json()
    if "max_tokens" in values or "max_completion_tokens" in values:
        return parameters
    return Parameters.from_json(values | {"max_tokens": max_tokens})
