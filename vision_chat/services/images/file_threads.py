"""The threads on which stored files are read and written, so that nothing else waits for a storage."""

from collections.abc import Callable, Hashable
from typing import Final, ParamSpec, TypeVar

from vision_chat.services.files.errors import trouble_of
from vision_chat.services.sharing.person_turns import PersonTurns

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

THREADS: Final = 8
"""Nobody has more than one; they wait for an answer of the storage most of the time."""


class FileThreads(PersonTurns):
    """Runs functions that read or write files, in people's turns. Used on one event loop at a time."""

    def __init__(self) -> None:
        super().__init__("files", THREADS)

    async def run(
        self,
        person: Hashable,
        function: Callable[Arguments, Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Call a function in the person's turn. Raises ServerErrors where the storage is away, or full."""
        try:
            return await super().run(person, function, *args, **kwargs)
        except OSError as error:
            raise trouble_of(error) or error from error
