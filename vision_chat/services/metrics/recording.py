"""The beginning of recording in a process: from then on the instruments have metrics."""

import os
from pathlib import Path
from typing import Final

from vision_chat.services.metrics import measured

VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Read by prometheus_client while it is imported."""


def name(folder: Path | None) -> None:
    """Name the folder of the values for this process and those that it starts.

    Called before prometheus_client is imported.
    """
    os.environ.pop(VARIABLE, None)
    if folder is not None:
        os.environ[VARIABLE] = str(folder)


def record() -> None:
    """Keep the values of this process in files of the folder that it or its parent has named, if they have.

    All processes of a server share it. Where it is missing it is made. Raises OSError.
    """
    folder = os.environ.get(VARIABLE)
    if not folder:
        return
    Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    from vision_chat.services.metrics._prometheus import metric_of  # noqa: PLC0415 - once its folder is named

    metrics = [metric_of(instrument) for instrument in measured.ALL]
    for instrument, metric in zip(measured.ALL, metrics, strict=True):
        instrument.metric = metric


def is_on() -> bool:
    """Tell whether this process records."""
    return measured.PROCESSES.metric is not None
