"""Places in a text that grows: each is found as soon as it is complete, and never changes after that."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from vision_chat.services.places import _marks, _values, _waiting
from vision_chat.services.places._objects import is_place_key, is_point_key, numbers_in, places_in
from vision_chat.services.places._words import Line, label_of
from vision_chat.services.places.place import MAX_LABEL, MAX_PLACES, Place, box
from vision_chat.services.vision.family import Frame, Places

MAX_CHARACTERS: Final = 200_000
"""Characters of an answer that are read."""
_MAX_FENCE: Final = 300
_START: Final = re.compile(rf"[\[{{(<]|`{{3,{_MAX_FENCE}}}|~{{3,{_MAX_FENCE}}}")
_OPEN_FENCE: Final = re.compile(r"(?:`{1,2}|~{1,2})\Z")
_MAX_LANGUAGE: Final = 200
_FENCE_END: Final = re.compile(rf"[^\n]{{0,{_MAX_LANGUAGE}}}\n")
_READ_FENCES: Final = frozenset(
    {"", "json", "jsonc", "json5", "jsonl", "xml", "html", "text", "txt", "plaintext"}
)
"""Languages of fences that are read: what stands in others is code."""
_MAX_LINE: Final = 300
_BIN_COUNT: Final = 4


def find_places(text: str, spec: Places) -> list[Place]:
    """Return the places of a complete text, in the order in which they end."""
    growing = GrowingPlaces(spec)
    growing.feed(text)
    growing.finish()
    return growing.found


class GrowingPlaces:
    """Reads what is fed, once. `spec` is how the model's family names places.

    Fed in whatever pieces, it finds the same. A token that has begun is read again when something has come
    that may end it, and each character is looked at once for that.
    """

    def __init__(self, spec: Places) -> None:
        self._spec = spec
        self.begin_afresh()

    def begin_afresh(self) -> None:
        """Forget all that was fed."""
        self.found: list[Place] = []
        self._unread = ""
        self._waiting_for: _waiting.Waiting | None = None
        """What the token waits for that the unread text begins with."""
        self._count = 0
        self._line = Line()
        self._stack: list[_values.Container] = []
        self._fence = ""
        self._is_code = False
        self._label = ""
        """That of the last mark that gives one."""
        self._words: str | None = None
        """Text between the marks of a label, while that is open."""
        self._frame: Frame | None = None
        """That of the marks which are open around numbers."""
        self._bins: list[float] = []
        self._patches: list[int] = []
        self._waiting: list[Place] = []
        """Places whose label comes after them."""

    @property
    def is_full(self) -> bool:
        """True where no more places are read."""
        return len(self.found) >= MAX_PLACES

    def feed(self, text: str) -> None:
        """Read more of the text."""
        room = MAX_CHARACTERS - self._count
        self._count += len(text)
        if room > 0 and not self.is_full:
            self._unread += text[:room]
            if self._waiting_for is None or self._waiting_for.is_over(self._unread):
                self._read(is_final=False)

    def finish(self) -> None:
        """Read what waited for more as the end of the text."""
        self._read(is_final=True)
        self._say("\n")
        self._flush(self._words or "")

    def _read(self, *, is_final: bool) -> None:
        text, position = self._unread, 0
        self._waiting_for = None
        while position < len(text) and not self.is_full:
            if self._is_code:
                after = self._skip_code(text, position, is_final=is_final)
            elif self._stack:
                after = self._read_value(text, position, is_final=is_final)
            else:
                after = self._read_words(text, position, is_final=is_final)
            if after is None:
                break
            position = after
        self._unread = text[position:]

    def _wait(self, rest: re.Pattern[str], limit: int, seen: int) -> None:
        self._waiting_for = _waiting.Waiting(rest, limit, seen)

    # each returns where it has read to, None where it waits for more

    def _read_words(self, text: str, position: int, *, is_final: bool) -> int | None:
        start = _START.search(text, position)
        end = start.start() if start else len(text)
        if start is None and not is_final:  # more signs may follow, which make a fence
            open_fence = _OPEN_FENCE.search(text, max(position, len(text) - 2))
            end = open_fence.start() if open_fence else end
        if end > position:
            self._say(text[position:end])
            return end
        if start is None:
            self._wait(_waiting.RUNS[text[position]], _MAX_FENCE, len(text) - position)
            return None
        match text[position]:
            case "[" | "{":
                return self._open(text[position], position)
            case "<":
                return self._read_mark(text, position, is_final=is_final)
            case "(":
                return self._read_pair(text, position, is_final=is_final)
        return self._read_fence(text, start, is_final=is_final)

    def _read_fence(self, text: str, start: re.Match[str], *, is_final: bool) -> int | None:
        signs, position = start[0], start.start()
        is_open = start.end() == len(text) and len(signs) < _MAX_FENCE
        if is_open and not is_final:
            self._wait(_waiting.RUNS[signs[0]], _MAX_FENCE, len(signs))
            return None
        end = _FENCE_END.match(text, start.end()) if self._line.is_blank else None
        if end is None:
            may_come = self._line.is_blank and len(text) - start.end() <= _MAX_LANGUAGE
            if may_come and not is_final:
                self._wait(_waiting.LINE, len(signs) + _MAX_LANGUAGE, len(text) - position)
                return None
            self._say(signs)
            return start.end()
        language = text[start.end() : end.end()].strip().lower()
        if self._fence and not language and signs.startswith(self._fence):
            self._fence = ""
        elif not self._fence:
            self._fence, self._is_code = signs, language.partition(" ")[0] not in _READ_FENCES
        self._say(text[position : end.end()])
        return end.end()

    def _skip_code(self, text: str, position: int, *, is_final: bool) -> int | None:
        newline = text.find("\n", position)
        if newline < 0 and not is_final and len(text) - position <= _MAX_LINE:
            self._wait(_waiting.LINE, _MAX_LINE, len(text) - position)
            return None
        end = len(text) if newline < 0 else newline + 1
        line = text[position:end]
        if self._line.is_blank and len(line) <= _MAX_LINE and _closes(line, self._fence):
            self._is_code, self._fence = False, ""
        self._say(line)
        return end

    def _open(self, sign: str, position: int) -> int:
        if len(self._stack) == _values.MAX_DEPTH:
            self._stack.clear()
        self._stack.append(_values.Container(is_object=sign == "{"))
        return position + 1

    def _read_value(self, text: str, position: int, *, is_final: bool) -> int | None:
        token = _values.TOKEN.match(text, position)
        is_open = token is None or _values.may_go_on(token)
        if is_open and not is_final and (token or _values.UNFINISHED.match(text, position)):
            if (string := _waiting.STRINGS.get(text[position])) is not None:
                self._wait(string, _values.MAX_STRING, 1)
                return None
            self._wait(_waiting.WORD, _values.MAX_WORD, len(text) - position)
            return None
        if token is None:
            return self._give_up(position)
        match token.lastgroup:
            case "sign":
                return self._read_sign(token[0], position)
            case "string" | "number":
                is_good = self._stack[-1].put(_values.value_of(token))
            case "word":
                is_good = self._put_word(token[0])
            case _:
                is_good = True
        return token.end() if is_good else self._give_up(position)

    def _put_word(self, word: str) -> bool:
        """Put a name without quotes, as a key, or a value such as `true`; other words are no JSON."""
        top = self._stack[-1]
        if top.is_object and top.key is None:
            return top.put(word)
        is_value = word in {"true", "false", "null", "None", "True", "False", "NaN", "Infinity", "nan", "inf"}
        return is_value and top.put(None)

    def _read_sign(self, sign: str, position: int) -> int:
        if sign in "[{":
            return self._open(sign, position)
        if sign in "]}":
            closed = self._stack.pop()
            if closed.is_object != (sign == "}"):
                return self._give_up(position)
            self._close(closed)
        return position + 1

    def _give_up(self, position: int) -> int:
        """Take what seemed to be JSON for words, and read on here."""
        self._stack.clear()
        self._line.take()
        return position

    def _close(self, closed: _values.Container) -> None:
        """Take the places of an object or a list that has ended, and give it to the one around it."""
        around = next((each for each in reversed(self._stack) if each.is_object), None)
        key = around.key if around else None
        value = closed.value
        if closed.is_object and not (self._stack and self._stack[-1].is_object and is_place_key(key)):
            found = list(places_in(closed.fields, self._spec, holds_points=is_point_key(key)))
            self._find(found)
            value = None if found else value
        elif not closed.is_object and around is None:
            self._find_bare(closed)
        if self._stack and not self._stack[-1].put(value):
            self._stack.clear()
        elif not self._stack:
            self._line.take()

    def _find_bare(self, closed: _values.Container) -> None:
        """Take a list of four numbers for a box, where the family or marks around it say so."""
        numbers = numbers_in(closed.items)
        if len(numbers) != 4 or (self._spec.frame == "unknown" and self._frame is None):
            return
        label = self._label if self._frame else self._label_here()
        found = box(numbers, y_first=self._spec.y_first and self._frame is None, label=label)
        if found is not None:
            self._find([replace(found, frame=self._frame)])

    def _label_here(self) -> str:
        """Return the label that was given by marks, else by the words before, also for a list of lists."""
        if not self._label or self._line.text.strip():
            self._label = self._line.take() or self._label
        return self._label

    def _read_pair(self, text: str, position: int, *, is_final: bool) -> int | None:
        if self._frame is None and self._spec.format != "qwen2_tokens":
            self._say("(")
            return position + 1
        pair = _marks.PAIR.match(text, position)
        if pair is None:
            if not is_final and _marks.UNFINISHED_PAIR.match(text, position):
                self._wait(_waiting.DIGITS, _marks.MAX_PAIR, len(text) - position)
                return None
            self._say("(")
            return position + 1
        label = self._label if self._frame else self._label_here()
        found = box(tuple(float(number) for number in pair.groups()), y_first=False, label=label)
        if found is not None:
            self._find([replace(found, frame=self._frame or "thousandths")])
        self._line.take()
        return pair.end()

    def _read_mark(self, text: str, position: int, *, is_final: bool) -> int | None:
        mark = _marks.MARK.match(text, position)
        if mark is None:
            if not is_final and (unfinished := _marks.UNFINISHED.match(text, position)):
                has_attributes = unfinished["attributes"] is not None
                rest = _waiting.ATTRIBUTES if has_attributes else _waiting.NAME
                self._wait(rest, _marks.MAX_MARK if has_attributes else _marks.MAX_NAME, len(unfinished[0]))
                return None
            self._say("<")
            return position + 1
        if mark["bin"]:
            self._take_bin(mark["bin"])
        elif mark["patch"]:
            self._take_patch(int(mark["patch"]))
        elif mark["points"]:
            self._take_points(mark)
        else:
            self._take_mark(mark["token"] or mark["tag"] or "")
        return mark.end()

    def _take_mark(self, name: str) -> None:
        if name in _marks.LABELS:
            self._words, self._label = "", ""
        elif name in {"/ref", "/phrase", "object_ref_end"}:
            self._label, self._words = label_of(self._words or ""), None
        elif name in _marks.FRAMES:
            self._frame = _marks.FRAMES[name]
            self._label = self._label or self._line.take()
        elif name in {"/box", "/det", "box_end"}:
            self._frame = None
        elif name == "object":
            self._patches = []
        self._line.take()

    def _take_points(self, mark: re.Match[str]) -> None:
        self._flush(self._words or "")
        if mark["points"].startswith("/"):
            return
        places, label = _marks.points_in(mark["attributes"] or "")
        if label:
            self._find([replace(place, label=label) for place in places])
        else:
            self._waiting, self._words = places, ""
        self._line.take()

    def _take_bin(self, digits: str) -> None:
        """Take a token such as `<loc0123>`: PaliGemma, y first; or `<loc_123>`: Florence, x first."""
        if self._waiting:
            self._flush(self._line.text)
        if not self._bins:
            self._label = self._line.take() or self._label
        self._bins.append(float(digits.removeprefix("_")))
        if len(self._bins) < _BIN_COUNT:
            return
        numbers, self._bins = tuple(self._bins), []
        is_florence = digits.startswith("_")
        found = box(numbers, y_first=not is_florence)
        if found is None:
            return
        if is_florence:
            self._find([replace(found, frame="thousandths", label=self._label)])
        else:
            self._label = ""
            self._waiting = [replace(found, frame="0-1024")]

    def _take_patch(self, index: int) -> None:
        """Take a cell of Kosmos-2: two are the upper left and the lower right one of a box."""
        self._patches.append(index)
        if len(self._patches) < 2:
            return
        (top, left), (bottom, right) = (divmod(each, 32) for each in self._patches)
        self._patches = []
        if left <= right < 32 and top <= bottom < 32:
            self._find([Place(left, top, right, bottom, self._label, "grid32")])

    def _say(self, words: str) -> None:
        """Read words between places."""
        if self._words is not None:
            self._words = (self._words + words)[: MAX_LABEL * 2]
        elif self._waiting:
            words = self._after_label(words)
        if words.strip():
            self._bins = []
        if "\n" in words:
            self._label = ""
        self._line.add(words)

    def _after_label(self, words: str) -> str:
        """Give a label to places that wait for it, where it ends; return the words that follow."""
        end = re.search(r"[;\n]", words)
        if end is None:
            return words
        self._line.add(words[: end.start()])
        self._flush(self._line.text)
        self._line.take()
        return words[end.start() :]

    def _flush(self, label: str) -> None:
        """Find the places that waited for this label."""
        waiting, self._waiting, self._words = self._waiting, [], None
        self._find([replace(place, label=label_of(label)) for place in waiting])

    def _find(self, places: Iterable[Place]) -> None:
        self.found += list(places)[: MAX_PLACES - len(self.found)]


def _closes(line: str, fence: str) -> bool:
    signs = line.strip()
    return len(signs) >= len(fence) and set(signs) == {fence[0]}
