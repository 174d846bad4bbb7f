"""What is known of an endpoint: by address and model, for a week where it was learned."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone

from tests.support.use_cases import SETTINGS, ask, begin, finish
from vision_chat.models import Habit
from vision_chat.services.completions.habits import Habit as Known
from vision_chat.services.completions.habits import HabitKind, Takes
from vision_chat.services.conversations.continue_reply import continue_reply
from vision_chat.services.conversations.regenerate import regenerate

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.each_database]

ADDRESS, MODEL = SETTINGS.endpoint.address, SETTINGS.endpoint.model_name
BLIND = Known(HabitKind.IMAGES, "0", "does not support image input")
RIGHT = {Takes.NOTHING: [""], Takes.NUMBER: ["16", "8192"], Takes.NAME: ["seed"]}
NO_VALUES = {Takes.NOTHING: ["1", "abc"], Takes.NUMBER: ["", "abc", "-5", "1.5", "²", "٣"], Takes.NAME: [""]}
WRONG = [
    *((kind, value) for kind in HabitKind for value in NO_VALUES[kind.takes]),
    *((kind, str(kind.least - 1)) for kind in HabitKind if kind.takes is Takes.NUMBER),
]


def known(address: str = ADDRESS, model_name: str = MODEL) -> list[tuple[str, str]]:
    return [(str(habit.kind), habit.value) for habit in Habit.objects.known(address, model_name)]


def age(days: float) -> None:
    Habit.objects.update(learned_at=timezone.now() - timedelta(days=days))


def test_a_habit_belongs_to_one_address_and_one_model() -> None:
    Habit.objects.learn(ADDRESS, MODEL, [BLIND])

    assert known() == [("images", "0")]
    assert known(address="http://another/v1") == []
    assert known(model_name="another/model") == []


def test_a_habit_that_was_learned_is_tried_afresh_after_a_week() -> None:
    Habit.objects.learn(ADDRESS, MODEL, [BLIND])
    age(days=6.9)
    assert known() == [("images", "0")]
    age(days=7.1)
    assert known() == []


def test_a_habit_that_was_set_by_hand_stays() -> None:
    Habit.objects.create(endpoint=ADDRESS, model_name=MODEL, kind="images", value="1", is_set_by_hand=True)
    age(days=100)
    assert known() == [("images", "1")]


def test_a_number_takes_the_place_of_the_one_before_and_parameters_add_up() -> None:
    for value in ("5", "2"):
        Habit.objects.learn(ADDRESS, MODEL, [Known(HabitKind.IMAGES, value)])
    for value in ("seed", "top_k", "seed"):
        Habit.objects.learn(ADDRESS, MODEL, [Known(HabitKind.PARAMETER, value)])

    assert sorted(known()) == [("images", "2"), ("parameter", "seed"), ("parameter", "top_k")]


def test_words_are_kept_as_far_as_there_is_room() -> None:
    Habit.objects.learn(ADDRESS, MODEL, [Known(HabitKind.SYSTEM, "", "x" * 9000)])
    assert len(Habit.objects.get().words) == 300


@pytest.mark.parametrize("kind", HabitKind)
def test_a_habit_of_any_kind_is_learned_twice_without_a_second_row(kind: HabitKind) -> None:
    for value in (RIGHT[kind.takes][0], RIGHT[kind.takes][-1]):
        Habit.objects.learn(ADDRESS, MODEL, [Known(kind, value)])

    assert known() == [(kind, RIGHT[kind.takes][-1])]


@pytest.mark.parametrize("kind", HabitKind)
def test_a_value_by_hand_that_suits_its_kind_is_taken(kind: HabitKind) -> None:
    for value in RIGHT[kind.takes]:
        habit = Habit(endpoint=ADDRESS, model_name=MODEL, kind=kind, value=value)
        habit.full_clean()
        assert str(habit).startswith(MODEL)


@pytest.mark.parametrize(("kind", "value"), WRONG)
def test_a_value_by_hand_that_does_not_suit_its_kind_is_refused(kind: HabitKind, value: str) -> None:
    with pytest.raises(ValidationError, match="This habit") as refused:
        Habit(endpoint=ADDRESS, model_name=MODEL, kind=kind, value=value).full_clean()
    assert set(refused.value.error_dict) == {"value"}


@pytest.mark.parametrize(("kind", "value"), [*WRONG, ("of_a_later_version", "1")])
def test_a_turn_goes_on_with_a_wrong_stored_value(ann: User, kind: str, value: str) -> None:
    Habit.objects.create(endpoint=ADDRESS, model_name=MODEL, kind=kind, value=value, is_set_by_hand=True)
    Habit.objects.learn(ADDRESS, MODEL, [BLIND])

    assert ask(ann).settings.endpoint.habits.known == (BLIND,)


def test_every_way_to_begin_a_reply_knows_the_habits(ann: User) -> None:
    Habit.objects.learn(
        ADDRESS, MODEL, [Known(HabitKind.CONTEXT, "4096"), Known(HabitKind.PARAMETER, "seed")]
    )
    asked = ask(ann)
    finish(asked)
    again = begin(ann, regenerate, str(asked.reply.pk))
    finish(again)
    continued = begin(ann, continue_reply, str(again.reply.pk))

    for turn in (asked, again, continued):
        assert turn.settings.endpoint.rules.context_tokens == 4096
        assert turn.settings.endpoint.habits.fields({"seed": 1, "top_k": 2}) == {"top_k": 2}
