"""The parts in which a reply comes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a reply, as it came in one chunk.

    `thoughts` came as such; tags such as `<think>` in `text` stay there. `image_urls` are data URLs of images
    that the model has made, or addresses on the web; `pictures` the base64 of those that stood in the text.
    """

    text: str = ""
    thoughts: str = ""
    image_urls: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    choice: int = 0
    """Which of the answers this is a part of, where several were asked for by `n`."""

    calls_tools: bool = False
    """True where it has a part of a call of a tool, which is known at the end of the answer."""

    def __bool__(self) -> bool:
        words = self.text or self.thoughts
        return bool(words or self.image_urls or self.pictures or self.calls_tools)
