"""``vidspec generate``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vidspec.cli.options import spec_option

if TYPE_CHECKING:
    from vidspec.emit import Drift, FileTree


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(generate)


def generate(
    *,
    dialect: Annotated[list[str] | None, typer.Option(help="Only these dialects.")] = None,
    emitter: Annotated[
        str,
        typer.Option(help="Which emitter: vidspec, openapi-python-client, markdown, or a plug-in."),
    ] = "vidspec",
    output: Annotated[
        Path | None,
        typer.Option(help="Folder to write into (default: generated; needed by other emitters)."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; say what differs (exit 1).")
    ] = False,
    cache: Annotated[
        bool, typer.Option(help="Trust the manifest for dialects whose inputs have not changed.")
    ] = True,
    spec: spec_option = None,
) -> None:
    """Emit clients and server stubs from the specification."""
    from vidspec.emit import DEFAULT, write_tree
    from vidspec.errors import UsageError

    if emitter != DEFAULT:
        if output is None:
            message = f"the emitter {emitter!r} needs --output"
            raise UsageError(message)
        tree, drift = _run_emitter(emitter, dialect, output, check=check, spec=spec)
    else:
        output = output or Path("generated")
        tree, drift = _emit_ours(dialect, output, cache=cache, spec=spec)
        drift = drift if check else write_tree(tree, output)
    for line in drift.lines():
        typer.echo(line)
    if check and drift:
        how = "" if emitter == DEFAULT else f" --emitter {emitter} --output {output}"
        typer.echo(f"drift: run 'vidspec generate{how}' and commit what it writes", err=True)
        raise typer.Exit(1)
    state = "as the specification says" if check or not drift else "written"
    typer.echo(f"{len(tree)} files in {output}/: {state}.")


def _emit_ours(
    dialect: list[str] | None, output: Path, *, cache: bool, spec: Path | None
) -> "tuple[FileTree, Drift]":
    from vidspec.contract import load_contract, load_gateways
    from vidspec.emit import compare_tree, emit, is_stale, read_tree

    contract = load_contract(spec, dialect or None)
    gateways = load_gateways(spec, dialects=dialect or None)
    previous = read_tree(output)
    if not cache or is_stale(contract, previous, gateways):
        # Only a sound specification is emitted; the full lint is worth its time when something changed.
        contract = load_contract(spec, dialect or None, lint=True)
        gateways = load_gateways(spec, dialects=dialect or None, lint=True)
    wanted = dialect or None
    tree = emit(contract, gateways=gateways, dialects=wanted, previous=previous, reuse=cache)
    return tree, compare_tree(tree, output)


def _run_emitter(
    name: str, dialect: list[str] | None, output: Path, *, check: bool, spec: Path | None
) -> "tuple[FileTree, Drift]":
    from vidspec.contract import load_contract
    from vidspec.emit import compare_folder, find_emitter, write_folder

    emitter = find_emitter(name)
    tree = emitter(load_contract(spec, dialect or None, lint=True))
    return tree, (compare_folder if check else write_folder)(tree, output, name)
