"""Asking moderation models about turns, a few at a time and beside all replies."""

import asyncio
import logging
from collections.abc import Iterable, Set
from typing import Final, NamedTuple

from vision_chat.errors.base import ChatError
from vision_chat.errors.completions import (
    CompletionError,
    ConnectTimeoutError,
    CreditsError,
    DisconnectedError,
    EndpointAwayError,
    EndpointFailedError,
    EndpointTimeoutError,
    FirewallError,
    KeyRefusedError,
    ModelLoadingError,
    ModelNotFoundError,
    NotACompletionError,
    NotAllowedError,
    OverloadedError,
    QuotaError,
    RateLimitedError,
    RegionError,
    ReplyFailedError,
    ReplyLostError,
    ReplyTimeoutError,
    UnreachableError,
)
from vision_chat.errors.server import ServerError
from vision_chat.errors.turns import ImageGoneError, ModelKeyError, ModelNotUsableError, PromptTooLongError
from vision_chat.models import Completion, Habit, ModerationVerdict
from vision_chat.models.completion import summary_of
from vision_chat.services.completions import habits
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.ends import Finish
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.endpoint_states.gate import Gate
from vision_chat.services.moderation import claims, protocol, questions
from vision_chat.services.moderation.claims import Claim
from vision_chat.services.moderation.questions import Judged
from vision_chat.services.replies.building import Prompt, prompt_for
from vision_chat.services.replies.dependencies import Dependencies
from vision_chat.services.thoughts.division import Part, divide
from vision_chat.services.writer import Readers

logger = logging.getLogger(__name__)

AT_ONCE: Final = 3
"""Turns that one process asks about at the same time."""
MAX_TOKENS: Final = 1_000
"""Enough for a model that thinks before it answers."""
SECONDS: Final = 300
"""Most time for one turn, well within the lease of its claim."""
Reason = ModerationVerdict.Reason

PAUSE_SECONDS: Final = 10
"""Time for which a question waits while the endpoint is paused; later it is asked again."""
OF_MODEL: Final = (
    ConnectTimeoutError,
    CreditsError,
    EndpointAwayError,
    FirewallError,
    KeyRefusedError,
    ModelLoadingError,
    ModelNotFoundError,
    ModelNotUsableError,
    NotACompletionError,
    NotAllowedError,
    OverloadedError,
    QuotaError,
    RateLimitedError,
    RegionError,
    UnreachableError,
)
"""Errors that any other turn would meet as well: the model is left in peace for a while."""
OF_TURN: Final = (
    DisconnectedError,
    EndpointFailedError,
    EndpointTimeoutError,
    ReplyFailedError,
    ReplyLostError,
    ServerError,
)
"""Errors that may be of this turn alone, and that may pass. All others say that it is not taken."""


class Answered(NamedTuple):
    """An answer without its thoughts, and how it came about."""

    text: str
    finish: Finish
    endpoint: Endpoint
    prompt: Prompt
    parameters: Parameters


class Moderator:
    """Asks models about the turns that the rules of queues wait for."""

    def __init__(self, dependencies: Dependencies, readers: Readers, environment: Endpoint) -> None:
        self._dependencies = dependencies
        self._readers = readers
        self._environment = environment

    async def ask_all(self, most: int) -> int:
        """Ask about what is due, at most so many turns. Returns their number.

        A place that is free takes the next turn at once. A model that cannot be asked about any turn, or
        whose answer does not end, is asked about no further one this time.
        """
        asked, resting, running = 0, set[str](), dict[asyncio.Task[bool], str]()
        async with asyncio.TaskGroup() as group:
            while True:
                due = await self._claim(min(AT_ONCE - len(running), most - asked), resting, running.values())
                running |= {group.create_task(self._ask_safely(each)): each.model_name for each in due}
                asked += len(due)
                if not running:
                    return asked
                ended, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                resting |= {running[task] for task in ended if not task.result()}
                running = {task: name for task, name in running.items() if task not in ended}

    async def _claim(self, most: int, resting: Set[str], busy: Iterable[str]) -> list[Claim]:
        """Claim turns, at first for models that are asked about none: a slow one takes no place of theirs."""
        if not most:
            return []
        run = self._dependencies.writer.run
        idle_first = await run(claims.claim, most, resting | set(busy))
        return idle_first or await run(claims.claim, most, resting)

    async def _ask_safely(self, claim: Claim) -> bool:
        """Ask about one turn; what nobody expected fails this turn alone."""
        try:
            return await self._ask(claim)
        except Exception:
            logger.exception("A moderation model could not be asked about turn %s", claim.generation_id)
            await self._put_off(claim, Reason.FAILED, is_of_turn=True)
            return True

    async def _ask(self, claim: Claim) -> bool:
        """Ask about one turn, and keep what came of it. Returns False where the model is to have a rest."""
        writer = self._dependencies.writer
        judged = await self._readers.run(questions.read, claim)
        if judged is None:
            await writer.run(claims.let_go, claim)
            return True
        try:
            endpoint = await self._readers.run(questions.endpoint_of, claim.model_name, self._environment)
            async with asyncio.timeout(SECONDS):
                answered = await self._answer(endpoint, judged)
        except TimeoutError:
            return await self._failed(claim, ReplyTimeoutError(seconds=SECONDS))
        except ChatError as error:
            return await self._failed(claim, error)
        await self._keep(claim, answered)
        return True

    async def _failed(self, claim: Claim, error: ChatError) -> bool:
        """Decide whether a turn is asked about again. Returns False where the model is to have a rest."""
        logger.warning(
            "The moderation model %s gave no verdict on turn %s: %s",
            claim.model_name,
            claim.generation_id,
            error.code,
        )
        if isinstance(error, OF_MODEL):
            has_no_model = isinstance(error, ModelNotUsableError) and not isinstance(error, ModelKeyError)
            reason = Reason.MODEL_GONE if has_no_model else Reason.FAILED
            after = getattr(error, "retry_after", None) or 0
            await self._put_off(claim, reason, after=after, is_of_turn=False)
            return False
        if isinstance(error, OF_TURN):
            await self._put_off(claim, Reason.FAILED, is_of_turn=True)
            return not isinstance(error, ReplyTimeoutError)
        reason = Reason.IMAGE_LOST if isinstance(error, ImageGoneError) else Reason.REFUSED
        await self._dependencies.writer.run(claims.give_up, claim, reason)
        return True

    async def _put_off(self, claim: Claim, reason: str, *, after: float = 0, is_of_turn: bool) -> None:
        await self._dependencies.writer.run(claims.put_off, claim, reason, after=after, is_of_turn=is_of_turn)

    async def _answer(self, endpoint: Endpoint, judged: Judged) -> Answered:
        """Ask, again as the endpoint wants it where it refuses, like a turn. Raises CompletionErrors."""
        learned: list[tuple[habits.Habit, ...]] = []
        while True:
            prompt = await self._prompt(endpoint, judged)
            try:
                answered = await self._sent(endpoint, prompt)
            except CompletionError as refusal:
                more = habits.habits_in(refusal.words)
                if not more or len(learned) == habits.MAX_AMENDMENTS:
                    raise
                learned.append(more)
                endpoint = endpoint.amended(more)
                continue
            for each in learned:
                await self._dependencies.writer.run(
                    Habit.objects.learn, endpoint.address, endpoint.model_name, each
                )
            return answered

    async def _prompt(self, endpoint: Endpoint, judged: Judged) -> Prompt:
        """Build the request; of texts that are too long for the model with their beginnings and ends.

        Raises ImageGoneError where a picture that would fit is lost, PromptTooLongError.
        """
        rules = endpoint.rules
        if judged.is_empty:
            raise ImageGoneError
        try:
            prompt = await prompt_for(judged.branch(endpoint), rules, self._dependencies)
        except PromptTooLongError:
            branch = judged.branch(endpoint, questions.longest_text(rules))
            prompt = await prompt_for(branch, rules, self._dependencies)
        if prompt.left_out.lost:
            raise ImageGoneError
        return prompt

    async def _sent(self, endpoint: Endpoint, prompt: Prompt) -> Answered:
        parts = self._dependencies
        # that of a model which is no classifier may not take a temperature
        temperature = 0 if protocol.is_guard(endpoint.model_name) else None
        parameters = Parameters(max_tokens=min(MAX_TOKENS, prompt.max_tokens), temperature=temperature)
        text, thoughts = "", ""
        passage = await Gate(parts.states, endpoint.address, patience=PAUSE_SECONDS).enter()
        async with (
            passage,
            parts.client.stream(endpoint, prompt.messages, parameters, timeouts=parts.timeouts) as completion,
        ):
            async for piece in completion:
                await passage.answered()
                text, thoughts = text + piece.text, thoughts + piece.thoughts
        answer = divide([Part(text, thoughts)]).answer
        return Answered(answer, completion.finish, endpoint, prompt, parameters)

    async def _keep(self, claim: Claim, answered: Answered) -> None:
        await self._dependencies.writer.run(
            claims.settle,
            claim,
            protocol.read(answered.text),
            _completion(answered),
            is_without_images=bool(answered.prompt.left_out.images),
        )


def _completion(answered: Answered) -> Completion:
    """Return the row of the call. It is of no conversation: its cost stays when that is deleted.

    So it has no name, no id and no hash of what was said there.
    """
    endpoint, finish = answered.endpoint, answered.finish
    return Completion(
        purpose=Completion.Purpose.MODERATION,
        endpoint=endpoint.address,
        model_name=endpoint.model_name,
        family=endpoint.rules.family,
        parameters=endpoint.fields(answered.parameters.to_json()),
        habits=endpoint.habits.to_json(),
        request_summary=summary_of(answered.prompt.record),
        prompt_tokens=finish.prompt_tokens,
        completion_tokens=finish.completion_tokens,
        usd_spent=finish.usd_spent,
        credits_used=finish.credits_used,
        request_id=finish.request_id,
        inference_id=finish.inference_id,
        completion_id=finish.completion_id,
    )
