"""Live progress of a check, on stderr."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from vidspec.conformance import Event


class _Tally:
    """What the line says: requests, failed checks, and the job that is waited for."""

    def __init__(self) -> None:
        self.requests, self.failed, self.job = 0, 0, ""

    def __str__(self) -> str:
        return f"{self.requests} requests, {self.failed} failed checks{self.job}"


@contextmanager
def live() -> Iterator[Callable[["Event"], None]]:
    """Show scenarios, requests and failures as they happen; gives what takes each event."""
    from vidspec.conformance.events import JobSeen, Judged, Sent, Started

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[note]}", markup=False),
        TimeElapsedColumn(),
    )
    tally = _Tally()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("looking", total=None, note="")

        def take(event: "Event") -> None:
            if isinstance(event, Started):
                done = event.number - 1
                progress.update(task, description=event.scenario, total=event.total, completed=done)
            elif isinstance(event, Sent):
                tally.requests += 1
            elif isinstance(event, Judged) and not event.ok:
                tally.failed += 1
            elif isinstance(event, JobSeen):
                percent = "" if event.progress is None else f" {event.progress:.0f} %"
                tally.job = f", job {event.state}{percent}"
            progress.update(task, note=str(tally))

        yield take
