"""``vidspec mock``."""

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from vidspec.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vidspec.contract import Dialect
    from vidspec.mock import Recording


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(mock)


def mock(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Dialects or gateways; several are served under /<name>."),
    ] = None,
    *,
    profile: Annotated[
        Literal["published", "observed"],
        typer.Option(help="Play gateways as their documents say, or as they are seen to behave."),
    ] = "published",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on (0: any free one).")
    ] = 8000,
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
    model_limits: Annotated[
        bool,
        typer.Option(
            "--model-limits",
            help="Refuse sizes, lengths and inputs that the named model does not support.",
        ),
    ] = False,
    break_: Annotated[
        list[str] | None,
        typer.Option("--break", metavar="ID", help="Commit the fault that a requirement forbids."),
    ] = None,
    script: Annotated[
        list[str] | None,
        typer.Option(
            "--script",
            metavar="[MODEL=]SCRIPT|@FILE",
            help='Course of jobs, such as "queued*2, 37%, failed:CODE", "polls 5", "manual".',
        ),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            "--fault",
            metavar="FAULT",
            help='What goes wrong: "status=503 rate=0.3 on=create", "latency=200ms", "reset=after" …',
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="What the chances of --fault are thrown with.")] = 0,
    warn_only: Annotated[
        bool,
        typer.Option("--warn-only", help="Let wrong requests pass, but say what was wrong."),
    ] = False,
    control: Annotated[
        Literal["local", "anywhere", "off"],
        typer.Option(help="Who reaches the page and the API under /_vidspec/."),
    ] = "local",
    no_control: Annotated[
        bool, typer.Option("--no-control", help="The same as --control off.")
    ] = False,
    record: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Hand every call on to the gateway at this base URL and keep what is said (money is spent there).",
        ),
    ] = None,
    fixtures: Annotated[
        Path, typer.Option(help="Where --record keeps it.", file_okay=False)
    ] = Path("fixtures"),
    media: Annotated[
        bool, typer.Option("--media/--no-media", help="Whether --record keeps videos too.")
    ] = True,
    replay: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Answer with what --record kept there; never call anybody.",
            file_okay=False,
        ),
    ] = None,
    webhook: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Tell this address of every job, as the dialect does it."),
    ] = None,
    webhook_secret_env: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Environment variable of the secret that signs webhooks."
        ),
    ] = None,
    webhook_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST", help="A host that requests may name for webhooks (this machine always)."
        ),
    ] = None,
    webhook_duplicates: Annotated[
        float, typer.Option(min=0, max=1, help="How many webhooks come twice, as a part.")
    ] = 0.0,
    webhook_disorder: Annotated[
        float, typer.Option(min=0, max=1, help="How many webhooks come late, as a part.")
    ] = 0.0,
    webhook_seed: Annotated[int, typer.Option(help="Decides which webhooks these are.")] = 0,
    spec: Annotated[
        Path | None,
        typer.Option(
            help="A specification of your own: a folder, or one OpenAPI file (then no name is needed).",
            exists=True,
        ),
    ] = None,
    overlay: Annotated[
        list[Path] | None,
        typer.Option(
            help="Overlay that annotates the OpenAPI file of --spec; several are applied in order.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
) -> None:
    """Serve a video gateway that behaves: real jobs, real MP4s, no money, no waiting."""
    if record is not None and replay is not None:
        message = "--record and --replay exclude each other"
        raise UsageError(message)
    from vidspec.contract import load_contract
    from vidspec.mock import (
        MockApp,
        MockOptions,
        WebhookOptions,
        faults_of,
        own_dialect,
        read_scripts,
        serve,
        speakers,
    )

    names = names or []
    alone = spec is not None and spec.is_file()
    if overlay and not alone:
        message = "--overlay goes with a --spec that is one OpenAPI file"
        raise UsageError(message)
    if alone and names:
        message = (
            f"the file of --spec says itself which dialect it is: leave out {', '.join(names)}"
        )
        raise UsageError(message)
    contract = load_contract(None if alone else spec, ())
    options = MockOptions(
        job_seconds=job_seconds,
        api_key=api_key,
        lenient_ids=lenient_ids,
        store=store,
        isolate_keys=isolate_keys,
        max_jobs=max_jobs,
        max_age_seconds=max_age,
        scripts=read_scripts(script or ()),
        incidents=tuple(fault or ()),
        seed=seed,
        warn_only=warn_only,
        on_invalid=lambda entry: typer.echo(f"invalid: {entry.line()}", err=True),
        control="off" if no_control else control,
        tone=tone,
        model_limits=model_limits,
        record=_recording(names, record, fixtures, media=media),
        replay=replay,
        webhooks=WebhookOptions(
            webhook,
            _secret(webhook_secret_env),
            frozenset(webhook_host or ()),
            duplicates=webhook_duplicates,
            disorder=webhook_disorder,
            seed=webhook_seed,
        ),
        faults=faults_of(contract.requirements, break_ or ()),
    )
    if spec is not None and alone:
        dialect = own_dialect(spec, overlay or ())
        played: Mapping[str, Dialect] = {dialect.name: dialect}
    else:
        played = speakers(names, profile, spec)
    app = MockApp(played, options, named=len(names) > 1)

    def announce(url: str) -> None:
        for name, path in app.base_paths.items():
            typer.echo(f"{name}: {url}{path}")
        if app.options.control != "off":
            typer.echo(f"Watch and control it at {url}/_vidspec/", err=True)
        typer.echo("Any key is accepted." if api_key is None else "One key is accepted.", err=True)

    # Being told to stop is the usual end of a server: it says what it saw, as after Ctrl-C.
    signal.signal(signal.SIGTERM, _stop)
    try:
        serve(app, host, port, on_start=announce)
    except KeyboardInterrupt:
        pass
    except OSError as error:
        message = f"cannot listen on {host}:{port}: {error.strerror or error}"
        raise UsageError(message, hint="Choose another with --port (0: any free one).") from error
    finally:
        if len(app.journal):
            typer.echo(app.summary(), err=True)


def _stop(number: int, frame: object) -> None:
    del frame
    raise SystemExit(128 + number)


def _secret(name: str | None) -> str | None:
    """Return the secret in that environment variable; raise UsageError if there is none."""
    if name is not None and not os.environ.get(name):
        message = f"the environment variable {name} holds no webhook secret"
        raise UsageError(message)
    return None if name is None else os.environ[name]


def _recording(
    names: list[str], url: str | None, folder: Path, *, media: bool
) -> "Recording | None":
    """Return what is to be recorded; raise UsageError for an address that is none."""
    if url is None:
        return None
    from vidspec.mock import Recording

    if not url.startswith(("https://", "http://")) or "?" in url:
        message = f"--record takes a base URL, not {url}"
        raise UsageError(message)
    if len(names) > 1:
        message = "--record takes one name: there is one upstream"
        raise UsageError(message)
    return Recording(url, folder, media)
