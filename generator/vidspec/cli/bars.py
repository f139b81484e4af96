"""A progress bar for a job and for its download, on stderr."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


class Seen(Protocol):
    """What the bar reads of a job."""

    @property
    def state(self) -> str:
        """The canonical state."""
        ...

    @property
    def progress(self) -> float | None:
        """Percent."""
        ...


class Bar:
    """One line: a job's state and progress, then the bytes of its download."""

    def __init__(self, progress: Progress, title: str) -> None:
        """Add a line to a running display."""
        self._progress = progress
        self._task = progress.add_task(title, total=None, note="")

    def update(self, job: Seen) -> None:
        """Show a job; a gateway that tells no progress gets a bar that only moves."""
        known = job.progress is not None or job.state == "completed"
        done = 100.0 if job.state == "completed" else job.progress or 0.0
        self._progress.update(
            self._task, note=job.state, completed=done, total=100 if known else None
        )

    def received(self, done: int, total: int | None) -> None:
        """Show a download."""
        note = f"{done / 1e6:.2f} MB"
        self._progress.update(self._task, note=note, completed=done, total=total)

    def note(self, text: str) -> None:
        """End the line with a word."""
        self._progress.update(self._task, note=text)


@contextmanager
def bars(*, keep: bool = False) -> Iterator[Progress]:
    """Run a display of bars; ``keep`` leaves them on the screen at the end."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[note]}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=not keep) as progress:
        yield progress


@contextmanager
def bar(title: str) -> Iterator[Bar]:
    """Run a display of one bar, which vanishes at the end."""
    with bars() as progress:
        yield Bar(progress, title)
