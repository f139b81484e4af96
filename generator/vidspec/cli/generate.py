"""``vidspec generate``."""

from pathlib import Path
from typing import Annotated

import typer

from vidspec.cli.options import spec_option


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(generate)


def generate(
    *,
    dialect: Annotated[list[str] | None, typer.Option(help="Only these dialects.")] = None,
    output: Annotated[Path, typer.Option(help="Folder to write into.")] = Path("generated"),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; say what differs (exit 1).")
    ] = False,
    cache: Annotated[
        bool, typer.Option(help="Trust the manifest for dialects whose inputs have not changed.")
    ] = True,
    spec: spec_option = None,
) -> None:
    """Emit clients and server stubs from the specification."""
    from vidspec.contract import load_contract, load_gateways
    from vidspec.emit import compare_tree, emit, is_stale, read_tree, write_tree

    contract = load_contract(spec, dialect or None)
    gateways = load_gateways(spec, dialects=dialect or None)
    previous = read_tree(output)
    if not cache or is_stale(contract, previous, gateways):
        # Only a sound specification is emitted; the full lint is worth its time when something changed.
        contract = load_contract(spec, dialect or None, lint=True)
        gateways = load_gateways(spec, dialects=dialect or None, lint=True)
    wanted = dialect or None
    tree = emit(contract, gateways=gateways, dialects=wanted, previous=previous, reuse=cache)
    drift = compare_tree(tree, output) if check else write_tree(tree, output)
    for line in drift.lines():
        typer.echo(line)
    if check and drift:
        typer.echo("drift: run 'vidspec generate' and commit what it writes", err=True)
        raise typer.Exit(1)
    state = "as the specification says" if check or not drift else "written"
    typer.echo(f"{len(tree)} files in {output}/: {state}.")
