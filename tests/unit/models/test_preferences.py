import pytest
from django.contrib.auth.models import User

from vision_chat.models import Preferences

pytestmark = pytest.mark.each_database


def test_instructions_of_are_those_of_the_person(ann: User, stranger: User) -> None:
    Preferences.objects.create(person=ann, instructions="Be brief.")

    assert Preferences.objects.instructions_of(ann) == "Be brief."
    assert Preferences.objects.instructions_of(stranger) == ""
