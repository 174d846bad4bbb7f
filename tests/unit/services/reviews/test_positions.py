import random
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import F

from tests.support import factories
from vision_chat.models import Conversation
from vision_chat.services.reviews.positions import Position, position_of
from vision_chat.services.reviews.queries import with_figures

pytestmark = [pytest.mark.django_db, pytest.mark.each_database]

ORDERINGS: dict[str, list[Any]] = {
    "activity": ["-figures__last_activity", "-figures__pk"],
    "title": ["title", "pk"],
    "owner": ["-owner__username", "updated_at", "-pk"],
    "messages": ["-figures__message_count", "-figures__pk"],
    "tokens": [F("figures__token_count").asc(), "figures__pk"],
    "cost": ["-figures__usd_spent", "-figures__pk"],
    "verdict": ["figures__verdict", "-figures__usd_spent", "-figures__pk"],
}


@pytest.fixture
def made() -> list[Conversation]:
    """Of several people, with many ties in each column."""
    dice = random.Random(10)
    people = [User.objects.create_user(name) for name in ("ann", "bob", "عمر")]
    made = []
    for _ in range(14):
        stairs = factories.conversation(
            dice.choice(people), dice.choice(["A", "a", "É", "", "🦉"]), days_ago=dice.randrange(4)
        )
        for _ in range(dice.randrange(3)):
            # thirds have no end in binary: sums of them differ where they are added up in another order
            cost = dice.choice([None, Decimal("0.00033333"), Decimal("0.00066667")])
            factories.turn(stairs, usd_spent=cost, prompt_tokens=dice.choice([None, 7]))
        if dice.random() < 0.5:
            factories.review(stairs, verdict=dice.choice(["good", "harmful"]))
        made.append(stairs)
    return made


@pytest.mark.parametrize("ordering", ORDERINGS.values(), ids=ORDERINGS)
def test_each_position_is_that_of_the_list_in_this_order(
    made: list[Conversation], ordering: list[Any]
) -> None:
    listed = with_figures(Conversation.objects.all())
    ids = list(listed.order_by(*ordering).values_list("pk", flat=True))

    for conversation in made:
        place = ids.index(conversation.pk)
        assert position_of(conversation, listed, ordering) == Position(
            number=place + 1,
            total=len(ids),
            previous_id=ids[place - 1] if place else None,
            next_id=ids[place + 1] if place + 1 < len(ids) else None,
        )


@pytest.mark.parametrize("ordering", ORDERINGS.values(), ids=ORDERINGS)
def test_one_that_is_not_in_the_list_has_the_neighbours_that_it_would_have(
    made: list[Conversation], ordering: list[Any]
) -> None:
    everything = with_figures(Conversation.objects.all())
    in_list = {conversation.pk for conversation in made[::2]}
    listed = everything.filter(pk__in=in_list)
    ids = list(everything.order_by(*ordering).values_list("pk", flat=True))

    for conversation in made[1::2]:
        place = ids.index(conversation.pk)
        assert position_of(conversation, listed, ordering) == Position(
            number=None,
            total=len(in_list),
            previous_id=next((pk for pk in ids[:place][::-1] if pk in in_list), None),
            next_id=next((pk for pk in ids[place:] if pk in in_list), None),
        )


def test_an_empty_list_has_no_neighbours(made: list[Conversation]) -> None:
    listed = with_figures(Conversation.objects.none())

    assert position_of(made[0], listed, ORDERINGS["activity"]) == Position(None, 0, None, None)
