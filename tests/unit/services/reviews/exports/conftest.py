import pytest
from django.contrib.auth.models import User


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_user("ann")


@pytest.fixture
def reviewer(db: None) -> User:
    return User.objects.create_user("rob", is_staff=True)
