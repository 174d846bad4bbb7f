"""The scripted endpoint of the chaos: it recites, and goes on exactly where an answer was cut off."""

import re
from typing import TYPE_CHECKING, Final

from tests.support import fake_scenarios as scenarios
from tests.support.fake_endpoint import FakeEndpoint, last_user_text

if TYPE_CHECKING:
    from tests.support.fake_endpoint import Call

ASKED: Final = re.compile(r"\[text (\d+), (\d+) tokens, (\d+) a second\]")
"""The last one counts: a question that got no answer stands in one message with the next."""


def question(number: int, tokens: int, rate: int) -> str:
    """Return a question that is answered by so many tokens of text `number`, at `rate` a second."""
    return f"What is this? [text {number}, {tokens} tokens, {rate} a second]"


def expected(asked: str) -> str:
    """Return the text that the question is answered with."""
    number, tokens, _ = ASKED.findall(asked)[-1]
    return scenarios.recital(int(number), int(tokens))


async def recite(call: "Call") -> None:
    """Answer the question that was asked last, or write what its answer still lacks."""
    asked, said = "", ""
    for message in call.body["messages"]:
        if ASKED.search(message["content"]):
            asked, said = message["content"], ""
        elif message["role"] == "assistant":
            said = message["content"]
    if ASKED.search(last_user_text(call.body)):
        said = ""
    rate = ASKED.findall(asked)[-1][2]
    await scenarios.say(expected(asked)[len(said.rstrip()) :] or " ", rate=int(rate))(call)


def reciting() -> FakeEndpoint:
    """Return the endpoint, which listens while it is entered."""
    fake = FakeEndpoint()
    fake.default = recite
    return fake
