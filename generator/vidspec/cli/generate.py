"""``vidspec generate``."""

import gc
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from vidspec.cli.options import spec_option
from vidspec.errors import SpecError, UsageError

if TYPE_CHECKING:
    from vidspec.emit import Drift, FileTree, Inputs, Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(generate)


def generate(
    *,
    dialect: Annotated[list[str] | None, typer.Option(help="Only these dialects.")] = None,
    emitter: Annotated[
        str,
        typer.Option(help="Which emitter: vidspec, openapi-python-client, markdown, or a plug-in."),
    ] = "vidspec",
    output: Annotated[
        Path | None,
        typer.Option(help="Folder to write into (default: generated; needed by other emitters)."),
    ] = None,
    package: Annotated[
        str | None,
        typer.Option(help="Name of the package of clients (alone: no server stubs are emitted)."),
    ] = None,
    server_package: Annotated[
        str | None,
        typer.Option(help="Name of the package of server stubs (alone: no clients are emitted)."),
    ] = None,
    templates: Annotated[
        Path | None,
        typer.Option(
            help="Folder of your own templates: those named like ours win.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; say what differs (exit 1).")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Emit again whenever the specification changes.")
    ] = False,
    cache: Annotated[
        bool, typer.Option(help="Trust the manifest for dialects whose inputs have not changed.")
    ] = True,
    spec: spec_option = None,
) -> None:
    """Emit clients and server stubs from the specification."""
    from vidspec.emit import DEFAULT, Settings
    from vidspec.resources import spec_root

    if watch and check:
        message = "--watch writes and --check does not: one of them"
        raise UsageError(message)
    if emitter == DEFAULT:
        named = package or server_package
        names = {"client": package, "server": server_package} if named else {}
        job: _Job = _Ours(
            output=output or Path("generated"),
            dialects=dialect or None,
            settings=Settings(**names, templates=templates),
            spec=spec or spec_root(),
            cache=cache,
        )
    else:
        if output is None:
            message = f"the emitter {emitter!r} needs --output"
            raise UsageError(message)
        if package or server_package or templates:
            message = (
                f"--package, --server-package and --templates are not for the emitter {emitter!r}"
            )
            raise UsageError(message)
        job = _Others(output=output, name=emitter, dialects=dialect or None, spec=spec)
    if watch:
        _watch(job, [p for p in (spec or spec_root(), templates) if p is not None])
        return
    with _uncollected():
        if check:
            _check(job)
        else:
            _write(job)


class _Job(Protocol):
    """What is emitted where."""

    @property
    def output(self) -> Path: ...

    def compare(self) -> "tuple[FileTree, Drift]":
        """Return what should be there and how what is there differs."""

    def write(self) -> "tuple[FileTree, Drift]":
        """Write what should be there; return it and what was different."""


@dataclass(frozen=True)
class _Ours:
    output: Path
    dialects: Sequence[str] | None
    settings: "Settings"
    spec: Path
    cache: bool

    def compare(self) -> "tuple[FileTree, Drift]":
        from vidspec.emit import compare_tree

        tree, _ = self._emit()
        return tree, compare_tree(tree, self.output)

    def write(self) -> "tuple[FileTree, Drift]":
        from vidspec.emit import remember, write_tree

        tree, inputs = self._emit()
        drift = write_tree(tree, self.output)
        if inputs is not None:
            remember(self.output, inputs)
        return tree, drift

    def _emit(self) -> "tuple[FileTree, Inputs | None]":
        from vidspec.emit import regenerate

        return regenerate(
            self.spec, self.output, self.settings, dialects=self.dialects, cache=self.cache
        )


@dataclass(frozen=True)
class _Others:
    output: Path
    name: str
    dialects: Sequence[str] | None
    spec: Path | None

    def compare(self) -> "tuple[FileTree, Drift]":
        from vidspec.emit import compare_folder

        tree = self._emit()
        return tree, compare_folder(tree, self.output, self.name)

    def write(self) -> "tuple[FileTree, Drift]":
        from vidspec.emit import write_folder

        tree = self._emit()
        return tree, write_folder(tree, self.output, self.name)

    def _emit(self) -> "FileTree":
        from vidspec.contract import load_contract
        from vidspec.emit import find_emitter

        return find_emitter(self.name)(load_contract(self.spec, self.dialects, lint=True))


def _check(job: _Job) -> None:
    from vidspec.emit import changed_lines

    tree, drift = job.compare()
    _print(drift.lines())
    if drift:
        _print(changed_lines(tree, job.output, drift))
        words = [w for w in sys.argv[1:] if w not in {"--check", "--no-cache"}]
        typer.echo(
            f"drift: run '{shlex.join(['vidspec', *words])}' and commit what it writes", err=True
        )
        raise typer.Exit(1)
    typer.echo(f"{len(tree)} files in {job.output}/: as the specification says.")


def _write(job: _Job) -> None:
    tree, drift = job.write()
    if len(drift.missing) < len(tree):
        # Where everything is new, its number says enough.
        _print(line.replace("missing:", "new:", 1) for line in drift.lines())
    state = "written" if drift else "as the specification says"
    typer.echo(f"{len(tree)} files in {job.output}/: {state}.")


def _watch(job: _Job, folders: Sequence[Path]) -> None:
    """Write, and write again whenever a file has changed, until interrupted; problems are printed and waited out."""
    from vidspec.cli.watching import changes

    changed = changes(folders)
    try:
        while True:
            try:
                _write(job)
            except (SpecError, UsageError) as error:
                typer.echo(error.render(), err=True)
            typer.echo(f"watching {', '.join(map(str, folders))} (Ctrl-C ends)", err=True)
            _print(f"changed: {path}" for path in next(changed))
    except KeyboardInterrupt:
        typer.echo("stopped", err=True)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Let garbage lie: in a process that soon ends, looking for it is a tenth of the work."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)
