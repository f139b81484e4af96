"""``vidspec bundle``."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from vidspec.cli.options import spec_option


class Format(StrEnum):
    """How the bundled document is written."""

    yaml = "yaml"
    json = "json"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(bundle)


def bundle(
    dialect: Annotated[str, typer.Argument(help="The dialect.")],
    form: Annotated[Format, typer.Option("--format", help="YAML or JSON.")] = Format.yaml,
    output: Annotated[Path | None, typer.Option(help="File to write (default: stdout).")] = None,
    spec: spec_option = None,
) -> None:
    """Print a dialect's OpenAPI document as one file, for any other tool."""
    from vidspec.contract import load_contract

    document = load_contract(spec, [dialect]).dialects[dialect].document
    if form is Format.json:
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    else:
        import yaml

        text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
