"""``vidspec adopt``."""

import re
from pathlib import Path
from typing import Annotated

import typer

from vidspec.cli.options import spec_option
from vidspec.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(adopt)


def adopt(
    theirs: Annotated[
        str, typer.Argument(metavar="OPENAPI", help="The gateway's own document, or REVISION:PATH.")
    ],
    *,
    dialect: Annotated[str, typer.Option(help="The dialect that it should speak.")],
    name: Annotated[str, typer.Option(help="What the draft calls the gateway.")] = "draft",
    output: Annotated[
        Path | None, typer.Option(help="Folder for the draft: gateway file and overlay to edit.")
    ] = None,
    spec: spec_option = None,
) -> None:
    """Hold a gateway's own document against a dialect, without a call (exit 1 if they differ for clients)."""
    from vidspec.contract import dialect_names
    from vidspec.diff import adopt as hold
    from vidspec.diff import open_side, render, renew_draft, settle
    from vidspec.resources import spec_root

    base = spec or spec_root()
    if dialect not in dialect_names(base):
        message = f"no such dialect: {dialect} (there are: {', '.join(dialect_names(base))})"
        raise UsageError(message)
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        message = f"'{name}' is no name for a gateway (small letters, digits and '-')"
        raise UsageError(message)
    ours = open_side(str(base / "dialects" / dialect / "openapi.yaml"))
    found = hold(ours, open_side(theirs), name=dialect, gateway=name)
    if not found.matched:
        typer.echo(found.summary())
        message = f"'{theirs}' has nothing of the dialect {dialect}: there is nothing to compare, and no draft"
        raise UsageError(
            message, hint=f"Is it another one? There are: {', '.join(dialect_names(base))}."
        )
    typer.echo(f"{found.summary()}\n\n{render(found.diff, 'text', side='client')}")
    if output is not None:
        found = settle(found, base)
        for file in renew_draft(found.files(), output, found.file_names):
            typer.echo(f"wrote {file}")
        if found.todo:
            left = len(found.todo)
            things = "thing is" if left == 1 else "things are"
            typer.echo(f"{left} {things} left to decide: see TODO in the overlay")
    if found.diff.severe("client"):
        raise typer.Exit(1)
