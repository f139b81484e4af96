"""``vidspec explain``."""

import difflib
from typing import TYPE_CHECKING, Annotated

import typer

from vidspec.cli.options import spec_option
from vidspec.errors import UsageError

if TYPE_CHECKING:
    from vidspec.diff import Kind


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(explain)


def explain(
    requirement: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="A requirement's id, the code of a change, or a rule of lint."
        ),
    ],
    spec: spec_option = None,
) -> None:
    """Say what a requirement demands and how it is tested, what a change (``vidspec diff``) costs whom, or what a rule of lint demands."""
    from vidspec.contract import RULES, load_contract
    from vidspec.diff import KINDS

    if requirement in KINDS:
        typer.echo(_change(KINDS[requirement]))
        return
    if requirement in RULES:
        typer.echo(f"{requirement}  (a rule of vidspec lint)\n\n  {RULES[requirement]}")
        return
    known = {r.id: r for r in load_contract(spec).requirements}
    found = known.get(requirement)
    if found is None:
        close = difflib.get_close_matches(requirement, [*known, *KINDS, *RULES], n=3)
        message = f"no requirement, change or rule '{requirement}'"
        message += (
            f"; did you mean {', '.join(close)}?"
            if close
            else "; see: vidspec list requirements, vidspec list changes"
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
        import yaml

        fault = yaml.safe_dump(dict(found.fault or {}), default_flow_style=True).strip()
        lines += [
            f"  Test:      {found.test}",
            f"  Proof:     vidspec mock DIALECT --break {found.id}   ({fault})",
        ]
    typer.echo("\n".join(lines))


def _change(kind: "Kind") -> str:
    return "\n".join(
        [
            f"{kind.code}  (a change that vidspec diff finds)",
            "",
            f"  {kind.sentence}",
            "",
            f"  For clients: {kind.client}",
            f"  For servers: {kind.server}",
            f"  Because:     {kind.why}",
        ]
    )
