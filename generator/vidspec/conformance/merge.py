"""Several streams as one run: the shards of a check, or a check and what continued it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from vidspec.conformance.events import Event, Footer, Header, Judged, Rule, Sent
from vidspec.conformance.run import Run
from vidspec.errors import UsageError

#: What runs must have in common to be parts of one.
_SAME: Final = ("dialect", "digest", "url", "mode", "format")


def merge(runs: Sequence[Run], *, continued: bool = False) -> Run:
    """Return one run of all; exchanges are numbered anew, counts are summed.

    It is complete only if every part is; with ``continued`` only the last part must be, because it did what the
    ones before had left. Raises UsageError for no run at all, or for runs that are about different things.
    """
    if not runs:
        message = "there is no run to merge"
        raise UsageError(message)
    first = runs[0].header
    for run in runs[1:]:
        for name in _SAME:
            ours, theirs = getattr(first, name), getattr(run.header, name)
            if ours != theirs:
                message = f"runs of different {name} cannot be merged: {ours} and {theirs}"
                raise UsageError(message)
    events: list[Event] = [_header(runs)]
    before = 0
    for run in runs:
        events += [_shifted(event, before) for event in _told(run)]
        before += max(run.exchanges, default=0)
    return Run.of([*events, _footer(runs, continued=continued)])


def _header(runs: Sequence[Run]) -> Header:
    rules: dict[str, Rule] = {rule.id: rule for run in runs for rule in run.header.rules}
    budgets = [run.header.budget for run in runs]
    whole = None if None in budgets else sum(b for b in budgets if b is not None)
    begun = min(run.header.started for run in runs)
    return replace(runs[0].header, rules=tuple(rules.values()), budget=whole, started=begun)


def _told(run: Run) -> list[Event]:
    return [event for event in run.events if not isinstance(event, Header | Footer)]


def _shifted(event: Event, by: int) -> Event:
    """Give an exchange, or what points at one, its number in the merged run."""
    if isinstance(event, Sent):
        return Sent(replace(event.exchange, number=event.exchange.number + by))
    if isinstance(event, Judged) and event.exchange is not None:
        return replace(event, exchange=event.exchange + by)
    return event


def _footer(runs: Sequence[Run], *, continued: bool) -> Footer:
    needed = runs[-1:] if continued else runs
    cut = next((run.footer for run in needed if run.footer.state != "complete"), None)
    costs = [run.footer.cost for run in runs]
    counts: dict[str, int] = {}
    for run in runs:
        for name, count in run.footer.counts.items():
            counts[name] = counts.get(name, 0) + count
    return Footer(
        state=cut.state if cut else "complete",
        reason=cut.reason if cut else "",
        seconds=max(run.footer.seconds for run in runs),
        requests=sum(run.footer.requests for run in runs),
        paid=sum(run.footer.paid for run in runs),
        checks=sum(run.footer.checks for run in runs),
        counts=dict(sorted(counts.items())),
        cost=None if None in costs else round(sum(c for c in costs if c is not None), 6),
    )
