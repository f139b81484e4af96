"""The stream of a check as it is written, and what an earlier one has left."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vidspec.errors import UsageError

if TYPE_CHECKING:
    from vidspec.conformance import Event, Options, Run, Target
    from vidspec.contract import Contract


@contextmanager
def recording(
    kinds: dict[Path, str], show: Callable[["Event"], None]
) -> Iterator[Callable[["Event"], None]]:
    """Show each event, and write it to the .jsonl reports as it happens: who is killed leaves what was reached."""
    from vidspec.conformance import to_line

    with ExitStack() as stack:
        files = []
        for path in (path for path, kind in kinds.items() if kind == "jsonl"):
            path.parent.mkdir(parents=True, exist_ok=True)
            files.append(stack.enter_context(path.open("w", encoding="utf-8", buffering=1)))

        def record(event: "Event") -> None:
            show(event)
            for file in files:
                file.write(to_line(event) + "\n")

        yield record


def rest(earlier: "Run", target: "Target", options: "Options", contract: "Contract") -> "Options":
    """Return the options for what a run has left, with what it has left of the budget."""
    if (earlier.header.dialect, earlier.header.url) != (target.dialect, target.url):
        message = f"that run is about {earlier.header.url} ({earlier.header.dialect})"
        raise UsageError(message)
    left = frozenset(earlier.having("not_reached", "error"))
    if not left:
        message = "that run has left nothing"
        raise UsageError(message, hint="Look at it: vidspec report RUN.jsonl")
    paid_for = {o.id for o in contract.dialects[target.dialect].operations if o.paid}
    # A stream that was cut off has no footer, and so no count of the gate's: every success counts.
    seen = sum(
        e.operation in paid_for and e.status is not None and e.status < 300
        for e in earlier.exchanges.values()
    )
    spent = max(seen, earlier.footer.paid)
    budget = None if options.cap is None else max(0, options.cap - spent)
    if options.max_cost is None or options.tariff is None:
        return replace(options, ids=left, budget=budget)
    cost = earlier.footer.cost
    cost = spent * options.tariff.usual if cost is None else cost
    money = max(0.0, options.max_cost - cost)
    return replace(options, ids=left, budget=budget, max_cost=money)
