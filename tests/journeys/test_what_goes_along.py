"""Over turns, switches and models: the endpoint receives what the chips and the record say."""

import colorsys
import re
import uuid
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from typing import Any, Final, Literal

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.support.client import Browser, Socket
from tests.support.models_of_sites import endpoint, language_model
from tests.support.replies import generation
from tests.support.sample_images import encoded
from vision_chat.models import Message

COLOURS: Final = [
    tuple(round(255 * share) for share in colorsys.hsv_to_rgb(hue / 6, 1, value))
    for hue in range(6)
    for value in (1.0, 0.5)
][:4]
"""One for each picture, far from each other and from what is drawn around them."""
MAX_EXAMPLES: Final = 12
TOLERANCE: Final = 40
LEAST_SHARE: Final = 0.02
"""Of the pixels of a copy: less is an outline, or lies between two colours."""
ONE_AT_A_TIME: Final = "fake/llama-3.2-90b-vision"
MODELS: Final[Mapping[str, Mapping[str, object]]] = {
    ONE_AT_A_TIME: {},
    "fake/vision": {"max_images": 3},
    "fake/crowded": {"context_tokens": 1200},
    "fake/text": {"max_images": 0},
}

Inclusion = Literal["always", "never"]
numbers = st.integers(0, len(COLOURS) - 1)
ways = st.sampled_from(["fit", "fit", "low", "fine", "region"])
inclusions: st.SearchStrategy[Inclusion] = st.sampled_from(["always", "never"])


@dataclass(frozen=True)
class Ask:
    """Ask a question, or edit one of those that were asked."""

    pictures: Mapping[int, str]
    has_canvas: bool
    inclusions: Mapping[int, Inclusion]
    edits: int | None = None


@dataclass(frozen=True)
class Regenerate:
    turn: int


@dataclass(frozen=True)
class Switch:
    """Go on with another model."""

    model_name: str


@dataclass(frozen=True)
class ForGood:
    picture: int
    inclusion: Literal["rule", "always", "never"]


models = st.sampled_from([ONE_AT_A_TIME, *MODELS])
asks = st.builds(
    Ask,
    pictures=st.dictionaries(numbers, ways, max_size=3),
    has_canvas=st.booleans(),
    inclusions=st.dictionaries(numbers, inclusions, max_size=2),
    edits=st.none() | st.none() | st.integers(0, 3),
)
switches = st.builds(Switch, models)
choices_for_good = st.builds(ForGood, numbers, st.sampled_from(["rule", "always", "always", "never"]))
rounds = st.tuples(
    st.none() | switches,
    st.none() | choices_for_good,
    asks | asks | asks | st.builds(Regenerate, st.integers(0, 3)),
)
steps = st.lists(rounds, min_size=3, max_size=6).map(
    lambda taken: [step for each in taken for step in each if step is not None]
)

SHOWN_TWICE: Final = (
    Switch(ONE_AT_A_TIME),
    Ask({0: "fit"}, has_canvas=False, inclusions={}),
    ForGood(0, "always"),
    Ask({0: "fit", 1: "fit"}, has_canvas=False, inclusions={}),
    Ask({}, has_canvas=False, inclusions={}),
)
"""Of a picture that two messages show the older one is wanted, and goes before the newer."""


@dataclass
class Site:
    """What all conversations share: pictures by number, and models by name."""

    browser: Browser
    socket: Socket
    image_ids: Sequence[str]
    model_ids: Mapping[str, int]

    @classmethod
    def of(cls, browser: Browser) -> "Site":
        fake = endpoint("The fake", browser.server.fake.base_url)
        ids = {name: language_model(name, fake, **values).pk for name, values in MODELS.items()}
        pictures = [encoded(Image.new("RGB", (320, 240), colour), "PNG") for colour in COLOURS]
        images = [str(browser.upload(data, "colour.png").json()["id"]) for data in pictures]
        return cls(browser, browser.socket(), images, ids)

    def seen_in(self, data: bytes) -> set[str]:
        """Return which pictures a copy shows, by its colours."""
        pixels = Image.open(BytesIO(data)).convert("RGB").resize((48, 48), Image.Resampling.NEAREST)
        counts = [0] * len(COLOURS)
        for count, pixel in pixels.getcolors(48 * 48) or []:
            for number, colour in enumerate(COLOURS):
                if isinstance(pixel, tuple) and _are_alike(pixel, colour):
                    counts[number] += count
        least = LEAST_SHARE * 48 * 48
        return {self.image_ids[number] for number, count in enumerate(counts) if count > least}


def _are_alike(pixel: Sequence[float], colour: Sequence[float]) -> bool:
    return all(abs(one - other) <= TOLERANCE for one, other in zip(pixel, colour, strict=True))


@dataclass
class Chat:
    """One conversation; each question is checked against the preview before it."""

    site: Site
    conversation: str = field(default_factory=lambda: str(uuid.uuid4()))
    questions: list[str] = field(default_factory=list)
    """Their ids."""

    def take(self, step: Ask | Regenerate | Switch | ForGood) -> None:
        match step:
            case Ask():
                self._ask(step)
            case Regenerate() if self.questions:
                message_id = self.questions[step.turn % len(self.questions)]
                self._send("turn.regenerate", message_id=message_id)
            case Switch():
                values = {"language_model_id": self.site.model_ids[step.model_name]}
                response = self.site.browser.post(f"/c/{self.conversation}/settings/", json=values)
                assert response.status_code == 200
            case ForGood():
                image_id = self.site.image_ids[step.picture]
                path = f"/c/{self.conversation}/images/{image_id}/inclusion/"
                response = self.site.browser.post(path, json={"included": step.inclusion})
                assert response.status_code in {204, 404}  # no message shows it

    def _ask(self, step: Ask) -> None:
        question = {
            "text": "What is this?",
            "image_ids": [self.site.image_ids[number] for number in step.pictures],
            "choices": {
                "attachments": [self._attachment(number, way) for number, way in step.pictures.items()],
                "has_canvas": step.has_canvas,
                "earlier_images": {
                    self.site.image_ids[number]: inclusion for number, inclusion in step.inclusions.items()
                },
            },
        }
        if step.edits is not None and self.questions:
            message_id = self.questions[step.edits % len(self.questions)]
            self._send("turn.edit", message_id=message_id, **question)
            return
        included = self._included(question)
        assert self._send("turn.submit", conversation_id=self.conversation, **question) == included

    def _attachment(self, number: int, way: str) -> dict[str, Any]:
        choice: dict[str, Any] = {"image_id": self.site.image_ids[number]}
        if way == "region":
            letter = "ABCDEFG"[number]
            return choice | {"regions": [{"letter": letter, "x": 0.2, "y": 0.2, "width": 0.4, "height": 0.4}]}
        return choice | {"detail": way}

    def _included(self, question: Mapping[str, Any]) -> set[str]:
        """Return the pictures that have `data-included=true`: those without a reason against it."""
        socket = self.site.socket
        socket.send("turn.preview", conversation_id=self.conversation, **question)
        left_out = socket.wait_for("turn.previewed")["left_out"]
        assert set(question["image_ids"]) <= set(left_out)
        return {image_id for image_id, reason in left_out.items() if not reason}

    def _send(self, kind: str, **fields: Any) -> set[str]:
        """Return the pictures that the endpoint got, which are those of the record."""
        socket, fake = self.site.socket, self.site.browser.server.fake
        before = len(fake.calls)
        socket.send(kind, client_id=str(uuid.uuid4()), **fields)
        reply = socket.reply_id()
        socket.wait_for("reply.settled", message_id=reply)
        written = generation(reply)
        question_id = str(Message.objects.values_list("parent", flat=True).get(pk=reply))
        if question_id not in self.questions:
            self.questions.append(question_id)
        if len(fake.calls) == before:
            assert written.error_code == "endpoint.no_images"
            return set()
        received = _images_in(fake.calls[-1].body)
        recorded = [
            (image["sha256"], {place["image_id"] for place in image["shows"]})
            for entry in written.completion.request
            for image in entry.get("images", ())
        ]
        assert recorded == [(sha256(data).hexdigest(), self.site.seen_in(data)) for data in received]
        return set().union(*(shown for _, shown in recorded))


def _images_in(body: Mapping[str, Any]) -> list[bytes]:
    contents = [message["content"] for message in body["messages"]]
    parts = [part for content in contents if not isinstance(content, str) for part in content]
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    return [b64decode(re.sub("^data:[^,]+,", "", url)) for url in urls]


def test_the_endpoint_receives_what_the_chips_say(browser: Browser) -> None:
    site = Site.of(browser)

    @settings(max_examples=MAX_EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
    @given(steps)
    @example(SHOWN_TWICE)
    def holds(taken: Sequence[Ask | Regenerate | Switch | ForGood]) -> None:
        chat = Chat(site)
        for step in taken:
            chat.take(step)

    holds()
