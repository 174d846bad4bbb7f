"""The beginning of recording in a process: from then on the instruments have metrics."""

import os
from pathlib import Path
from typing import Final

from vision_chat.services.metrics import measured

VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Read by prometheus_client while it is imported."""


def name(folder: Path) -> None:
    """Name the folder of the values, before prometheus_client is imported."""
    os.environ[VARIABLE] = str(folder)


def record(folder: Path) -> None:
    """Keep the values of this process in files of the folder, which all processes of a server share."""
    name(folder)
    from vision_chat.services.metrics._prometheus import metric_of  # noqa: PLC0415 - once its folder is named

    for instrument in measured.ALL:
        instrument.metric = metric_of(instrument)


def is_on() -> bool:
    """Tell whether this process records."""
    return measured.PROCESSES.metric is not None
