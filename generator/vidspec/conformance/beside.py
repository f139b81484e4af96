"""Pieces of a run that go beside each other, told as if they had gone one after the other.

Each piece writes into a diary of its own; the diaries are read out in order. What the run's ledger and report see
is then the same as without concurrency, down to the numbers of the exchanges.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from vidspec.conformance.events import Event, Sent
from vidspec.conformance.ledger import Ledger
from vidspec.conformance.reply import Reply
from vidspec.conformance.session import Session
from vidspec.conformance.verdicts import Verdict

#: A judgement as it is told to the run's ledger; the numbers are those that exchanges have there.
_Note: TypeAlias = Callable[[Ledger, dict[int, int]], None]


@dataclass(slots=True)
class _Diary(Ledger):
    """A ledger that also keeps what it was told, between the events."""

    entries: list[Event | _Note] = field(default_factory=list)

    def judge(
        self, requirement: str, ok: bool, expected: str, received: str, reply: Reply | None = None
    ) -> bool:
        def note(ledger: Ledger, numbers: dict[int, int]) -> None:
            ledger.judge(requirement, ok, expected, received, _renumbered(reply, numbers))

        self.entries.append(note)
        # The base class is named: a slotted dataclass is made anew, which the short form of super does not survive.
        return Ledger.judge(self, requirement, ok, expected, received, reply)

    def cannot(self, requirement: str, reason: str, verdict: Verdict = "untestable") -> None:
        self.entries.append(lambda ledger, _: ledger.cannot(requirement, reason, verdict))
        Ledger.cannot(self, requirement, reason, verdict)


def beside(session: Session, pieces: Sequence[Callable[[Session], None]], at_once: int) -> None:
    """Run pieces that share nothing but the gateway, so many at once, and tell what came of them in their order.

    What was reached before an interruption is told as well.
    """
    branches = [_branch(session) for _ in pieces]
    pool = ThreadPoolExecutor(at_once)
    told = 0
    try:
        runs = [
            pool.submit(piece, branch) for piece, (branch, _) in zip(pieces, branches, strict=True)
        ]
        for run, (_, diary) in zip(runs, branches, strict=True):
            run.result()
            told += 1
            _tell(session, diary)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for _, diary in branches[told:]:
            _tell(session, diary)


def _branch(session: Session) -> tuple[Session, _Diary]:
    diary = _Diary(_ignore, session.active, session.wire.redactor)
    diary.spoken |= session.ledger.spoken
    diary.settled |= session.ledger.settled
    wire = replace(session.wire, emit=diary.entries.append, requests=0)
    branch = replace(session, wire=wire, emit=diary.entries.append)
    branch.ledger = diary
    # What replies show of jobs and of request ids is one for the whole run.
    branch.observer = replace(session.observer, judge=branch.judge, on_job=branch.job_seen)
    return branch, diary


def _tell(session: Session, diary: _Diary) -> None:
    numbers: dict[int, int] = {}
    for entry in tuple(diary.entries):
        if isinstance(entry, Sent):
            session.wire.requests += 1
            numbers[entry.exchange.number] = session.wire.requests
            session.emit(Sent(replace(entry.exchange, number=session.wire.requests)))
        elif callable(entry):
            entry(session.ledger, numbers)
        else:
            session.emit(entry)


def _renumbered(reply: Reply | None, numbers: dict[int, int]) -> Reply | None:
    if reply is None:
        return None
    number = numbers.get(reply.exchange.number, reply.exchange.number)
    return replace(reply, exchange=replace(reply.exchange, number=number))


def _ignore(_: Event) -> None:
    pass
