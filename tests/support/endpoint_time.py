"""The time of endpoints in trouble: their rows go by the database's clock, which no test can put forward."""

from datetime import timedelta

from django.db.models import F

from vision_chat.models import EndpointState

TIMES = ("paused_until", "next_start", "failed_at", "open_until", "probe_until", "changed_at")


def let_pass(seconds: float) -> None:
    """Let so much time have passed for all rows."""
    span = timedelta(seconds=seconds)
    EndpointState.objects.update(**{name: F(name) - span for name in TIMES})
