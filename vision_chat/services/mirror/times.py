"""The times of mirrored replies."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Times:
    """Times of the mirror, in seconds; tests shorten them."""

    tick: float = 0.04
    """Least interval of two entries of a reply."""
    idle_tick: float = 0.1
    """Interval of looks into the mailbox while nothing is published."""
    retry: float = 1.0
    """Pause after Redis did not answer."""
    read: float = 0.025
    """Interval of looks into the streams."""
    ask: float = 2.0
    """Interval at which a process says that it still watches a reply."""
    ask_again: float = 0.5
    """Least interval of two requests for a snapshot of the same reply."""
    interest: float = 6.0
    """Time for which a reply is published after somebody has asked."""
    look: float = 1.0
    """Interval of looks at the rows of mirrored replies."""
    linger: float = 2.0
    """Time for which a mirror stays that nobody follows."""
    kept: float = 30.0
    """Time for which a stream stays in Redis after its last entry."""
