"""Emission of a specification's folder into an output folder: only what has changed is read, and only that is emitted."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vidspec.emit.inputs import Inputs, read_inputs, recall
from vidspec.emit.manifest import MANIFEST, merged, read_manifest
from vidspec.emit.memory import ModelMemory
from vidspec.emit.pipeline import emit, is_whole, stale_dialects
from vidspec.emit.settings import Settings
from vidspec.emit.tree import FileTree, read_tree

if TYPE_CHECKING:
    from vidspec.contract.model import Contract, Gateway


def regenerate(
    root: Path,
    output: Path,
    settings: Settings,
    *,
    dialects: Collection[str] | None = None,
    cache: bool = True,
) -> tuple[FileTree, Inputs | None]:
    """Return what should lie in ``output``, and what to remember once it does; nothing is written.

    ``dialects`` narrows what is made. Without ``cache`` everything is read, held against our rules and emitted.
    Raises SpecError, UsageError.
    """
    previous = read_tree(output, settings.packages)
    if dialects is not None:
        contract, gateways = _read(root, dialects, previous, settings, lint=not cache)
        tree = emit(
            contract, gateways=gateways, dialects=dialects, previous=previous, reuse=cache,
            settings=settings,
        )  # fmt: skip
        return tree, None
    now = read_inputs(root, settings)
    before = recall(output) if cache else None
    parts = read_manifest(previous)
    memory = ModelMemory(before.models if before and before.reader == now.reader else None)
    kept = before.unchanged(now, parts) if before else {}
    if before and before.files == now.files and is_whole(parts, kept, settings):
        return {MANIFEST: previous[MANIFEST], **merged(parts)}, before
    from vidspec.contract import dialect_names  # noqa: PLC0415 - slow, and not needed when nothing has changed

    wanted = [name for name in dialect_names(root) if name not in kept]
    contract, gateways = _read(root, wanted, previous, settings, lint=bool(kept) or not cache)
    tree = emit(
        contract, gateways=gateways, previous=previous, kept=kept, reuse=cache, settings=settings,
        memory=memory,
    )  # fmt: skip
    read = {name: before.read[name] for name in kept} if before else {}
    read |= _files(root, contract, gateways)
    keys = {name: part.key for name, part in read_manifest(tree).items()}
    models = {k: said for k, said in memory.remembered.items() if k.partition("/")[0] in keys}
    return tree, replace(now, read=read, keys=keys, models=models)


def _read(
    root: Path,
    dialects: Collection[str],
    previous: Mapping[str, bytes],
    settings: Settings,
    *,
    lint: bool,
) -> "tuple[Contract, dict[str, Gateway]]":
    """Read ``dialects`` and their gateways; what will be emitted is held against our rules, or all of it by ``lint``."""
    from vidspec.contract import DialectReader, load_contract, load_gateways  # noqa: PLC0415 - as above

    reader = DialectReader(root, lint=lint)
    contract = load_contract(root, dialects, reader=reader)
    gateways = load_gateways(root, dialects=dialects, reader=reader)
    if not lint and (stale := stale_dialects(contract, gateways, previous, settings)):
        # Only a sound specification is emitted.
        linting = DialectReader(root, lint=True)
        load_contract(root, stale, reader=linting)
        load_gateways(root, dialects=stale, reader=linting)
    return contract, gateways


def _files(
    root: Path, contract: "Contract", gateways: "Mapping[str, Gateway]"
) -> dict[str, list[str]]:
    """Return which files each dialect was read from, below ``root``."""
    found = {name: {*dialect.files} for name, dialect in contract.dialects.items()}
    for name, gateway in gateways.items():
        files = found.setdefault(gateway.published.name, set())
        files |= {root / "gateways" / f"{name}.yaml"}
        files |= {*gateway.published.files, *gateway.observed.files}
    home = root.resolve()
    return {
        name: sorted(path.resolve().relative_to(home).as_posix() for path in files)
        for name, files in found.items()
    }
