"""A bar on the terminal for a download; needs ``rich``."""

from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from .sink import Progress as Told


@contextmanager
def progress_bar(title: str, *, console: Console | None = None) -> Generator[Told]:
    """Show how far a download is, on stderr or on ``console``; gives what to pass as ``progress``.

    ``with progress_bar("fox.mp4") as show: client.download(job, "fox.mp4", progress=show)``
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with Progress(*columns, console=console or Console(stderr=True)) as shown:
        task = shown.add_task(title, total=None)

        def show(done: int, total: int | None) -> None:
            shown.update(task, completed=done, total=total)

        yield show
