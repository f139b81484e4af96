"""``vidspec new``."""

import shlex
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    group = typer.Typer(help="Begin something new.", no_args_is_help=True)
    group.callback()(_group)
    group.command("dialect")(dialect)
    app.add_typer(group, name="new")


def _group() -> None:
    """Begin something new."""


def dialect(
    name: Annotated[str, typer.Argument(help="What it is called: small letters, digits and '-'.")],
    *,
    output: Annotated[
        Path, typer.Option(help="The folder of the specification that it becomes part of.")
    ] = Path("spec"),
) -> None:
    """Write a new dialect to begin from: it lints, generates, is mocked and checked as it stands."""
    from vidspec.resources import spec_root
    from vidspec.scaffold import new_dialect

    typer.echo(f"wrote {new_dialect(name, output)}")
    ours = output.resolve() == spec_root().resolve()
    where = "" if ours else f" --spec {shlex.quote(str(output))}"
    typer.echo(f"next: vidspec lint {name}{where}", err=True)
