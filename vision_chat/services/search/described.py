"""Images by the words of their names and alternative texts, which are read through for one person."""

from collections.abc import Sequence
from functools import reduce

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet

from vision_chat.models import ImageWords
from vision_chat.services.search.fold import Term


def described(user: AbstractBaseUser, sought: Sequence[Term]) -> QuerySet[ImageWords]:
    """Return the words of the person's images that have these terms in name or alternative text."""
    return reduce(_having, sought, ImageWords.objects.filter(owner=user.pk))


def _having(rows: QuerySet[ImageWords], term: Term) -> QuerySet[ImageWords]:
    return rows.filter(tokens__contains=f" {term.token}" if term.is_prefix else f" {term.token} ")
