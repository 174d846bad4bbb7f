"""The process that reads schemas, one for all."""

import atexit
from pathlib import Path
from typing import Final

from vision_chat.services.child_processes.process import ChildLimits, ChildProcess

HANDLER: Final = Path(__file__).with_name("_child.py")
MEMORY_BYTES: Final = 768 * 1024 * 1024

shared = ChildProcess(HANDLER, ChildLimits(memory_bytes=MEMORY_BYTES, tries=2))
"""The one of this server process."""
atexit.register(shared.close)
