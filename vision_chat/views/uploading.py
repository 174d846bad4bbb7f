"""Parts that views share which take something of a person's."""

import functools
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, Final, ParamSpec, cast

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse

from vision_chat.errors.base import ChatError
from vision_chat.errors.documents import DocumentGoneError, TooManyPasswordsError
from vision_chat.errors.images import ImageNotStoredError, TooManyUploadsError
from vision_chat.errors.server import DiskFullError, FilesUnavailableError
from vision_chat.server.runtime import Runtime, runtime_of
from vision_chat.services.database_threads import release_connection
from vision_chat.services.presentation.sentences import error_json

STATUSES: Final[dict[type[ChatError], int]] = {
    DocumentGoneError: 404,
    TooManyPasswordsError: 429,
    TooManyUploadsError: 429,
    DiskFullError: 507,
    FilesUnavailableError: 503,
}
"""The status of each error; 400 of all others."""

Arguments = ParamSpec("Arguments")
Answer = Coroutine[Any, Any, HttpResponse]
View = Callable[Concatenate[HttpRequest, Arguments], Answer]
Take = Callable[Concatenate[HttpRequest, Runtime, AbstractBaseUser, Arguments], Answer]


def for_person(take: Take[Arguments]) -> View[Arguments]:
    """Return a view for whoever is signed in, which hands on the runtime and the person.

    ChatErrors are answered as JSON.
    """

    @login_required
    @functools.wraps(take)
    async def view(
        request: HttpRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> HttpResponse:
        user = cast(AbstractBaseUser, await request.auser())
        await release_connection()
        try:
            return await _stored(take(request, runtime_of(request), user, *args, **kwargs))
        except ChatError as error:
            return JsonResponse(error_json(error), status=STATUSES.get(type(error), 400))

    return cast(View[Arguments], view)


async def _stored(answer: Answer) -> HttpResponse:
    """Return the answer. Raises ImageNotStoredError where disk or database do not take what it needs."""
    try:
        return await answer
    except (OSError, DatabaseError) as error:
        raise ImageNotStoredError(repr(error)) from error
