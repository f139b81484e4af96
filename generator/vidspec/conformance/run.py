"""A run, folded from its events: verdicts, evidence, and the exit code."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from vidspec.conformance.events import (
    Event,
    Excused,
    Finding,
    Footer,
    Header,
    JobSeen,
    Judged,
    Lapsed,
    Rule,
    Sent,
    Unjudged,
    to_line,
)
from vidspec.conformance.exchange import Exchange
from vidspec.conformance.verdicts import Outcome, Verdict, exit_code
from vidspec.errors import UsageError

_NOT_COMPLETE: Final = Footer("truncated", "the stream has no footer", 0.0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Run:
    """Everything a check found out. Made by ``Run.of``; reports read nothing else."""

    header: Header
    footer: Footer
    findings: tuple[Finding, ...]
    outcomes: tuple[Outcome, ...]
    failures: tuple[Judged, ...]
    exchanges: Mapping[int, Exchange]
    jobs: tuple[JobSeen, ...]
    #: Entries of the baseline that are no longer true.
    lapsed: tuple[Lapsed, ...]
    events: tuple[Event, ...]

    @classmethod
    def of(cls, stream: Iterable[Event]) -> "Run":
        """Fold a stream; raise UsageError if it does not begin with a header."""
        events = tuple(stream)
        if not events or not isinstance(events[0], Header):
            message = "the stream does not begin with a header"
            raise UsageError(message)
        header, last = events[0], events[-1]
        footer = last if isinstance(last, Footer) else _NOT_COMPLETE
        judged = [event for event in events if isinstance(event, Judged)]
        unjudged = {e.requirement: e for e in events if isinstance(e, Unjudged)}
        excused = {e.requirement: e for e in events if isinstance(e, Excused)}
        return cls(
            header=header,
            footer=footer,
            findings=tuple(event for event in events if isinstance(event, Finding)),
            outcomes=tuple(
                _known(_outcome(rule, judged, unjudged, footer), excused.get(rule.id))
                for rule in header.rules
            ),
            failures=tuple(event for event in judged if not event.ok),
            exchanges={e.exchange.number: e.exchange for e in events if isinstance(e, Sent)},
            jobs=tuple(event for event in events if isinstance(event, JobSeen)),
            lapsed=tuple(event for event in events if isinstance(event, Lapsed)),
            events=events,
        )

    @property
    def exit_code(self) -> int:
        """0: conforms; 1: does not; 4: could not be measured."""
        if self.findings:
            return 1 if any(finding.conclusive for finding in self.findings) else 4
        if self.lapsed:
            return 1
        complete = self.footer.state == "complete"
        return exit_code((o.verdict for o in self.outcomes), complete=complete)

    @property
    def rules(self) -> Mapping[str, Rule]:
        """The requirements of the run by id."""
        return {rule.id: rule for rule in self.header.rules}

    def having(self, *verdicts: Verdict) -> tuple[str, ...]:
        """Return the ids of the requirements with one of these verdicts."""
        return tuple(o.requirement for o in self.outcomes if o.verdict in verdicts)

    def counts(self) -> dict[Verdict, int]:
        """Return verdict → number of requirements."""
        counts: dict[Verdict, int] = {}
        for outcome in self.outcomes:
            counts[outcome.verdict] = counts.get(outcome.verdict, 0) + 1
        return counts

    def failures_of(self, requirement: str) -> tuple[Judged, ...]:
        """Return the failed judgements of a requirement, in the order they came."""
        return tuple(f for f in self.failures if f.requirement == requirement)

    def lines(self) -> str:
        """Return the whole stream as JSON lines."""
        return "".join(to_line(event) + "\n" for event in self.events)


def _known(outcome: Outcome, excuse: Excused | None) -> Outcome:
    if excuse is None:
        return outcome
    until = f" (until {excuse.expires})" if excuse.expires else ""
    link = f" {excuse.link}" if excuse.link else ""
    reason = f"{excuse.reason}{until}{link}"
    return Outcome(outcome.requirement, "known", reason, outcome.checks)


def _outcome(
    rule: Rule, judged: list[Judged], unjudged: Mapping[str, Unjudged], footer: Footer
) -> Outcome:
    mine = [event for event in judged if event.requirement == rule.id]
    checks = footer.counts.get(rule.id, len(mine))
    failed = next((event for event in mine if not event.ok), None)
    if failed is not None:
        verdict: Verdict = "fail" if rule.level == "MUST" else "warn"
        reason = f"expected {failed.expected}; received {failed.received}"
        return Outcome(rule.id, verdict, reason, checks)
    if mine:
        return Outcome(rule.id, "pass", "", checks)
    why = unjudged.get(rule.id)
    if why is None:
        return Outcome(rule.id, "not_reached", footer.reason or "the run ended before", 0)
    return Outcome(rule.id, why.verdict, why.reason, 0)
