"""``vidspec mock``."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from vidspec.cli.options import spec_option
from vidspec.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(mock)


def mock(
    names: Annotated[
        list[str],
        typer.Argument(help="Dialects or gateways; several are served under /<name>."),
    ],
    *,
    profile: Annotated[
        Literal["published", "observed"],
        typer.Option(help="Play gateways as their documents say, or as they are seen to behave."),
    ] = "published",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on (0: any free one).")] = 8000,
    job_seconds: Annotated[float, typer.Option(min=0, help="How long a job takes.")] = 2.0,
    api_key: Annotated[
        str | None,
        typer.Option(help="The only key accepted (default: any).", envvar="VIDSPEC_MOCK_KEY"),
    ] = None,
    lenient_ids: Annotated[
        bool,
        typer.Option("--lenient-ids", help="Answer for any well-formed id with a finished job."),
    ] = False,
    store: Annotated[
        Path | None,
        typer.Option(help="SQLite file in which jobs survive a restart.", dir_okay=False),
    ] = None,
    isolate_keys: Annotated[
        bool,
        typer.Option("--isolate-keys", help="Callers with different keys see different jobs."),
    ] = False,
    max_jobs: Annotated[
        int, typer.Option(min=1, help="How many jobs are kept; the oldest go.")
    ] = 100_000,
    max_age: Annotated[
        float | None, typer.Option(min=0, help="For how many seconds jobs are kept.")
    ] = None,
    tone: Annotated[
        bool,
        typer.Option("--tone", help="Give every video sound, not only where a job asks for it."),
    ] = False,
    break_: Annotated[
        list[str] | None,
        typer.Option("--break", metavar="ID", help="Commit the fault that a requirement forbids."),
    ] = None,
    spec: spec_option = None,
) -> None:
    """Serve a video gateway that behaves: real jobs, real MP4s, no money, no waiting."""
    from vidspec.contract import load_contract
    from vidspec.mock import MockApp, MockOptions, faults_of, serve, speakers

    contract = load_contract(spec, ())
    options = MockOptions(
        job_seconds=job_seconds,
        api_key=api_key,
        lenient_ids=lenient_ids,
        store=store,
        isolate_keys=isolate_keys,
        max_jobs=max_jobs,
        max_age_seconds=max_age,
        tone=tone,
        faults=faults_of(contract.requirements, break_ or ()),
    )
    app = MockApp(speakers(names, profile, spec), options, named=len(names) > 1)

    def announce(url: str) -> None:
        for name, path in app.base_paths.items():
            typer.echo(f"{name}: {url}{path}")
        typer.echo("Any key is accepted." if api_key is None else "One key is accepted.", err=True)

    try:
        serve(app, host, port, on_start=announce)
    except OSError as error:
        message = f"cannot listen on {host}:{port}: {error.strerror or error}"
        raise UsageError(message, hint="Choose another with --port (0: any free one).") from error
