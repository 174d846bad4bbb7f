"""Places that a running reply names: each is sent once, as soon as it is complete."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.fake_scenarios import say
from tests.support.live_stage import Stage, Watcher
from tests.support.run_stage import RunStage, run_stage
from tests.support.use_cases import ask
from vision_chat.events import Event, ReplyPlaces
from vision_chat.models import Preferences
from vision_chat.services.places.copies import copies_of
from vision_chat.services.places.mapping import Sight
from vision_chat.services.places.place import Place
from vision_chat.services.replies._live_places import LivePlaces
from vision_chat.services.replies.history import Cursor
from vision_chat.services.replies.live import LiveReply
from vision_chat.services.vision.family import Places, family_of

QWEN = family_of("qwen3-vl").places
SIGHT = Sight(
    copies=copies_of([{"images": [{"image_id": "a", "width": 100, "height": 100}]}]), frame="thousandths"
)
BOX = '{"bbox_2d": [100, 200, 300, %d]}'


def labels(places: Sequence[Place], sight: Sight, first: int) -> list[str]:
    return [f"<li>{place.bottom:g}" for place in places if sight.draw(place)][first:]


class PlacesStage(Stage):
    """A stage whose reply names places."""

    def __init__(self, spec: Places = QWEN) -> None:
        super().__init__(places=LivePlaces(spec, labels))

    def know(self) -> None:
        assert self.reply.places is not None
        self.reply.places.know(SIGHT)


class ListModel:
    """The list of a page that does what docs/protocol.md says."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher

    @property
    def frames(self) -> list[dict[str, Any]]:
        return [frame for frame in self._watcher.frames if frame["type"] == "reply.places"]

    @property
    def items(self) -> list[str]:
        items: list[str] = []
        for frame in self.frames:
            items[frame["first"] :] = frame["html"].split("<li>")[1:]
        return items


async def test_each_place_travels_once_as_soon_as_it_is_complete() -> None:
    stage = PlacesStage()
    stage.know()
    watcher = await stage.watch()
    page = ListModel(watcher)
    await stage.say(BOX % 400, ', {"bbox_2d": [100, 200,')
    assert page.frames == [{"type": "reply.places", "message_id": "7", "first": 0, "html": "<li>400"}]
    await stage.say(" 300, 500]}")
    assert page.frames[1:] == [{"type": "reply.places", "message_id": "7", "first": 1, "html": "<li>500"}]
    late = ListModel(await stage.watch(""))
    assert late.items == page.items == ["400", "500"]
    await watcher.come_back()
    assert page.items == ["400", "500"]
    await stage.settle()
    assert watcher.frames[-1]["type"] == "reply.settled"
    assert len(page.frames) == 3


async def test_an_answer_that_turns_out_to_be_thoughts_takes_its_places_back() -> None:
    stage = PlacesStage()
    stage.know()
    page = ListModel(await stage.watch())
    await stage.say(BOX % 400, ", ", BOX % 500)
    assert page.items == ["400", "500"]
    await stage.say("\n</think>\n", BOX % 400, ", ", BOX % 600)
    assert page.items == ["400", "600"]
    await stage.settle()


async def test_thoughts_have_no_places() -> None:
    stage = PlacesStage()
    stage.know()
    page = ListModel(await stage.watch())
    stage.reply.append("", BOX % 300)
    await stage.say(BOX % 400)
    await stage.settle()
    assert page.items == ["400"]


async def test_nothing_is_sent_before_it_is_known_what_the_model_sees() -> None:
    stage = PlacesStage()
    page = ListModel(await stage.watch())
    await stage.say(BOX % 400)
    assert page.frames == []
    stage.know()
    await stage.say(" and")
    assert page.items == ["400"]
    await stage.settle()


async def test_a_label_that_ends_with_the_answer_comes_with_its_end() -> None:
    stage = PlacesStage(family_of("paligemma").places)
    stage.know()
    watcher = await stage.watch()
    page = ListModel(watcher)
    await stage.say("<loc0100><loc0200><loc0300><loc0400> kettle")
    assert page.frames == []
    await stage.settle()
    assert page.items == ["300"]
    assert [frame["type"] for frame in watcher.frames[-2:]] == ["reply.places", "reply.settled"]


@pytest.fixture
def stage(transactional_db: None) -> Iterator[RunStage]:
    with run_stage() as stage:
        yield stage


def followed(stage: RunStage, live: LiveReply) -> list[ReplyPlaces]:
    events: list[Event] = []

    async def send(event: Event) -> None:
        events.append(event)

    stage.run(live.follow(Cursor(), send))
    return [event for event in events if isinstance(event, ReplyPlaces)]


def test_a_run_draws_by_the_frame_that_the_person_has_chosen_for_the_model(
    stage: RunStage, ann: User
) -> None:
    image = factories.image(ann)
    Preferences.objects.create(person=ann, frames={"some/model": "thousandths"})
    turn = ask(ann, image_ids=[image.pk])
    (event,) = followed(stage, stage.start(turn, say(BOX % 400)))
    assert f'data-image-id="{image.pk}"' in event.html
    assert 'data-y="0.200000"' in event.html


def test_a_run_draws_nothing_where_the_frame_is_not_known(stage: RunStage, ann: User) -> None:
    turn = ask(ann, image_ids=[factories.image(ann).pk])
    assert followed(stage, stage.start(turn, say(BOX % 400))) == []
