"""The parts of a process that write replies."""

from dataclasses import dataclass

from vision_chat.services.completions.catalogue import Catalogue
from vision_chat.services.completions.client import CompletionClient
from vision_chat.services.completions.timeouts import Timeouts
from vision_chat.services.images.worker import ImageWorker
from vision_chat.services.writer import Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """The parts that every reply of a process shares."""

    writer: Writer
    client: CompletionClient
    catalogue: Catalogue
    images: ImageWorker
    timeouts: Timeouts
