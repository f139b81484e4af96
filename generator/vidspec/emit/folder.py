"""Writing what any emitter made into a folder of the user's, and taking back only what was written there before.

The folder keeps a manifest of its own: which emitter wrote which files. What it does not list is not ours.
"""

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from vidspec.emit.manifest import MANIFEST, Part, listed_files, read_manifest, write_manifest
from vidspec.emit.tree import Drift
from vidspec.errors import UsageError


def compare_folder(tree: Mapping[str, bytes], output: Path, emitter: str) -> Drift:
    """Compare ``tree`` with what ``emitter`` wrote below ``output`` before; nothing is written.

    Raises UsageError when another emitter wrote there, or when a path of the tree leads elsewhere.
    """
    for path in tree:
        _hold_inside(path, output)
    listed = _listed(output, emitter)
    present = {
        path: (output / path).read_bytes() for path in {*tree, *listed} if (output / path).is_file()
    }
    changed = sorted(p for p in tree if p in present and present[p] != tree[p])
    return Drift(
        missing=tuple(sorted(tree.keys() - present.keys())),
        changed=tuple(p for p in changed if p in listed),
        orphaned=tuple(sorted(present.keys() - tree.keys())),
        foreign=tuple(p for p in changed if p not in listed),
    )


def write_folder(tree: Mapping[str, bytes], output: Path, emitter: str) -> Drift:
    """Write ``tree`` below ``output``, delete what ``emitter`` wrote there before and no longer makes; return the difference.

    Raises UsageError, having changed nothing, when a file that is not ours is in the way.
    """
    drift = compare_folder(tree, output, emitter)
    if drift.foreign:
        message = f"not written by vidspec, so left alone: {', '.join(drift.foreign)}"
        raise UsageError(message, hint="Name another folder with --output.")
    manifest = write_manifest({emitter: Part("", dict(tree))})
    # Both lists stand until all is written, so that an interrupted run leaves nothing that is not known to be ours.
    kept = {p: (output / p).read_bytes() for p in drift.orphaned}
    _write(output / MANIFEST, write_manifest({emitter: Part("", {**tree, **kept})}))
    for path in (*drift.missing, *drift.changed):
        _write(output / path, tree[path])
    for path in drift.orphaned:
        (output / path).unlink()
        _remove_empty((output / path).parent, output)
    _write(output / MANIFEST, manifest)
    return drift


def _listed(output: Path, emitter: str) -> set[str]:
    manifest = output / MANIFEST
    if not manifest.is_file():
        return set()
    content = manifest.read_bytes()
    writers = read_manifest({MANIFEST: content}, damaged=True).keys()
    if writers != {emitter}:
        message = f"{manifest} is not of the emitter {emitter!r}"
        raise UsageError(message, hint="Each emitter needs a folder of its own; see --output.")
    inside = output.resolve()
    paths = listed_files(content)
    return {path for path in paths if (output / path).resolve().is_relative_to(inside)}


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    staged = target.with_name(f".{target.name}.{os.getpid()}")
    staged.write_bytes(content)
    staged.replace(target)


def _remove_empty(folder: Path, output: Path) -> None:
    while folder != output and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _hold_inside(path: str, output: Path) -> None:
    pure = PurePosixPath(path)
    target = (output / path).resolve()
    if (
        pure.is_absolute()
        or {"..", MANIFEST} & {*pure.parts}
        or "\\" in path
        or not target.is_relative_to(output.resolve())
    ):
        message = f"{path!r} leads out of the output folder"
        raise UsageError(message)
