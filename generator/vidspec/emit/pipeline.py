"""Emission: from a Contract to a tree of files. The same contract always gives the same bytes."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from vidspec.emit.gateways import emitted_gateways, speakers
from vidspec.emit.manifest import (
    MANIFEST,
    SHARED,
    Part,
    dialect_key,
    merged,
    read_manifest,
    shared_key,
    write_manifest,
)
from vidspec.emit.memory import ModelMemory
from vidspec.emit.names import PythonIdentifier
from vidspec.emit.settings import Settings
from vidspec.emit.tree import FileTree
from vidspec.errors import UsageError

if TYPE_CHECKING:
    # Nothing of it is needed when nothing has changed.
    from vidspec.contract.model import Contract, Dialect, Gateway

#: What is emitted when nothing else is asked for.
OURS = Settings()


def emit(
    contract: "Contract",
    *,
    gateways: "Mapping[str, Gateway] | None" = None,
    dialects: Collection[str] | None = None,
    previous: Mapping[str, bytes] | None = None,
    kept: Mapping[str, Part] | None = None,
    reuse: bool = True,
    settings: Settings = OURS,
    memory: ModelMemory | None = None,
) -> FileTree:
    """Return clients and server stubs of the contract's dialects, their ``gateways``, the runtimes and the manifest.

    ``dialects`` narrows what is made; the others are then taken over from ``previous``, the tree that is there now.
    Parts of ``previous`` whose inputs have not changed are taken over too, unless ``reuse`` is False.
    ``kept`` are parts of dialects that the contract need not hold, because they are as they should be.
    The ``memory`` saves the writing of models whose schemas have not changed, and learns those that have.
    The paths begin with the packages that the ``settings`` name. Raises UsageError when two dialects would be one
    package, when it cannot be told what else ``previous`` holds, or for a mistake in a template of the user's.
    """
    tree = previous or {}
    chosen = [
        d for name, d in sorted(contract.dialects.items()) if dialects is None or name in dialects
    ]
    parts = dict(kept or {}) if dialects is None else _others(tree, chosen)
    names = sorted({*parts, *(d.name for d in chosen)})
    hold_apart(names)
    voices = {d.name: speakers(d, gateways or {}) for d in chosen}
    spoken = sorted({*emitted_gateways(parts), *(g.name for v in voices.values() for g in v)})
    keys = {d.name: dialect_key(d, voices[d.name], settings) for d in chosen}
    keys[SHARED] = shared_key(names, spoken, settings)
    known = read_manifest(tree) if reuse else {}
    parts |= {n: part for n, part in known.items() if n in keys and part.key == keys[n]}
    stale = [d for d in chosen if d.name not in parts]
    if stale or SHARED not in parts:
        from vidspec.emit.parts import dialect_files, shared_files, write_parts  # noqa: PLC0415  # slow; needed only when there is something to write

        models = memory or ModelMemory()
        texts = {d.name: dialect_files(d, voices[d.name], settings, models) for d in stale}
        if SHARED not in parts:
            texts[SHARED] = shared_files(names, spoken, settings)
        parts |= {name: Part(keys[name], files) for name, files in write_parts(texts).items()}
    return {MANIFEST: write_manifest(parts), **merged(parts)}


def _others(tree: Mapping[str, bytes], chosen: "Collection[Dialect]") -> dict[str, Part]:
    """Return the parts of ``tree`` that are not to be made now, as they are."""
    selected = {d.name for d in chosen} | {SHARED}
    kept = {n: p for n, p in read_manifest(tree, damaged=True).items() if n not in selected}
    ours = {PythonIdentifier.of(n, fallback="dialect") for n in (*kept, *(selected - {SHARED}))}
    packages = {path.split("/")[1] for path in tree if path.count("/") > 1} - {
        "_runtime",
        "_gateways",
    }
    if packages - ours:
        message = f"the manifest does not know {', '.join(sorted(packages - ours))}"
        raise UsageError(message, hint="Generate all dialects once, without naming any.")
    return kept


def is_whole(parts: Mapping[str, Part], dialects: Collection[str], settings: Settings) -> bool:
    """Say whether ``parts`` are those of ``dialects`` and what they share, and nothing is to be made."""
    key = shared_key(dialects, emitted_gateways(parts), settings)
    return {*parts} == {*dialects, SHARED} and parts[SHARED].key == key


def stale_dialects(
    contract: "Contract",
    gateways: "Mapping[str, Gateway]",
    previous: Mapping[str, bytes],
    settings: Settings = OURS,
) -> list[str]:
    """Return the dialects of the contract that are not in ``previous`` as they would be emitted now."""
    known = read_manifest(previous)
    return [
        name
        for name, dialect in contract.dialects.items()
        if name not in known
        or known[name].key != dialect_key(dialect, speakers(dialect, gateways), settings)
    ]


def hold_apart(names: Collection[str]) -> None:
    """Raise UsageError when two dialects would be written into one package."""
    packages: dict[str, str] = {}
    for name in names:
        other = packages.setdefault(PythonIdentifier.of(name, fallback="dialect"), name)
        if other != name:
            message = f"the dialects {other!r} and {name!r} would be one Python package"
            raise UsageError(message)
