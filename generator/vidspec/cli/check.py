"""``vidspec check``."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from vidspec.cli.gateway import Speaker, gateway_option, spoken
from vidspec.cli.groups import spread
from vidspec.cli.judging import Judging, given
from vidspec.cli.options import spec_option
from vidspec.cli.recorded import judge_har, tell_counts
from vidspec.cli.rehearsal import money_of, rehearse
from vidspec.cli.report import read_run
from vidspec.cli.streams import recording, rest
from vidspec.errors import UsageError

Value = TypeVar("Value", int, float)

if TYPE_CHECKING:
    from vidspec.conformance import CheckFile, Mode


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(spread(check))


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
    model: Annotated[
        str | None, typer.Option(help="Model to ask for instead of the document's example.")
    ] = None,
    header: Annotated[
        list[str] | None, typer.Option(metavar="NAME: VALUE", help="Extra header.")
    ] = None,
    judging: Judging,
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
    judging = _over(judging, file)
    kinds = judging.kinds()
    if har is not None:
        named = spoken(gateway, dialect or file.dialect, spec).dialect
        contract = load_contract(spec, [named])
        known = judging.known(contract)
        choice = Options(
            surface=judging.surface, only=tuple(judging.only or ()), skip=tuple(judging.skip or ())
        )
        run, traffic = judge_har(har, url or file.target, named, choice, contract)
        code = judging.conclude(run, known)
        tell_counts(traffic)
        raise typer.Exit(code)
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
        surface=judging.surface,
        budget=_first(budget, file.budget),
        only=tuple(judging.only or ()),
        skip=tuple(judging.skip or ()),
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
    known = judging.known(contract)
    with live() as show, recording(kinds, show) as record:
        run = judge(contract, target, options, on_event=record)
    if earlier is not None:
        run = merge([earlier, run], continued=True)
    raise typer.Exit(judging.conclude(run, known))


def _over(judging: Judging, file: "CheckFile") -> Judging:
    """Return the options with what the file says where the caller said nothing."""
    return replace(
        judging,
        only=judging.only or list(file.only),
        skip=judging.skip or list(file.skip),
        report=judging.report or list(file.report),
        baseline=judging.baseline or file.baseline,
    )


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


def _first(said: Value | None, otherwise: Value | None) -> Value | None:
    """Return the first that is there: 0 is an answer, too."""
    return otherwise if said is None else said


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
