"""The report as one HTML file that needs nothing else."""

from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from vidspec.conformance.report.summary import BAD, answer, figures, rows, started
from vidspec.conformance.run import Run
from vidspec.conformance.verdicts import VERDICTS

_TEMPLATE: Final = "report.html.j2"


def html(run: Run) -> str:
    """Return the page. Everything that comes from the gateway is escaped; no script, no outside address."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    bad = sorted((o for o in run.outcomes if o.verdict in BAD), key=lambda o: BAD.index(o.verdict))
    return environment.get_template(_TEMPLATE).render(
        run=run,
        header=run.header,
        rules=run.rules,
        answer=answer(run),
        figures=figures(run),
        started=started(run),
        rows=rows(run),
        bad=bad,
        meanings=VERDICTS,
        counts=run.counts(),
        timelines=_timelines(run),
    )


def _timelines(run: Run) -> dict[str, list[tuple[float, str, float | None]]]:
    """Return job → ``(seconds since the start, status word, progress)`` for each change."""
    lines: dict[str, list[tuple[float, str, float | None]]] = {}
    for seen in run.jobs:
        name = f"{seen.job} job {seen.id}"
        lines.setdefault(name, []).append((seen.at, seen.word, seen.progress))
    return lines
