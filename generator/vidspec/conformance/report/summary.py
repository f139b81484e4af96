"""The run as plain data, and as rows by operation: what every renderer starts from."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from vidspec.conformance.events import Judged
from vidspec.conformance.run import Run
from vidspec.conformance.verdicts import Outcome, Verdict

#: Verdicts that a reader must look at, the worst first.
BAD: Final[tuple[Verdict, ...]] = ("fail", "untestable", "error", "warn", "known")
_ANSWERS: Final[Mapping[int, str]] = {
    0: "conforms",
    1: "does not conform",
    4: "could not be measured",
}
#: Modes in which nothing is sent; others without a budget ask what costs nothing.
_WATCHING: Final = frozenset({"proxy", "har"})


@dataclass(frozen=True, slots=True)
class Row:
    """The requirements of one operation; ``operation`` is empty for the API as a whole."""

    operation: str
    #: ``METHOD /path``.
    path: str
    outcomes: tuple[Outcome, ...]

    def count(self, *verdicts: Verdict) -> int:
        """Return how many requirements have one of these verdicts."""
        return sum(outcome.verdict in verdicts for outcome in self.outcomes)

    @property
    def exercised(self) -> int:
        """How many requirements were judged at all."""
        return self.count("pass", "fail", "warn", "known")

    @property
    def answer(self) -> str:
        """The worst outcome in a word; never ``pass`` where nothing was judged."""
        worst = next((v for v in BAD if self.count(v)), None)
        return worst or ("pass" if self.exercised else "not judged")


def rows(run: Run) -> list[Row]:
    """Return one row per operation that has requirements, in the document's order, the whole API last."""
    by_operation: dict[str, list[Outcome]] = {}
    rules = run.rules
    for outcome in run.outcomes:
        by_operation.setdefault(rules[outcome.requirement].operation or "", []).append(outcome)
    return [
        Row(name, run.header.operations.get(name, "every operation"), tuple(by_operation[name]))
        for name in (*run.header.operations, "")
        if name in by_operation
    ]


def answer(run: Run) -> str:
    """Say in words what the run came to."""
    if run.footer.state != "complete" and run.exit_code == 4 and not run.findings:
        return "was not judged to the end"
    if run.exit_code == 0 and run.header.budget == 0:
        # Most of what matters takes a job, and none was made.
        seen = run.header.mode in _WATCHING
        return f"{_ANSWERS[0]} {'in what was seen' if seen else 'as far as free calls show'}"
    return _ANSWERS[run.exit_code]


def figures(run: Run) -> str:
    """Return the sizes of the run in one line."""
    footer, budget = run.footer, run.header.budget
    cap = "" if budget is None else f" of {budget}"
    cost = (
        ""
        if footer.cost is None
        else f" (about {footer.cost:.2f} {run.header.currency}".rstrip() + ")"
    )
    plural = "" if budget is None and footer.paid == 1 else "s"
    watched = run.header.mode in _WATCHING
    # Of what others pay for, nothing is known.
    paid = "" if watched else f"{footer.paid}{cap} paid call{plural}{cost}, "
    return (
        f"{footer.requests} request{'' if footer.requests == 1 else 's'}, {paid}"
        f"{footer.checks} check{'' if footer.checks == 1 else 's'} in {footer.seconds:.1f} s"
    )


def telling(failures: Sequence[Judged], most: int) -> list[Judged]:
    """Return at most that many failures that say something different, in their order."""
    different = {(failure.expected, failure.received): failure for failure in reversed(failures)}
    return sorted(different.values(), key=failures.index)[:most]


def started(run: Run) -> str:
    """Return when the run began, in UTC."""
    return f"{datetime.fromtimestamp(run.header.started, UTC):%Y-%m-%d %H:%M:%S} UTC"


def summary(run: Run) -> Mapping[str, Any]:
    """Return the run as JSON-able data: header, answer, outcomes, failures with their exchanges."""
    rules = run.rules
    header = dataclasses.asdict(run.header)
    del header["rules"]
    shown = {failure.exchange for failure in run.failures}
    return {
        "header": header,
        "answer": answer(run),
        "exit_code": run.exit_code,
        "counts": run.counts(),
        "footer": dataclasses.asdict(run.footer),
        "findings": [dataclasses.asdict(finding) for finding in run.findings],
        "requirements": [
            {**dataclasses.asdict(rules[o.requirement]), **_outcome(o)} for o in run.outcomes
        ],
        "failures": [dataclasses.asdict(failure) for failure in run.failures],
        "baseline": [dataclasses.asdict(lapsed) for lapsed in run.lapsed],
        "jobs": [dataclasses.asdict(job) for job in run.jobs],
        "exchanges": [
            dataclasses.asdict(exchange)
            for number, exchange in run.exchanges.items()
            if number in shown
        ],
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {"verdict": outcome.verdict, "reason": outcome.reason, "checks": outcome.checks}
