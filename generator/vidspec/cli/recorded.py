"""``vidspec check --har``: judging traffic that was recorded elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from vidspec.conformance import Options, Passive, Run
    from vidspec.contract import Contract


def judge_har(
    har: Path, url: str | None, dialect: str, options: "Options", contract: "Contract"
) -> "tuple[Run, Passive]":
    """Judge a HAR file; ``url`` None: the base URL is found in the traffic."""
    from vidspec.conformance import Event, Passive, Run, Target, base_of, judge_entries, read_har

    known = contract.dialects[dialect]
    entries = read_har(har)
    base = Target(url or base_of(known, entries), dialect).url
    events: list[Event] = []
    judge = Passive(contract, known, base, "har", events.append, options.surface, options=options)
    judge_entries(judge, entries)
    return Run.of(events), judge


def tell_counts(judge: "Passive") -> None:
    """Say how much of the traffic the verdicts rest on."""
    line = f"{judge.judged} exchanges judged, {judge.ignored} outside the dialect ignored"
    if judge.unread:
        line += f", {judge.unread} with bodies that could not be read"
    typer.echo(line, err=True)
