"""The long-lived objects of a process. Most of what they do is in tests/journeys."""

import re
from contextlib import AsyncExitStack
from dataclasses import fields
from typing import Any

from tests.support.paths import ROOT
from vision_chat.server.runtime import Runtime
from vision_chat.services.writer import Checker, Exports, Pages, Readers, Writer


async def test_the_threads_of_the_database_are_those_that_the_page_on_metrics_names() -> None:
    async with AsyncExitStack() as stack:
        made = Writer(), Readers(), Pages(), Checker(), Exports()
        for threads in made:
            stack.push_async_callback(threads.close)
        writer, readers, pages, checker, exports = made
        of_runtime: dict[str, Any] = {field.name: None for field in fields(Runtime)}
        of_runtime |= {"writer": writer, "readers": readers, "pages": pages, "checker": checker}
        here = Runtime(**of_runtime | {"export_threads": pages})
        on_another_server = Runtime(**of_runtime | {"export_threads": exports})

        assert here.database_threads == [writer, readers, pages, checker]
        assert on_another_server.database_threads == [writer, readers, pages, checker, exports]
    text = (ROOT / "docs" / "operating.md").read_text()
    (row,) = re.findall(r"^\| `vision_chat_database_jobs_queued` \|(.*)", text, re.MULTILINE)
    assert re.findall(r"`(\w+)`", row) == [threads.name for threads in made]
