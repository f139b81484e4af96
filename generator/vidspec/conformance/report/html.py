"""The report of one run as one HTML file that needs nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from vidspec.conformance.events import JobSeen
from vidspec.conformance.report.page import page
from vidspec.conformance.report.summary import BAD, answer, figures, rows, started, telling
from vidspec.conformance.run import Run
from vidspec.conformance.verdicts import VERDICTS

#: The width of a timeline, in its own units.
_WIDTH: Final = 1000
_STATES: Final = {"queued", "in_progress", "completed", "failed", "cancelled", "expired"}


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of a job's life in one state; ``x`` and ``width`` in thousandths of the run."""

    state: str
    x: float
    width: float
    title: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """What was seen of one job, and when."""

    name: str
    bars: tuple[Bar, ...]

    @property
    def words(self) -> str:
        """The line for those who do not see it."""
        return ", ".join(bar.title for bar in self.bars)


def html(run: Run) -> str:
    """Return the page. Everything that comes from the gateway is escaped; no outside address is asked."""
    return page(
        "report.html.j2",
        run=run,
        header=run.header,
        rules=run.rules,
        levels=sorted({rule.level for rule in run.header.rules}),
        answer=answer(run),
        figures=figures(run),
        started=started(run),
        rows=rows(run),
        telling=telling,
        bad=[]
        if run.findings
        else sorted(
            (o for o in run.outcomes if o.verdict in BAD), key=lambda o: BAD.index(o.verdict)
        ),
        bad_verdicts=BAD,
        meanings=VERDICTS,
        counts={verdict: run.counts().get(verdict, 0) for verdict in VERDICTS},
        timelines=timelines(run),
    )


def timelines(run: Run) -> tuple[Timeline, ...]:
    """Return a line for each job, all to one scale: that of the whole run."""
    lives: dict[str, list[JobSeen]] = {}
    for seen in run.jobs:
        lives.setdefault(f"{seen.job} job {seen.id}", []).append(seen)
    end = max([run.footer.seconds, *(seen.at for seen in run.jobs)], default=0.0) or 1.0
    return tuple(Timeline(name, _bars(life, end)) for name, life in lives.items())


def _bars(life: Sequence[JobSeen], end: float) -> tuple[Bar, ...]:
    # The state that was seen last is drawn to the end of the run.
    until = [after.at for _, after in pairwise(life)] + [end]
    return tuple(
        Bar(
            seen.state if seen.state in _STATES else "other",
            round(_WIDTH * seen.at / end, 1),
            max(2.0, round(_WIDTH * (stop - seen.at) / end, 1)),
            _title(seen),
        )
        for seen, stop in zip(life, until, strict=True)
    )


def _title(seen: JobSeen) -> str:
    progress = "" if seen.progress is None else f" {seen.progress:.0f} %"
    return f"{seen.word}{progress} at {seen.at:.2f} s"
