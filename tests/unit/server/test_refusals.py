import errno

import pytest
from django.db.utils import DataError, InterfaceError, OperationalError

from vision_chat.errors.base import ChatError
from vision_chat.errors.server import BusyError, DatabaseUnavailableError, DiskFullError
from vision_chat.server.refusals import meaning_of, refusal


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), DiskFullError),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), DiskFullError),
        (OperationalError("database or disk is full"), DiskFullError),
        (OperationalError('could not extend file "base/1": No space left on device'), DiskFullError),
        (OperationalError("database is locked"), DatabaseUnavailableError),
        (OperationalError("unable to open database file"), DatabaseUnavailableError),
        (OperationalError("couldn't get a connection after 10.00 sec"), DatabaseUnavailableError),
        (OperationalError("FATAL: sorry, too many clients already"), DatabaseUnavailableError),
        (InterfaceError("connection already closed"), DatabaseUnavailableError),
        (OperationalError("no such table: auth_user"), type(None)),
        (FileNotFoundError(errno.ENOENT, "No such file"), type(None)),
        (DataError("value too long"), type(None)),
        (AttributeError("a bug"), type(None)),
        (None, type(None)),
    ],
)
def test_what_an_exception_means(error: BaseException | None, meaning: type[object]) -> None:
    assert type(meaning_of(error)) is meaning


@pytest.mark.parametrize(
    ("error", "status"), [(BusyError(), 503), (DatabaseUnavailableError(), 503), (DiskFullError(), 507)]
)
def test_a_page_and_json_say_the_same_sentence(error: ChatError, status: int) -> None:
    page = refusal(error, "text/html,*/*;q=0.8")
    script = refusal(error, "*/*")

    assert page.status_code == script.status_code == status
    assert error.message in page.content.decode().replace("&#x27;", "'")
    assert error.message in script.content.decode().encode().decode("unicode_escape")
    assert page.headers.get("Retry-After") == script.headers.get("Retry-After")
    assert ("Retry-After" in page.headers) is (status == 503)
