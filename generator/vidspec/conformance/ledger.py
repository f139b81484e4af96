"""What was judged: every look is counted, the first ones become events."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from vidspec.conformance.events import Event, Judged, Unjudged
from vidspec.conformance.exchange import Redactor
from vidspec.conformance.reply import Reply
from vidspec.conformance.verdicts import Verdict
from vidspec.contract import Requirement

#: Failures of one requirement in one operation that become events; the rest is only counted.
_MOST_FAILURES: Final = 5
_MOST_TEXT: Final = 500


@dataclass(slots=True)
class Ledger:
    """Takes judgements and tells them as events; knows nothing of how they came about."""

    emit: Callable[[Event], None]
    #: The requirements that are to be judged in this run.
    active: Mapping[str, Requirement]
    redactor: Redactor
    #: Requirement → how often it was looked at.
    counts: dict[str, int] = field(default_factory=dict)
    #: Requirements that were judged, or about which something was said.
    settled: set[str] = field(default_factory=set)
    #: Requirements that anything was said about, wanted in this run or not.
    spoken: set[str] = field(default_factory=set)
    #: Failed judgements so far.
    failed: int = 0
    #: Requirements that failed at least once.
    broken: set[str] = field(default_factory=set)
    _shown: dict[tuple[str, str | None, bool], int] = field(default_factory=dict)

    def judge(
        self, requirement: str, ok: bool, expected: str, received: str, reply: Reply | None = None
    ) -> bool:
        """Take one look at a requirement; the first pass and the first failures become events. Return ``ok``."""
        self.spoken.add(requirement)
        if requirement not in self.active:
            return ok
        self.settled.add(requirement)
        self.counts[requirement] = self.counts.get(requirement, 0) + 1
        if not ok:
            self.failed += 1
            self.broken.add(requirement)
        operation = reply.operation.id if reply and reply.operation else None
        seen = self._shown.get((requirement, operation, ok), 0)
        if seen < (1 if ok else _MOST_FAILURES):
            self._shown[requirement, operation, ok] = seen + 1
            number = reply.exchange.number if reply else None
            wanted, got = (_short(self.redactor.text(text)) for text in (expected, received))
            self.emit(Judged(requirement, ok, wanted, got, number, operation))
        return ok

    def cannot(self, requirement: str, reason: str, verdict: Verdict = "untestable") -> None:
        """Say why a requirement is not judged; nothing that was said before is overruled."""
        self.spoken.add(requirement)
        if requirement in self.active and requirement not in self.settled:
            self.settled.add(requirement)
            self.emit(Unjudged(requirement, verdict, self.redactor.text(reason)))


def _short(text: str) -> str:
    return text if len(text) <= _MOST_TEXT else f"{text[:_MOST_TEXT]}…"
