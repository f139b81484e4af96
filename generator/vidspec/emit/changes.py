"""What differs between a tree and a folder, line by line: for a person who asks why a check has failed."""

import difflib
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from vidspec.emit.manifest import MANIFEST
from vidspec.emit.tree import Drift

#: More lines than this of one file, or of all, are counted and not shown.
PER_FILE = 60
IN_ALL = 400


def changed_lines(tree: Mapping[str, bytes], output: Path, drift: Drift) -> Iterator[str]:
    """Yield unified diffs from the files under ``output`` to those of ``tree``, shortened; the manifest's is left out."""
    left = IN_ALL
    paths = [p for p in (*drift.changed, *drift.missing, *drift.orphaned) if p != MANIFEST]
    for number, path in enumerate(paths):
        if left <= 0:
            yield f"… and {len(paths) - number} more files"
            return
        lines = list(islice(_lines(tree, output, path), PER_FILE + 1))
        shown = lines[: min(PER_FILE, left)]
        left -= len(shown)
        yield from shown
        if len(lines) > len(shown):
            yield f"… and more of {path}"


def _lines(tree: Mapping[str, bytes], output: Path, path: str) -> Iterator[str]:
    there = output / path
    try:
        old = there.read_bytes().decode().splitlines() if there.is_file() else None
        new = tree[path].decode().splitlines() if path in tree else None
    except UnicodeDecodeError:
        yield f"{path}: the bytes differ"
        return
    sides = (
        (f"a/{path}" if old is not None else "/dev/null"),
        (f"b/{path}" if new is not None else "/dev/null"),
    )
    yield from difflib.unified_diff(old or [], new or [], *sides, lineterm="")
