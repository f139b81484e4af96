"""Measured figures: beside each what it is held against, and the goal."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

PARTS = ("mock", "client", "transfer", "generate", "check", "soak")


@dataclass(frozen=True)
class Figure:
    """One measured value; ``ratio`` is against the peer named in ``against``."""

    part: str
    what: str
    #: None: it could not be measured; ``what`` says why.
    value: float | None
    unit: str
    ratio: float | None = None
    against: str = ""
    #: As ``>= 0.6`` (of the ratio if there is one, else of the value); empty: none.
    goal: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached, None without one."""
        if not self.goal:
            return None
        sign, _, bound = self.goal.partition(" ")
        value = self.value if self.ratio is None else self.ratio
        if value is None:
            return False
        return value >= float(bound) if sign == ">=" else value <= float(bound)


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as a table for a terminal."""
    rows = [("part", "what", "value", "unit", "ratio", "against", "goal", "")]
    rows += [
        (
            f.part, f.what, _number(f.value), f.unit,
            "" if f.ratio is None else f"{f.ratio:.2f}", f.against, f.goal,
            "" if f.met is None else "ok" if f.met else "MISSED",
        )
        for f in figures
    ]  # fmt: skip
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.4g}" if value < 1000 else f"{value:,.0f}"


def as_json(figures: Iterable[Figure]) -> str:
    """Return the figures as JSON."""
    return json.dumps([asdict(f) | {"met": f.met} for f in figures], indent=1)
