"""The names of verdicts, as every page of the admin writes them."""

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from vision_chat.models import Review

NOT_REVIEWED = _("Not reviewed")
CHOICES: list[tuple[str, Any]] = [(verdict.value, capfirst(verdict.label)) for verdict in Review.Verdict]
"""Values with names, for forms and filters."""


def verdict_name(verdict: str) -> str:
    """Return the name of a verdict; "" stands for no review. Those of other rubrics are their own names."""
    return str(dict(CHOICES).get(verdict, verdict)) if verdict else str(NOT_REVIEWED)
