"""Lines of the table that are no bar of seconds."""

from tests.attack.finding import Finding


def exactly(what: str, value: int, bar: int) -> Finding:
    return Finding(attack=what, measured=f"{value}", bar=f"{bar}", is_met=value == bar)


def said(what: str, measured: str) -> Finding:
    """Return what is told without a bar."""
    return Finding(attack=what, measured=measured, bar="–", is_met=True)
