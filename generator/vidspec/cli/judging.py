"""What a judgement is about and where it goes: the options that ``check`` and ``proxy`` share."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from vidspec.cli.excuses import excuse, read_excuses
from vidspec.cli.report import probe, put
from vidspec.errors import UsageError

if TYPE_CHECKING:
    from vidspec.conformance import Entry, Run
    from vidspec.contract import Contract

_SUFFIXES: Final = {
    ".html": "html",
    ".json": "json",
    ".jsonl": "jsonl",
    ".md": "markdown",
    ".sarif": "sarif",
    ".txt": "text",
    ".xml": "junit",
}


@dataclass(frozen=True, slots=True)
class Judging:
    """The options of a command that judges."""

    surface: Annotated[
        str | None, typer.Option(help="Family of jobs to judge (default: the dialect's main one).")
    ] = None
    only: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only these requirements (or prefixes).")
    ] = None
    skip: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Leave these requirements out.")
    ] = None
    report: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Write a report: .html, .json, .jsonl (events), .md, .sarif, .txt or .xml (JUnit).",
        ),
    ] = None
    baseline: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Known failures (YAML); what is no longer true fails."),
    ] = None
    update_baseline: Annotated[
        bool, typer.Option(help="Write the failures of this run into the baseline.")
    ] = False

    def kinds(self) -> dict[Path, str]:
        """Return which kind of report each file is to be; raise UsageError for an unknown ending."""
        return {path: _kind(path) for path in self.report or ()}

    def known(self, contract: "Contract") -> tuple["Entry", ...]:
        """Read the baseline and try the places of the reports, before anything is sent."""
        for path in self.report or ():
            probe(path)
        return read_excuses(self.baseline, contract, update=self.update_baseline)

    def conclude(self, run: "Run", known: tuple["Entry", ...]) -> int:
        """Print the verdicts as the baseline sees them, write the reports whole, return the exit code."""
        from vidspec.conformance.report import render, show

        run = excuse(run, known, self.baseline, update=self.update_baseline)
        show(run)
        for path, kind in self.kinds().items():
            put(render(run, kind), path)
        return run.exit_code


def given(value: str | None, what: str, hint: str) -> str:
    """Return a value that must be there; raise UsageError where it is not."""
    if value is None:
        message = f"{what} is missing"
        raise UsageError(message, hint=f"Give {hint}, or a file that names it: --config FILE.")
    return value


def _kind(path: Path) -> str:
    kind = _SUFFIXES.get(path.suffix.lower())
    if kind is None:
        message = f"cannot tell what report {path} should be"
        raise UsageError(message, hint=f"Known endings: {', '.join(_SUFFIXES)}.")
    return kind
