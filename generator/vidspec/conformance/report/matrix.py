"""Many gateways by requirements as one HTML page, the worst outcome first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vidspec.conformance.events import Rule
from vidspec.conformance.report.page import page
from vidspec.conformance.report.summary import BAD, answer, figures, started
from vidspec.conformance.run import Run
from vidspec.conformance.verdicts import VERDICTS, Outcome
from vidspec.errors import UsageError

_ORDER: Final = tuple(VERDICTS)


@dataclass(frozen=True, slots=True)
class Column:
    """A gateway: one run, with what the head of its column says."""

    id: str
    run: Run
    answer: str
    figures: str
    started: str


@dataclass(frozen=True, slots=True)
class Line:
    """A requirement, and its outcome at each gateway; None where the run does not know it."""

    rule: Rule
    cells: tuple[Outcome | None, ...]

    @property
    def verdicts(self) -> tuple[str, ...]:
        """The verdicts that occur, the worst first."""
        seen = {cell.verdict for cell in self.cells if cell is not None}
        return tuple(sorted(seen, key=_ORDER.index))

    @property
    def differs(self) -> bool:
        """Whether the gateways do not all come to the same verdict."""
        return len({cell.verdict if cell else None for cell in self.cells}) > 1

    @property
    def weight(self) -> tuple[int, int, str]:
        """Sorts the worst outcome first, and among equals the one of most gateways."""
        worst = self.verdicts[0]
        often = sum(cell is not None and cell.verdict == worst for cell in self.cells)
        return _ORDER.index(worst), -often, self.rule.id


def matrix(runs: Sequence[Run]) -> str:
    """Return the page; a run that could not measure its gateway is a column without verdicts.

    Raises UsageError if there is no run.
    """
    if not runs:
        message = "a matrix needs at least one run"
        raise UsageError(message)
    columns = [
        Column(f"gateway-{number}", run, answer(run), figures(run), started(run))
        for number, run in enumerate(runs, 1)
    ]
    lines = sorted(_lines(runs), key=lambda line: line.weight)
    return page(
        "matrix.html.j2",
        columns=columns,
        lines=lines,
        levels=sorted({line.rule.level for line in lines}),
        verdicts=[v for v in VERDICTS if any(v in line.verdicts for line in lines)],
        meanings=VERDICTS,
        bad=BAD,
        title=", ".join(dict.fromkeys(run.header.dialect for run in runs)),
    )


def _lines(runs: Sequence[Run]) -> list[Line]:
    rules = {rule.id: rule for run in runs for rule in run.header.rules if not run.findings}
    tables = [
        {} if run.findings else {outcome.requirement: outcome for outcome in run.outcomes}
        for run in runs
    ]
    return [Line(rule, tuple(table.get(name) for table in tables)) for name, rule in rules.items()]
