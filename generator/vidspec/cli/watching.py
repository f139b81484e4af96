"""Waiting for a change of files, by asking the file system again and again: it works everywhere and needs nothing."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

#: Seconds between two looks.
INTERVAL = 0.3


def changes(folders: Sequence[Path], interval: float = INTERVAL) -> Iterator[list[Path]]:
    """Yield the files that have changed, come or gone below ``folders`` since this call, as soon as no more of them do."""
    return _changes(folders, interval, _state(folders))


def _changes(
    folders: Sequence[Path], interval: float, seen: dict[Path, tuple[int, int]]
) -> Iterator[list[Path]]:
    while True:
        time.sleep(interval)
        now = _settled(folders, interval)
        if changed := sorted(path for path in {*seen, *now} if seen.get(path) != now.get(path)):
            seen = now
            yield changed


def _settled(folders: Sequence[Path], interval: float) -> dict[Path, tuple[int, int]]:
    """Look until two looks agree: an editor or a version control writes in steps."""
    now = _state(folders)
    while True:
        time.sleep(interval / 3)
        later = _state(folders)
        if later == now:
            return now
        now = later


def _state(folders: Sequence[Path]) -> dict[Path, tuple[int, int]]:
    found = {}
    for folder in folders:
        for path in folder.rglob("*"):
            try:
                stat = path.stat()
            except OSError:
                continue  # gone between the listing and the look
            if path.is_file() and not path.name.startswith("."):
                found[path] = (stat.st_mtime_ns, stat.st_size)
    return found
