"""``vidspec report``: what recorded runs say, in the form that somebody needs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from vidspec.errors import UsageError

if TYPE_CHECKING:
    from vidspec.conformance import Run

_TO = "html, junit, markdown, sarif, json, jsonl, badge, github, text, or matrix (several runs)."
_OUTPUT = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write there instead of to stdout.")
]
_RUN = Annotated[Path, typer.Argument(metavar="RUN.jsonl", help="A recorded run.")]


class _ShowsByDefault(TyperGroup):
    """``vidspec report FILE`` is ``vidspec report show FILE``; a file called ``diff`` is ``./diff``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in {*self.commands, "--help"}:
            args = ["show", *args]
        return super().parse_args(ctx, args)


report = typer.Typer(
    cls=_ShowsByDefault, help="Turn recorded runs into reports, or compare them.",
    no_args_is_help=True,
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(report, name="report")


@report.command()
def show(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN.jsonl…", help="What check --report wrote.")
    ],
    *,
    to: Annotated[str, typer.Option(metavar="KIND", help=_TO)] = "text",
    output: _OUTPUT = None,
) -> None:
    """Render recorded runs (the command may be left out): exit 0 whatever they say."""
    from vidspec.conformance.report import render_all

    put(render_all([read_run(path) for path in runs], to), output)


@report.command()
def diff(
    before: _RUN,
    after: _RUN,
    *,
    to: Annotated[str, typer.Option(metavar="KIND", help="text, markdown or json.")] = "text",
    output: _OUTPUT = None,
) -> None:
    """Tell what got better and what got worse: exit 1 if anything got worse."""
    from vidspec.conformance.report import DIFF_KINDS, compare, render_diff

    if to not in DIFF_KINDS:
        message = f"no such kind of comparison: {to} (there are: {', '.join(DIFF_KINDS)})"
        raise UsageError(message)
    difference = compare(read_run(before), read_run(after))
    put(render_diff(difference, to), output)
    raise typer.Exit(difference.exit_code)


@report.command()
def merge(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN.jsonl…", help="Parts of one check.")],
    *,
    output: _OUTPUT = None,
) -> None:
    """Make one run of the parts that --shard made: exit as the whole check would."""
    from vidspec.conformance import merge as join

    whole = join([read_run(path) for path in runs])
    put(whole.lines(), output)
    raise typer.Exit(whole.exit_code)


def read_run(path: Path) -> "Run":
    """Read a stream; raise UsageError if it is none. A last line that was cut off makes it a truncated one."""
    from vidspec.conformance import Run, read_lines

    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise UsageError(message) from error
    # Whoever wrote it was ended in the middle of a line: what came before still counts.
    whole = text[: text.rfind("\n") + 1]
    try:
        return Run.of(read_lines(whole.split("\n")))
    except UsageError as error:
        message = f"{path}: {error.message}"
        raise UsageError(message, hint="Runs are written by: vidspec check … --report RUN.jsonl") from error  # fmt: skip


def probe(output: Path) -> None:
    """Raise UsageError where a file cannot be written: better said before a run that costs money than after it."""
    if output.is_dir() or (output.exists() and not output.is_file()):
        message = f"{output} cannot be written: it is {'a folder' if output.is_dir() else 'no ordinary file'}"
        raise UsageError(message)
    try:
        partial = _partial(output)
        partial.touch()
        partial.unlink()
    except OSError as error:
        message = f"{output} cannot be written: {error.strerror}"
        raise UsageError(message) from error


def _partial(output: Path) -> Path:
    output.parent.mkdir(parents=True, exist_ok=True)
    return output.with_name(output.name + ".part")


def put(text: str, output: Path | None, name: str = "report") -> None:
    """Print the text, or write it to a file, whole or not at all."""
    if output is None:
        typer.echo(text, nl=False)
        return
    partial = _partial(output)
    partial.write_text(text, encoding="utf-8")
    partial.replace(output)
    typer.echo(f"{name}: {output}", err=True)
