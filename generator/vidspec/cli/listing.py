"""``vidspec list``: what the specification holds."""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vidspec.cli.options import json_option, spec_option

if TYPE_CHECKING:
    from vidspec.contract import Contract, Dialect

listing = typer.Typer(help="List what the specification holds.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(listing, name="list")


@listing.command()
def dialects(*, spec: spec_option = None, as_json: json_option = False) -> None:
    """Every dialect: a language of video generation."""
    from vidspec.contract import load_contract

    rows = [
        {
            "dialect": dialect.name,
            "title": dialect.title,
            "surfaces": ", ".join(dialect.surfaces),
            "operations": len(dialect.operations),
            "server": dialect.servers[0],
            "evidence": dialect.evidence,
        }
        for dialect in load_contract(spec).dialects.values()
    ]
    _show(rows, as_json=as_json)


@listing.command()
def gateways(*, spec: spec_option = None, as_json: json_option = False) -> None:
    """Every gateway that is described: who speaks which dialect, where, and with which variables."""
    from vidspec.contract import load_gateways

    rows = [
        {
            "gateway": gateway.name,
            "title": gateway.title,
            "dialect": gateway.published.name,
            "base url": gateway.base_url,
            "environment": ", ".join(gateway.environment.values()),
            "deviates": gateway.observed is not gateway.published,
        }
        for gateway in load_gateways(spec).values()
    ]
    _show(rows, as_json=as_json)


@listing.command()
def operations(*, spec: spec_option = None, as_json: json_option = False) -> None:
    """Every operation of every dialect, and what it does to a job."""
    from vidspec.contract import load_contract

    rows = [
        {
            "dialect": dialect.name,
            "operation": operation.id,
            "role": operation.role or "other",
            "surface": operation.surface,
            "method": operation.method,
            "path": operation.path + "".join(f"?{n}={v}" for _, n, v in operation.fixed),
            "paid": operation.paid,
        }
        for dialect in load_contract(spec).dialects.values()
        for operation in dialect.operations
    ]
    _show(rows, as_json=as_json)


@listing.command()
def capabilities(
    *,
    spec: spec_option = None,
    as_json: json_option = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
) -> None:
    """Show what each dialect can do: its operations, and what its ``create`` can be asked for."""
    from vidspec.contract import load_contract

    dialects = load_contract(spec).dialects
    if as_json:
        found = {name: _capabilities(dialect) for name, dialect in dialects.items()}
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    roles = _ordered(o.role for d in dialects.values() for o in d.operations if o.role)
    asked = _ordered(m for d in dialects.values() for m in _asked(d))
    rows = [
        {"": f"**{role}**" if as_markdown else role}
        | {name: _where(dialect, role) for name, dialect in dialects.items()}
        for role in roles
    ] + [
        {"": meaning}
        | {name: "yes" if meaning in _asked(dialect) else "" for name, dialect in dialects.items()}
        for meaning in asked
    ]
    if as_markdown:
        typer.echo(_markdown(rows))
        return
    _show(rows, as_json=False)


@listing.command()
def requirements(
    *,
    spec: spec_option = None,
    as_json: json_option = False,
    as_markdown: Annotated[
        bool,
        typer.Option("--markdown", help="Print who judges each, and the fault that proves it."),
    ] = False,
    runs: Annotated[
        list[Path] | None,
        typer.Option("--run", metavar="RUN.jsonl", help="Add a column with its verdicts."),
    ] = None,
) -> None:
    """Every requirement that a gateway is held to."""
    from vidspec.contract import load_contract

    if as_markdown:
        typer.echo(_traces(load_contract(spec), runs or []))
        return
    rows = [
        {
            "requirement": requirement.id,
            "level": requirement.level,
            "dialects": ", ".join(requirement.dialects) or "all",
            "sentence": requirement.sentence,
            "tested": "no" if requirement.excluded else "yes",
        }
        for requirement in load_contract(spec).requirements
    ]
    _show(rows, as_json=as_json)


def _traces(contract: "Contract", paths: list[Path]) -> str:
    from vidspec.cli.report import read_run
    from vidspec.conformance.report.markdown import plain
    from vidspec.conformance.traceability import trace

    runs = tuple(read_run(path) for path in paths)
    return _markdown(
        [
            {
                "requirement": entry.requirement,
                "level": entry.level,
                "dialects": ", ".join(entry.dialects) or "all",
                "what it says": plain(entry.sentence),
                "judged by": entry.judged_by or f"not tested: {plain(entry.excluded)}",
                "fault that proves it": f"`{entry.fault.replace('|', '/')}`" if entry.fault else "",
            }
            | {
                f"{run.header.dialect} {number}": verdict.replace("_", " ")
                for number, (run, verdict) in enumerate(zip(runs, entry.verdicts, strict=True), 1)
            }
            for entry in trace(contract, runs)
        ]
    )


@listing.command()
def changes(*, as_json: json_option = False) -> None:
    """Every kind of change that ``vidspec diff`` finds, and what it costs whom."""
    from vidspec.diff import KINDS

    rows = [
        {
            "change": kind.code,
            "client": str(kind.client),
            "server": str(kind.server),
            "sentence": kind.sentence,
        }
        for kind in KINDS.values()
    ]
    _show(rows, as_json=as_json)


def _capabilities(dialect: "Dialect") -> dict[str, Any]:
    return {
        name: {
            "default": surface.default,
            "operations": _ordered(
                o.role for o in dialect.operations if o.surface == name and o.role
            ),
            "parameters": _ordered(_asked(dialect, name)),
            "results": [result.kind for result in surface.results],
        }
        for name, surface in dialect.surfaces.items()
    }


def _asked(dialect: "Dialect", surface: str | None = None) -> list[str]:
    """Return what ``create`` can be asked for, on one surface or on any."""
    creates = [o for o in dialect.roles("create") if surface in (None, o.surface)]
    parts = [part for o in creates for body in o.bodies for part in body.fields]
    return [meaning.name for part in parts for meaning in part.meanings]


def _where(dialect: "Dialect", role: str) -> str:
    """Say on which surfaces a dialect has an operation; ``yes`` when that is the default one."""
    found = _ordered(o.surface for o in dialect.roles(role))
    return "yes" if dialect.surface.name in found else ", ".join(found)


def _ordered(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _markdown(rows: list[dict[str, str]]) -> str:
    """Write rows as a Markdown table."""
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _show(rows: Iterable[Mapping[str, Any]], *, as_json: bool) -> None:
    """Print rows as a table for people or as JSON for programs."""
    rows = list(rows)
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in rows[0] if rows else ():
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    # A pipe has no width: rows stay whole for grep.
    console = Console(width=None if sys.stdout.isatty() else 400)
    console.print(table, markup=False)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return str(value)
