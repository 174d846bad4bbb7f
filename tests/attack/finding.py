"""One line of the table that `make attack` prints."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was measured while one attack ran, against its bar."""

    attack: str
    measured: str
    bar: str
    is_met: bool

    def cells(self) -> tuple[str, ...]:
        return (self.attack, self.measured, self.bar, "yes" if self.is_met else "**no**")


HEAD = ("attack", "measured", "bar", "met?")


def at_most(attack: str, value: float, bar: float, unit: str, *, digits: int = 2) -> Finding:
    """Return the finding for a figure that must not pass the bar."""
    return Finding(
        attack=attack,
        measured=f"{value:.{digits}f} {unit}",
        bar=f"<= {bar:g} {unit}",
        is_met=value <= bar,
    )


def joined(attack: str, *figures: Finding) -> Finding:
    """Return the line of an attack of which several figures were taken; `attack` of each names the figure."""
    return Finding(
        attack=attack,
        measured=", ".join(f"{figure.attack} {figure.measured}" for figure in figures),
        bar=", ".join(figure.bar for figure in figures),
        is_met=all(figure.is_met for figure in figures),
    )
