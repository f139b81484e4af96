"""The lives of the jobs that generated requests made: what no look at a single reply can see."""

from dataclasses import dataclass, field, replace

from vidspec.conformance.exchange import Exchange
from vidspec.conformance.gate import GATE_HEADER
from vidspec.conformance.history import History
from vidspec.conformance.observe import Observer
from vidspec.conformance.reply import Reply, decode
from vidspec.conformance.session import Session
from vidspec.conformance.wire import Recorded, job_id_in
from vidspec.contract import JobView, Operation


@dataclass(slots=True)
class Lives:
    """Watches generated exchanges in their order; only what fails becomes evidence in the report."""

    session: Session
    _observer: Observer = field(init=False)
    _history: History = field(init=False)
    _said: Recorded | None = None
    _seen: int = 0

    def __post_init__(self) -> None:
        session = self.session
        self._history = History(session.dialect, self._judge)
        self._observer = Observer(
            session.dialect,
            session.contract.lifecycle,
            self._judge,
            session.applicable.__contains__,
            _unnoticed,
        )

    def see(self, operation: Operation | None, said: Recorded) -> None:
        """Take in one exchange; what the gate answered by itself says nothing about the gateway."""
        if any(name == GATE_HEADER for name, _ in said.answer.headers):
            return
        self._seen += 1
        self._said = said
        answer = said.answer
        status, headers, body = answer.status, answer.headers, answer.body
        # Most exchanges are never shown, so they are not written out.
        bare = Exchange(
            self._seen, None, said.method, said.path, (), "", status, (), "", answer.size, 0.0, ""
        )
        reply = Reply(
            exchange=bare,
            dialect=self.session.dialect,
            operation=operation,
            job_id=job_id_in(operation, said.path),
            method=said.method,
            status=status,
            headers={name.lower(): value for name, value in headers},
            content=body,
            json=decode(body),
        )
        self._observer.see(reply)
        self._history.see(reply, reply.job_id, self._seen, self._seen)

    def _judge(
        self, requirement: str, ok: bool, expected: str, received: str, reply: Reply | None = None
    ) -> bool:
        if ok or reply is None or self._said is None:
            return self.session.judge(requirement, ok, expected, received)
        shown = self.session.wire.recorded(reply.operation, self._said)
        evidence = replace(reply, exchange=shown.exchange)
        return self.session.judge(requirement, ok, expected, received, evidence)


def _unnoticed(_job_id: str, _view: JobView) -> None:
    """Hundreds of generated jobs are no part of the report's timelines."""
