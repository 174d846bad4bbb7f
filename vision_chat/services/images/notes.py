"""Remarks about an upload that was not taken quite as it came: codes, which pages turn into sentences."""

from enum import StrEnum


class ImageNote(StrEnum):
    """A remark. The values are stored."""

    REDUCED = "reduced"
    """Kept smaller than it came, because decoding it whole would need too much memory."""
    CUT_OFF = "cut_off"
    """The end of the file is missing; little of the image is."""
    TOO_LONG_TO_READ = "too_long_to_read"
    """So long that the model's copy of it is much smaller, as of a page that was captured whole."""
    RAW_PREVIEW = "raw_preview"
    """The preview that a camera put into its raw file."""
    FIRST_PAGE = "first_page"
    FIRST_FRAME = "first_frame"
