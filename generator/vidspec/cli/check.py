"""``vidspec check``."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vidspec.cli.options import spec_option
from vidspec.cli.report import put
from vidspec.errors import UsageError

if TYPE_CHECKING:
    from vidspec.conformance import Entry, Mode, Run
    from vidspec.contract import Contract

_SUFFIXES = {
    ".html": "html",
    ".json": "json",
    ".jsonl": "jsonl",
    ".md": "markdown",
    ".sarif": "sarif",
    ".txt": "text",
    ".xml": "junit",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(check)


def check(
    url: Annotated[str, typer.Argument(help="The gateway's base URL, as an SDK takes it.")],
    *,
    dialect: Annotated[str, typer.Option(help="The dialect it claims to speak.")],
    api_key: Annotated[
        str | None,
        typer.Option(help="The key (default: the dialect's own environment variable)."),
    ] = None,
    mode: Annotated[
        str, typer.Option(help="free (no paid call), smoke (at most 3), standard (6), deep (any).")
    ] = "standard",
    budget: Annotated[
        int | None, typer.Option(min=0, help="The most paid calls (default: what the mode allows).")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Model to ask for instead of the document's example.")
    ] = None,
    header: Annotated[
        list[str] | None, typer.Option(metavar="NAME: VALUE", help="Extra header.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only these requirements (or prefixes).")
    ] = None,
    skip: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Leave these requirements out.")
    ] = None,
    report: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Write a report: .html, .json, .jsonl (events), .md, .sarif, .txt or .xml (JUnit).",
        ),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Known failures (YAML); what is no longer true fails."),
    ] = None,
    update_baseline: Annotated[
        bool, typer.Option(help="Write the failures of this run into the baseline.")
    ] = False,
    job_timeout: Annotated[float, typer.Option(help="Seconds that a job may take.")] = 600.0,
    max_time: Annotated[
        float | None, typer.Option(help="Seconds that the whole check may take.")
    ] = None,
    fail_prompt: Annotated[
        str | None, typer.Option(help="A prompt that is known to make a job fail.")
    ] = None,
    spec: spec_option = None,
) -> None:
    """Judge whether a gateway does what the contract says: exit 0 yes, 1 no, 4 not measurable."""
    from vidspec.cli.progress import live
    from vidspec.conformance import Options, Target
    from vidspec.conformance import check as judge
    from vidspec.contract import load_contract

    kinds = {path: _kind(path) for path in report or ()}
    contract = load_contract(spec, [dialect])
    environment = contract.dialects[dialect].environment
    secrets = {
        purpose: value
        for purpose, variable in environment.items()
        if purpose not in {"api_key", "base_url"} and (value := os.environ.get(variable))
    }
    target = Target(
        base_url=url,
        dialect=dialect,
        api_key=api_key or os.environ.get(environment["api_key"]),
        secrets=secrets,
        headers=_headers(header or ()),
        model=model,
    )
    options = Options(
        mode=_mode(mode),
        budget=budget,
        only=tuple(only or ()),
        skip=tuple(skip or ()),
        job_timeout=job_timeout,
        max_time=max_time,
        fail_prompt=fail_prompt,
    )
    known = _baseline(baseline, contract, update=update_baseline)
    with live() as show:
        run = judge(contract, target, options, on_event=show)
    if baseline is not None:
        run = _excuse(run, known, baseline, update=update_baseline)
    finish(run, kinds)
    raise typer.Exit(run.exit_code)


def finish(run: "Run", kinds: dict[Path, str]) -> None:
    """Print the verdicts and write the reports, each whole or not at all."""
    from vidspec.conformance.report import render, show

    show(run)
    for path, kind in kinds.items():
        put(render(run, kind), path)


def _baseline(path: Path | None, contract: "Contract", *, update: bool) -> tuple["Entry", ...]:
    """Read the baseline before anything is sent; one that is to be written may be missing."""
    from vidspec.conformance import load_baseline

    if path is None:
        if update:
            message = "there is no baseline to update"
            raise UsageError(message, hint="Name it: --baseline FILE.")
        return ()
    return () if update and not path.exists() else load_baseline(path, contract)


def _excuse(run: "Run", known: tuple["Entry", ...], path: Path, *, update: bool) -> "Run":
    from vidspec.conformance import apply, dump_baseline, updated

    today = datetime.now(UTC).date()
    if update and not run.findings:
        known = updated(run, known, today)
        put(dump_baseline(known), path, "baseline")
    return apply(run, known, today)


def _kind(path: Path) -> str:
    kind = _SUFFIXES.get(path.suffix.lower())
    if kind is None:
        message = f"cannot tell what report {path} should be"
        raise UsageError(message, hint=f"Known endings: {', '.join(_SUFFIXES)}.")
    return kind


def _mode(text: str) -> "Mode":
    from vidspec.conformance import MODES

    for mode in MODES:
        if mode == text:
            return mode
    message = f"no mode '{text}'"
    raise UsageError(message, hint=f"Modes: {', '.join(MODES)}.")


def _headers(said: "list[str] | tuple[str, ...]") -> dict[str, str]:
    headers = {}
    for text in said:
        name, colon, value = text.partition(":")
        if not colon or not name.strip():
            message = "a header is written 'Name: value'"
            raise UsageError(message)
        headers[name.strip()] = value.strip()
    return headers
