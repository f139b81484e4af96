"""``vidspec lint``."""

from typing import Annotated

import typer

from vidspec.cli.options import spec_option


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(lint)


def lint(
    dialects: Annotated[
        list[str] | None,
        typer.Argument(help="Dialects, and the gateways that speak them (default: all)."),
    ] = None,
    spec: spec_option = None,
) -> None:
    """Is the specification sound? Prints every problem with file:line:col."""
    from vidspec.contract import lint_specification

    contract, gateways = lint_specification(spec, dialects or None)
    operations = sum(len(dialect.operations) for dialect in contract.dialects.values())
    counted = {
        "dialect": len(contract.dialects),
        "operation": operations,
        "requirement": len(contract.requirements),
        "gateway": len(gateways),
    }
    words = (f"{count} {word}{'' if count == 1 else 's'}" for word, count in counted.items())
    typer.echo(f"{', '.join(words)}: no problems.")
