"""The names of verdicts, as every page of the admin writes them."""

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from vision_chat.models import Review

NOT_REVIEWED = _("Not reviewed")
CHOICES: list[tuple[str, Any]] = [(verdict.value, capfirst(verdict.label)) for verdict in Review.Verdict]
"""Values with names, for forms and filters."""


def verdict_name(verdict: str | None) -> str:
    """Return the name of a verdict; None stands for no review."""
    return str(NOT_REVIEWED if verdict is None else dict(CHOICES)[verdict])
