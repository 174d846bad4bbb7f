"""The text of a reply while it is read."""


class ReplyText:
    """The text of a reply so far, in whole characters.

    A text of more than `max_length` is not kept: no event that repeats it is so long.
    """

    def __init__(self, max_length: int) -> None:
        self._max_length = max_length
        self.has_words = False
        self._parts: list[str] = []
        self._length = 0
        self._half = ""  # the first half of a surrogate pair

    def add(self, text: str) -> str:
        """Add text, and return it without halves of surrogate pairs: a first half waits for the second."""
        if not text:
            return ""
        if self._half or not text.isascii():
            text, self._half = self._half + text, ""
            if "\ud800" <= text[-1:] <= "\udbff":
                text, self._half = text[:-1], text[-1]
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        self._parts.append(text)
        self._length += len(text)
        if self._length > self._max_length:
            self._parts.clear()
        self.has_words = self.has_words or not (text.isspace() or not text)
        return text

    def add_rest(self, whole: str) -> str:
        """Add the end of a whole text, where it begins with the text so far."""
        return self.add(whole[self._length :]) if self._begins(whole) else ""

    def add_other(self, text: str) -> str:
        """Add a text that is not the text so far."""
        return "" if len(text) == self._length and self._begins(text) else self.add(text)

    def _begins(self, whole: str) -> bool:
        """Tell whether `whole` begins with the text so far."""
        if len(whole) < self._length:
            return False
        self._parts = ["".join(self._parts)]
        return whole.startswith(self._parts[0])
