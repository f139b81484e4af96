"""``vidspec explain``."""

import difflib
from typing import Annotated

import typer
import yaml

from vidspec.cli.options import spec_option
from vidspec.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(explain)


def explain(
    requirement: Annotated[str, typer.Argument(metavar="ID", help="A requirement's id.")],
    spec: spec_option = None,
) -> None:
    """Say what a requirement demands, where that is written, and how it is tested."""
    from vidspec.contract import load_contract

    known = {r.id: r for r in load_contract(spec).requirements}
    found = known.get(requirement)
    if found is None:
        close = difflib.get_close_matches(requirement, known, n=3)
        message = f"no requirement '{requirement}'"
        message += (
            f"; did you mean {', '.join(close)}?" if close else "; see: vidspec list requirements"
        )
        raise UsageError(message)
    lines = [
        f"{found.id}  ({found.level}, chapter {found.chapter})",
        "",
        f"  {found.sentence}",
        "",
        f"  Dialects:  {', '.join(found.dialects) or 'all'}",
        f"  Needs:     {', '.join(found.needs) or 'nothing in particular'}",
        f"  Source:    {found.source}",
    ]
    if found.excluded:
        lines.append(f"  Not tested: {found.excluded}")
    else:
        fault = yaml.safe_dump(dict(found.fault or {}), default_flow_style=True).strip()
        lines += [
            f"  Test:      {found.test}",
            f"  Proof:     vidspec mock DIALECT --break {found.id}   ({fault})",
        ]
    typer.echo("\n".join(lines))
