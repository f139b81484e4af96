"""``vidspec video``: trying a gateway by hand."""

import json
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from vidspec.cli.groups import spread
from vidspec.cli.options import json_option
from vidspec.cli.report import probe
from vidspec.errors import UsageError, VidspecError

if TYPE_CHECKING:
    from vidspec_client import VideoClient, VideoError, VideoJob, Wishes

video = typer.Typer(help="Make videos at any known gateway.", no_args_is_help=True)


@dataclass(frozen=True, slots=True)
class Access:
    """The options that say which gateway is meant, and how it is reached."""

    gateway: Annotated[str, typer.Option(envvar="VIDSPEC_GATEWAY", help="Name of the gateway.")]
    base_url: Annotated[str | None, typer.Option(help="Its address, if not the usual one.")] = None
    api_key: Annotated[
        str | None,
        typer.Option(
            envvar="VIDSPEC_API_KEY", help="The key (default: the gateway's own variable)."
        ),
    ] = None
    profile: Annotated[
        Literal["observed", "published"],
        typer.Option(help="Ask as the gateway is seen to work, or as it publishes."),
    ] = "observed"

    @contextmanager
    def client(self) -> Iterator["VideoClient"]:
        """Give a client; its errors become ours, which end in a message and an exit code."""
        from vidspec_client import Unsupported, VideoClient, VideoError

        try:
            with VideoClient(
                self.gateway, base_url=self.base_url, api_key=self.api_key, profile=self.profile
            ) as client:
                yield client
        except (Unsupported, ValueError) as error:
            raise UsageError(str(error)) from error
        except VideoError as error:
            raise VidspecError(str(error), hint=_way_out(error)) from error
        except OSError as error:
            if error.filename is None:
                raise VidspecError(str(error)) from error
            message = f"{error.filename}: {error.strerror}"
            raise UsageError(message) from error


@dataclass(frozen=True, slots=True)
class Asked:
    """The options that say which video is wanted."""

    model: Annotated[str | None, typer.Option(help="Model.")] = None
    seconds: Annotated[float | None, typer.Option(help="Length.")] = None
    size: Annotated[str | None, typer.Option(metavar="WxH", help="Pixels: 1280x720.")] = None
    aspect_ratio: Annotated[str | None, typer.Option(metavar="W:H", help="Shape: 16:9.")] = None
    resolution: Annotated[str | None, typer.Option(help="Class: 720p.")] = None
    image: Annotated[str | None, typer.Option(help="First frame: file or URL.")] = None
    last_image: Annotated[str | None, typer.Option(help="Last frame: file or URL.")] = None
    reference_image: Annotated[
        list[str] | None, typer.Option(help="Guiding picture: file or URL.")
    ] = None
    negative_prompt: Annotated[str | None, typer.Option(help="What it must not show.")] = None
    seed: Annotated[int | None, typer.Option(help="Start value of the random numbers.")] = None
    n: Annotated[int | None, typer.Option("--n", help="How many videos.")] = None
    audio: Annotated[bool | None, typer.Option("--audio/--no-audio", help="Sound.")] = None
    callback_url: Annotated[str | None, typer.Option(help="Address to tell when it has ended.")] = (
        None
    )

    def wishes(self) -> "Wishes":
        """Return them as the client takes them."""
        return {
            "model": self.model,
            "seconds": self.seconds,
            "size": self.size,
            "aspect_ratio": self.aspect_ratio,
            "resolution": self.resolution,
            "image": self.image,
            "last_image": self.last_image,
            "reference_images": self.reference_image,
            "negative_prompt": self.negative_prompt,
            "seed": self.seed,
            "n": self.n,
            "audio": self.audio,
            "callback_url": self.callback_url,
        }


surface_option = Annotated[
    str | None, typer.Option(help="Family of jobs, in a dialect with several.")
]
model_option = Annotated[str | None, typer.Option(help="Model.")]
timeout_option = Annotated[float, typer.Option(min=0, help="Seconds to wait at most.")]
interval_option = Annotated[
    float | None, typer.Option(min=0, help="Seconds between two looks (default: the gateway's).")
]
set_option = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=JSON", help="A field by the dialect's own name."),
]


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(video, name="video")


@video.command()
@spread
def create(
    prompt: str,
    *,
    access: Access,
    surface: surface_option = None,
    asked: Asked,
    set_: set_option = None,
    as_json: json_option = False,
) -> None:
    """Make a job and print it; this costs money."""
    with access.client() as client:
        job = client.create(prompt, surface=surface, extra_body=_extra(set_), **asked.wishes())
    _show(job, as_json=as_json)


@video.command()
@spread
def generate(
    prompt: str,
    output: Annotated[Path, typer.Argument(help="File to write.")],
    *,
    access: Access,
    surface: surface_option = None,
    asked: Asked,
    set_: set_option = None,
    timeout: timeout_option = 900,
    interval: interval_option = None,
    as_json: json_option = False,
) -> None:
    """Make a video, wait for it and save it; this costs money."""
    from vidspec.cli.bars import bar

    probe(output)
    with access.client() as client:
        job = client.create(prompt, surface=surface, extra_body=_extra(set_), **asked.wishes())
        with _kept(job, access, output), bar(access.gateway) as line:
            done = client.wait(job, timeout=timeout, interval=interval, on_update=line.update)
            file = client.download(done, output, progress=line.received)
    _show(done, as_json=as_json)
    typer.echo(f"{file.path}: {file.size} bytes", err=True)


@video.command()
@spread
def get(
    job_id: str,
    *,
    access: Access,
    surface: surface_option = None,
    model: model_option = None,
    as_json: json_option = False,
) -> None:
    """Look at a job."""
    with access.client() as client:
        job = client.retrieve(job_id, surface=surface, model=model)
    _show(job, as_json=as_json)


@video.command("list")
@spread
def list_(
    *,
    access: Access,
    surface: surface_option = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 20,
    order: Annotated[str | None, typer.Option(help="asc or desc.")] = None,
    provider: Annotated[str | None, typer.Option(help="Whose jobs, where that is asked.")] = None,
    as_json: json_option = False,
) -> None:
    """List jobs, the newest first."""
    with access.client() as client:
        jobs = list(client.list(limit=limit, order=order, provider=provider, surface=surface))
    if as_json:
        typer.echo(json.dumps([_plain(job) for job in jobs], indent=2, ensure_ascii=False))
        return
    for job in jobs:
        typer.echo(f"{job.id}  {job.state}  {job.model or ''}  {job.prompt or ''}".rstrip())


@video.command()
@spread
def wait(
    job_id: str,
    *,
    access: Access,
    surface: surface_option = None,
    model: model_option = None,
    timeout: timeout_option = 900,
    interval: interval_option = None,
    as_json: json_option = False,
) -> None:
    """Wait until a job is completed."""
    from vidspec.cli.bars import bar

    with access.client() as client, bar(job_id) as line:
        job = client.wait(
            job_id,
            timeout=timeout,
            interval=interval,
            on_update=line.update,
            surface=surface,
            model=model,
        )
    _show(job, as_json=as_json)


@video.command()
@spread
def download(
    job_id: str,
    output: Annotated[Path, typer.Argument(help="File to write.")],
    *,
    access: Access,
    surface: surface_option = None,
    model: model_option = None,
    variant: Annotated[str | None, typer.Option(help="Something else than the video.")] = None,
    index: Annotated[int, typer.Option(min=0, help="Which of several videos.")] = 0,
) -> None:
    """Save the result of a completed job."""
    from vidspec.cli.bars import bar

    probe(output)
    with access.client() as client, bar(job_id) as line:
        saved = client.download(
            job_id,
            output,
            variant=variant,
            index=index,
            progress=line.received,
            surface=surface,
            model=model,
        )
    typer.echo(f"{saved.path}: {saved.size} bytes")


@video.command()
@spread
def delete(
    job_id: str,
    *,
    access: Access,
    surface: surface_option = None,
) -> None:
    """Remove a job and its results."""
    with access.client() as client:
        client.delete(job_id, surface=surface)
    typer.echo(f"{job_id}: deleted")


@video.command()
@spread
def remix(
    job_id: str,
    prompt: str,
    *,
    access: Access,
    surface: surface_option = None,
    model: model_option = None,
    as_json: json_option = False,
) -> None:
    """Make a job from a completed one; this costs money."""
    with access.client() as client:
        job = client.remix(job_id, prompt, surface=surface, model=model)
    _show(job, as_json=as_json)


@video.command()
@spread
def models(
    *,
    access: Access,
    as_json: json_option = False,
) -> None:
    """List the models that the gateway offers."""
    with access.client() as client:
        found = client.models()
    if as_json:
        typer.echo(json.dumps([model.raw for model in found], indent=2, ensure_ascii=False))
        return
    for model in found:
        typer.echo(model.id)


def _way_out(error: "VideoError") -> str | None:
    """Return what to try where nothing answers, or the key is refused."""
    from vidspec_client import TransportError

    if getattr(error, "status", None) == 401:
        return "Give --api-key, or set the gateway's variable: vidspec list gateways"
    if isinstance(error, TransportError) and not error.may_have_arrived:
        return "Nothing was sent. Is the address right (--base-url; vidspec list gateways)?"
    return None


@contextmanager
def _kept(job: "VideoJob", access: Access, output: Path) -> Iterator[None]:
    """Say how to come back to a job that is left before its video is here: it goes on, and is paid for."""
    from vidspec_client import JobCancelled, JobExpired, JobFailed

    try:
        yield
    except (JobFailed, JobCancelled, JobExpired):
        raise
    except BaseException:
        where = ["--gateway", access.gateway]
        where += ["--base-url", access.base_url] if access.base_url else []
        where += ["--surface", job.surface] if job.surface else []
        typer.echo(f"job {job.id} was made and goes on; to come back to it:", err=True)
        for words in (["wait", job.id], ["download", job.id, str(output)]):
            typer.echo(f"  vidspec video {shlex.join([*words, *where])}", err=True)
        raise


def _extra(said: list[str] | None) -> dict[str, Any]:
    """Read ``name=json`` pairs; what is not JSON is text."""
    fields: dict[str, Any] = {}
    for pair in said or ():
        name, equals, text = pair.partition("=")
        if not name or not equals:
            message = f"--set takes NAME=JSON, not {pair!r}"
            raise UsageError(message)
        try:
            fields[name] = json.loads(text)
        except ValueError:
            fields[name] = text
    return fields


def _plain(job: "VideoJob") -> Mapping[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(job).items()
    }


def _show(job: "VideoJob", *, as_json: bool) -> None:
    """Print a job: what is known of it for people, everything for programs."""
    plain = _plain(job)
    if as_json:
        typer.echo(json.dumps(plain, indent=2, ensure_ascii=False))
        return
    for name, value in plain.items():
        if name != "raw" and value not in (None, (), []):
            text = ", ".join(value) if isinstance(value, list | tuple) else value
            typer.echo(f"{name}: {text}")
