"""``vidspec check``."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from vidspec.cli.excuses import excuse, read_excuses
from vidspec.cli.gateway import Speaker, gateway_option, spoken
from vidspec.cli.options import spec_option
from vidspec.cli.recorded import judge_har, tell_counts
from vidspec.cli.rehearsal import money_of, rehearse
from vidspec.cli.report import probe, put, read_run
from vidspec.cli.streams import recording, rest
from vidspec.errors import UsageError

Value = TypeVar("Value", int, float)

if TYPE_CHECKING:
    from vidspec.conformance import Mode, Run

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
    url: Annotated[
        str | None, typer.Argument(help="The gateway's base URL, as an SDK takes it.")
    ] = None,
    *,
    dialect: Annotated[
        str | None,
        typer.Option(help="The dialect it claims to speak; auto: find out by free calls."),
    ] = None,
    gateway: gateway_option = None,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A check as a file (vidspec-check.toml); options win."),
    ] = None,
    api_key: Annotated[
        str | None,
        typer.Option(
            envvar="VIDSPEC_API_KEY", help="The key (default: the dialect's own variable)."
        ),
    ] = None,
    mode: Annotated[
        str | None,
        typer.Option(
            help="free (no paid call), smoke (at most 3), standard (6; the default), deep (any)."
        ),
    ] = None,
    budget: Annotated[
        int | None, typer.Option(min=0, help="The most paid calls (default: what the mode allows).")
    ] = None,
    surface: Annotated[
        str | None, typer.Option(help="Family of jobs to judge (default: the dialect's main one).")
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
    price: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="What one paid call costs, in any currency (default: what the gateway's models listing says).",
        ),
    ] = None,
    max_cost: Annotated[
        float | None, typer.Option(min=0, help="The most that all paid calls may cost.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be sent and what it may cost.")
    ] = False,
    shard: Annotated[
        str | None,
        typer.Option(metavar="N/M", help="Only this part; each part has the whole budget."),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(metavar="RUN.jsonl", help="Judge only what this run did not reach."),
    ] = None,
    job_timeout: Annotated[
        float | None, typer.Option(min=0, help="Seconds that a job may take (default: 600).")
    ] = None,
    max_time: Annotated[
        float | None, typer.Option(min=0, help="Seconds that the whole check may take.")
    ] = None,
    concurrency: Annotated[
        int | None,
        typer.Option(min=1, help="Free questions that may be asked at once (default: 1)."),
    ] = None,
    fail_prompt: Annotated[
        str | None, typer.Option(help="A prompt that is known to make a job fail.")
    ] = None,
    har: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Judge this recorded traffic (HAR); nothing is sent."),
    ] = None,
    spec: spec_option = None,
) -> None:
    """Judge whether a gateway does what the contract says: exit 0 yes, 1 no, 4 not measurable."""
    from vidspec.cli.progress import live
    from vidspec.conformance import (
        CheckFile,
        Options,
        Shard,
        Target,
        load_check_file,
        merge,
        with_environment,
    )
    from vidspec.conformance import check as judge
    from vidspec.contract import load_contract

    file = load_check_file(config, os.environ) if config else CheckFile()
    kinds = {path: kind_of(path) for path in report or file.report}
    excuses = baseline or file.baseline
    if har is not None:
        named = spoken(gateway, dialect or file.dialect, spec).dialect
        contract = load_contract(spec, [named])
        known = read_excuses(excuses, contract, update=update_baseline)
        choice = Options(
            surface=surface, only=tuple(only or file.only), skip=tuple(skip or file.skip)
        )
        run, traffic = judge_har(har, url or file.target, named, choice, contract)
        run = excuse(run, known, excuses, update=update_baseline)
        finish(run, kinds)
        tell_counts(traffic)
        raise typer.Exit(run.exit_code)
    if gateway is None:
        given(url or file.target, "a URL", "URL")
    speaker = Speaker("auto")
    if gateway is not None or (dialect or file.dialect) != "auto":
        speaker = spoken(gateway, dialect or file.dialect, spec)
    said_url, said_dialect = (
        given(url or file.target or speaker.base_url, "a URL", "URL"),
        speaker.dialect,
    )
    if said_dialect == "auto":
        said_dialect = _recognised(said_url, api_key or file.api_key, spec)
    contract = load_contract(spec, [said_dialect])
    target = with_environment(
        Target(
            base_url=said_url,
            dialect=said_dialect,
            api_key=api_key or file.api_key,
            headers={**file.headers, **_headers(header or ())},
            model=model or file.model,
            observed=speaker.gateway.observed if speaker.gateway else None,
        ),
        # A gateway's own variables take the place of the dialect's.
        {
            **contract.dialects[said_dialect].environment,
            **(speaker.gateway.environment if speaker.gateway else {}),
        },
        os.environ,
    )
    options = Options(
        mode=_mode(mode) if mode else file.mode or "standard",
        surface=surface,
        budget=_first(budget, file.budget),
        only=tuple(only or file.only),
        skip=tuple(skip or file.skip),
        job_timeout=_first(job_timeout, file.job_timeout) or 600.0,
        max_time=_first(max_time, file.max_time),
        concurrency=max(1, _first(concurrency, file.concurrency) or 1),
        fail_prompt=fail_prompt or file.fail_prompt,
    )
    limit = _first(max_cost, file.max_cost)
    money = money_of(_first(price, file.price), limit, contract, target, options)
    options = replace(
        options, budget=money.cap(options.cap), tariff=money.tariff, max_cost=money.most
    )
    if shard is not None:
        options = replace(options, ids=Shard.read(shard).of({r.id for r in contract.requirements}))
    earlier = None if resume is None else read_run(resume)
    if earlier is not None:
        options = rest(earlier, target, options, contract)
    if dry_run:
        for line in rehearse(contract, target, options, money):
            typer.echo(line)
        raise typer.Exit
    known = read_excuses(excuses, contract, update=update_baseline)
    for path in kinds:
        probe(path)
    with live() as show, recording(kinds, show) as record:
        run = judge(contract, target, options, on_event=record)
    if earlier is not None:
        run = merge([earlier, run], continued=True)
    run = excuse(run, known, excuses, update=update_baseline)
    finish(run, kinds)
    raise typer.Exit(run.exit_code)


def _recognised(url: str, api_key: str | None, spec: Path | None) -> str:
    """Find out which dialect is spoken, and say how; no key but one for this gateway is shown to it."""
    from vidspec.conformance import Target, decided, recognise
    from vidspec.contract import load_contract

    plain = Target(url, "auto").url
    found = decided(recognise(load_contract(spec).dialects, plain, api_key), plain)
    typer.echo(f"recognised: {found.dialect}", err=True)
    for line in found.told:
        typer.echo(f"  {line}", err=True)
    return found.dialect


def given(value: str | None, what: str, hint: str) -> str:
    """Return a value that must be there; raise UsageError where it is not."""
    if value is None:
        message = f"{what} is missing"
        raise UsageError(message, hint=f"Give {hint}, or a file that names it: --config FILE.")
    return value


def _first(said: Value | None, otherwise: Value | None) -> Value | None:
    """Return the first that is there: 0 is an answer, too."""
    return otherwise if said is None else said


def finish(run: "Run", kinds: dict[Path, str]) -> None:
    """Print the verdicts and write the reports, each whole or not at all."""
    from vidspec.conformance.report import render, show

    show(run)
    for path, kind in kinds.items():
        put(render(run, kind), path)


def kind_of(path: Path) -> str:
    """Return the kind of report that a file name asks for; raise UsageError for an unknown ending."""
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
