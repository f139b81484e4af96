"""The report for a terminal: a table by operation, then every failure with what reproduces it."""

import os
import sys
import textwrap
from collections import Counter
from io import StringIO
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from vidspec.conformance.report.summary import BAD, answer, figures, rows, telling
from vidspec.conformance.run import Run
from vidspec.conformance.verdicts import VERDICTS, Verdict

_COLOURS: Final[dict[str, str]] = {
    "pass": "green",
    "fail": "bold red",
    "untestable": "red",
    "error": "magenta",
    "warn": "yellow",
    "known": "cyan",
    "not judged": "dim",
}
#: Characters of a command.
_LONGEST_CURL: Final = 1500
#: So many outcomes with one reason and no evidence of their own are told at once.
_ALIKE: Final = 3
#: Columns of a report that goes to no terminal.
_WIDTH: Final = 100
_OTHER: Final[tuple[Verdict, ...]] = ("not_reached", "unsupported", "disabled")


def text(run: Run) -> str:
    """Return the report as plain text of 100 columns."""
    file = StringIO()
    _print(run, Console(file=file, width=_WIDTH, color_system=None, force_terminal=False))
    return file.getvalue()


def show(run: Run) -> None:
    """Print the report to stdout, in colour where that is a terminal; a pipe that says no width gets ours."""
    said = sys.stdout.isatty() or "COLUMNS" in os.environ
    _print(run, Console(width=None if said else _WIDTH))


def _print(run: Run, console: Console) -> None:
    for finding in run.findings:
        console.print(f"[bold red]{escape(finding.message)}[/]")
        console.print(f"  hint: {escape(finding.hint)}")
    if not run.findings:
        console.print(_table(run, named=console.width >= _WIDTH))
        _failures(run, console)
        _left_out(run, console)
    for lapsed in run.lapsed:
        console.print(f"[bold red]baseline, {lapsed.kind}[/] [bold]{lapsed.requirement}[/]")
        console.print(f"  {escape(lapsed.message)}")
    colour = "green" if run.exit_code == 0 else "bold red"
    where = f"{run.header.url} ({run.header.dialect}, mode {run.header.mode})"
    console.print(f"[{colour}]{escape(where)} {answer(run)}[/]")
    console.print(figures(run))
    if run.footer.state != "complete" and not run.findings:
        console.print(f"The run did not come to its end: {escape(run.footer.reason)}")


def _table(run: Run, *, named: bool) -> Table:
    """Make the table of operations; where there is little room, their requests are name enough."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    if named:
        table.add_column("operation")
    table.add_column("" if named else "operation", overflow="fold")
    for name in ("pass", "fail", "warn", "other"):
        table.add_column(name, justify="right")
    table.add_column("")
    for row in rows(run):
        other = len(row.outcomes) - row.exercised
        word = row.answer
        table.add_row(
            *([escape(row.operation or "(whole API)")] if named else []),
            escape(row.path),
            str(row.count("pass")),
            str(row.count("fail") or ""),
            str(row.count("warn") or ""),
            str(other or ""),
            f"[{_COLOURS[word]}]{word}[/]",
        )
    return table


def _failures(run: Run, console: Console) -> None:
    rules = run.rules
    bad = sorted((o for o in run.outcomes if o.verdict in BAD), key=lambda o: BAD.index(o.verdict))
    alike = Counter((o.verdict, o.reason) for o in bad if not run.failures_of(o.requirement))
    told: set[tuple[str, str]] = set()
    for outcome in bad:
        colour, kind = _COLOURS[outcome.verdict], (outcome.verdict, outcome.reason)
        if kind in told:
            continue
        console.print()
        if alike[kind] >= _ALIKE:
            told.add(kind)
            names = [o.requirement for o in bad if (o.verdict, o.reason) == kind]
            console.print(f"[{colour}]{outcome.verdict}[/] {len(names)}: {escape(outcome.reason)}")
            _indented(", ".join(names), console)
            continue
        console.print(f"[{colour}]{outcome.verdict}[/] [bold]{outcome.requirement}[/]")
        _indented(rules[outcome.requirement].sentence, console)
        failures = run.failures_of(outcome.requirement)
        if not failures or outcome.verdict == "known":
            _indented(outcome.reason, console)
        shown = telling(failures, 3)
        for failure in shown:
            _indented(f"expected  {failure.expected}", console)
            _indented(f"received  {failure.received}", console)
            exchange = run.exchanges.get(failure.exchange or 0)
            if exchange is not None:
                console.print(f"  {escape(_cut(exchange.curl))}", soft_wrap=True)
        if len(failures) > len(shown):
            console.print(f"  … and {len(failures) - len(shown)} more")
    console.print()


def _indented(text: str, console: Console) -> None:
    """Print a text below its heading; no line has blanks at its end, so that it can be copied and compared."""
    room = max(20, console.width - 2)
    lines = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False)
    for line in lines:
        console.print(f"  {escape(line)}", soft_wrap=True)


def _left_out(run: Run, console: Console) -> None:
    for verdict in _OTHER:
        reasons: dict[str, int] = {}
        for outcome in run.outcomes:
            if outcome.verdict == verdict:
                reasons[outcome.reason] = reasons.get(outcome.reason, 0) + 1
        for reason, count in reasons.items():
            why = escape(reason or VERDICTS[verdict])
            console.print(f"[dim]{verdict.replace('_', ' ')}: {count} ({why})[/]")


def _cut(curl: str) -> str:
    """Return a command as far as a terminal can be asked to show it; other reports have all of it."""
    if len(curl) <= _LONGEST_CURL:
        return curl
    return f"{curl[:_LONGEST_CURL]}… ({len(curl)} characters: see another form of report)"
