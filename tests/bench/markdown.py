"""CPU of Markdown alone: an answer as it is written, with structure rendered at the pace of a reply."""

import time
from collections.abc import Iterator

from tests.bench.ground import Ground
from tests.bench.table import Row, at_most
from tests.support.fake_scenarios import corpus, tokens
from vision_chat.services.markdown.document import StreamingDocument

TOKENS = 1500
TOKENS_A_SECOND = 30
PAUSE = 0.05
RESTS_FOR_WORK = 20

CODE = "```python\n" + "".join(
    f"def scale_{number}(width: int, height: float = 1.5) -> float:\n"
    f'    """Return the {number}th size."""\n    return width * height / {number}  # in pixels\n\n'
    for number in range(1, 76)
)
TABLE = "| Item | Quantity | Price | Note |\n|---|--:|--:|---|\n" + "".join(
    f"| Rye bread {number} | {number} | 7.{number:02} | **fresh** every day |\n" for number in range(100)
)


def kinds(_ground: Ground, rounds: int) -> Iterator[Row]:
    """Plain text, 300 lines of code and a table of 100 rows."""
    plain = cpu_a_token(corpus(TOKENS), rounds)
    yield at_most("Markdown: CPU per 1,000 tokens of text", "ms", 100, [plain])
    for name, text in (("a 300-line code answer", f"{CODE}```\n"), ("a 100-row table", TABLE)):
        cost = cpu_a_token(text, rounds)
        yield at_most(f"Markdown: CPU per 1,000 tokens of {name}", "ms", 3 * plain, [cost], [plain])


def cpu_a_token(text: str, rounds: int) -> float:
    """Milliseconds of CPU for 1,000 tokens, of the best round."""
    words = tokens(text)
    return min(_write(words) for _ in range(rounds + 1)) / len(words) * 1e6


def _write(words: list[str]) -> float:
    document, used, due = StreamingDocument(), 0.0, 0.0
    for number, word in enumerate(words):
        now = number / TOKENS_A_SECOND
        begun = time.thread_time()
        may_render = document.feed(word) is None and now >= due
        if may_render:
            document.render()
        took = time.thread_time() - begun
        used += took
        if may_render:
            due = now + max(PAUSE, RESTS_FOR_WORK * took)
    begun = time.thread_time()
    document.finish()
    return used + time.thread_time() - begun
