"""The gate's journal: what passed, as JSON lines, without headers and bodies and so without secrets."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from vidspec.conformance.purse import Passage


@contextmanager
def journal(path: Path | None) -> Iterator[Callable[[Passage], None] | None]:
    """Give a function that writes one line per exchange, or None where there is no path."""
    if path is None:
        yield None
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:

        def write(passage: Passage) -> None:
            file.write(json.dumps(dataclasses.asdict(passage)) + "\n")

        yield write
