"""``vidspec bundle``."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from vidspec.cli.options import spec_option
from vidspec.errors import UsageError


class Format(StrEnum):
    """How the bundled document is written."""

    yaml = "yaml"
    json = "json"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(bundle)


def bundle(
    dialect: Annotated[str, typer.Argument(help="The dialect.")],
    *,
    gateway: Annotated[
        str | None, typer.Option(help="A gateway that speaks it: its overlay and its address.")
    ] = None,
    profile: Annotated[
        Literal["published", "observed"],
        typer.Option(help="What the gateway promises, or what it is seen to do."),
    ] = "observed",
    form: Annotated[Format, typer.Option("--format", help="YAML or JSON.")] = Format.yaml,
    output: Annotated[Path | None, typer.Option(help="File to write (default: stdout).")] = None,
    spec: spec_option = None,
) -> None:
    """Print a dialect's OpenAPI document as one file, for any other tool."""
    document = _document(dialect, gateway, profile, spec)
    if form is Format.json:
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    else:
        import yaml

        text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")


def _document(dialect: str, gateway: str | None, profile: str, spec: Path | None) -> dict[str, Any]:
    from vidspec.contract import load_contract, load_gateways

    if gateway is None:
        return dict(load_contract(spec, [dialect]).dialects[dialect].document)
    found = load_gateways(spec, [gateway])[gateway]
    if found.published.name != dialect:
        message = f"{gateway} speaks {found.published.name}, not {dialect}"
        raise UsageError(message)
    return {**found.profile(profile).document, "servers": [{"url": found.base_url}]}
