"""``vidspec diff``."""

import sys
from dataclasses import replace
from enum import StrEnum
from typing import Annotated

import typer

from vidspec.errors import UsageError


class Format(StrEnum):
    """How the changes are written."""

    text = "text"
    json = "json"
    markdown = "markdown"
    github = "github"


class Level(StrEnum):
    """What a change may cost."""

    breaking = "breaking"
    risky = "risky"
    compatible = "compatible"


class Side(StrEnum):
    """Whose severity counts."""

    client = "client"
    server = "server"
    both = "both"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(diff)


def diff(
    old: Annotated[str, typer.Argument(help="File, folder, or REVISION:PATH.")],
    new: Annotated[str, typer.Argument(help="File, folder, or REVISION:PATH.")],
    *,
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.text,
    side: Annotated[Side, typer.Option(help="Who must not break.")] = Side.client,
    least: Annotated[
        Level, typer.Option(help="Show what costs at least this much; count the rest.")
    ] = Level.compatible,
    allow: Annotated[
        list[str] | None, typer.Option(help="A code that may break (see: vidspec explain CODE).")
    ] = None,
) -> None:
    """Say what has changed between two OpenAPI documents, and whom it breaks (exit 1 if anybody)."""
    from vidspec.diff import KINDS, Severity, compare, open_side, render

    unknown = [code for code in allow or () if code not in KINDS]
    if unknown:
        message = f"no such kind of change: {', '.join(unknown)}"
        raise UsageError(message, hint="See: vidspec list changes")
    found = replace(compare(open_side(old), open_side(new)), least=Severity(least))
    colour = form is Format.text and sys.stdout.isatty()
    typer.echo(render(found, form, side=side, allow=allow or (), colour=colour))
    if found.severe(side, allow or ()):
        raise typer.Exit(1)
