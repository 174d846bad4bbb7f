"""The blocks of a text that are never looked at again, as HTML and as the text that they came from."""

from vision_chat.services.markdown.outline import weight

MAX_HTML = 1_048_576


class EndedBlocks:
    """`html` has a string for each block; `texts`, joined, are all that was written before the open one."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.html: list[str] = []
        self._weight = 0

    def admits(self, source: str, *, is_fence: bool = False) -> bool:
        """Whether one more is not too much; if so, it counts from now on."""
        heavier = self._weight + weight(source, is_fence=is_fence)
        if heavier > MAX_HTML:
            return False
        self._weight = heavier
        return True
