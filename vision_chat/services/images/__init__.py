"""A picture somebody sent -> validated, upright, without metadata, in the sizes that are needed.

    file ── decoding ── colour ──┬── original    full size, for zooming in
                                 └── model copy ── thumbnail

No Django here, and Pillow nowhere else. `process` blocks and needs memory: a server calls it through
`PictureWorker`.
"""

from vision_chat.services.images.codecs import check_codecs
from vision_chat.services.images.encoding import Rendition
from vision_chat.services.images.limits import Limits, check_bytes, image_tiles, image_tokens
from vision_chat.services.images.processing import Processed, process
from vision_chat.services.images.worker import PictureWorker

__all__ = [
    "Limits",
    "PictureWorker",
    "Processed",
    "Rendition",
    "check_bytes",
    "check_codecs",
    "image_tiles",
    "image_tokens",
    "process",
]
