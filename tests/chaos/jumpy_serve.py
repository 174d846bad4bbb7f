"""Serve as `manage.py serve` does, in a process whose clock libfaketime sets.

That leaves the monotonic clock alone, as a clock that jumps does, but refuses every `time.sleep`: of Python
itself, which counts from the monotonic clock it believes to be set too. So that is done by another call.
"""

import os
import select
import sys
import time
from typing import SupportsIndex

from django.core.management import execute_from_command_line


def sleep(seconds: float | SupportsIndex) -> None:
    select.select((), (), (), float(seconds))


if __name__ == "__main__":
    time.sleep = sleep  # before anything imports it by name
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    execute_from_command_line(["manage.py", "serve", *sys.argv[1:]])
