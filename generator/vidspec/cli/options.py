"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer


def _print_version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"vidspec {version('vidspec')}")
        raise typer.Exit


version_option = Annotated[
    bool,
    typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version."),
]
spec_option = Annotated[
    Path | None,
    typer.Option(
        "--spec",
        help="Folder of a specification of your own (default: the one that comes with vidspec).",
        exists=True,
        file_okay=False,
    ),
]
json_option = Annotated[bool, typer.Option("--json", help="Print JSON.")]
