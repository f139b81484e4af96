"""Judging traffic that somebody else makes: nothing is sent, and nothing but evidence is kept.

Only what a reply shows by itself, or next to earlier replies about the same job, is judged here;
what needs a request of its own stays open and is called so.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple
from urllib.parse import parse_qsl

from vidspec.conformance.echo import asked
from vidspec.conformance.events import Event, Footer, JobSeen, Sent
from vidspec.conformance.exchange import Exchange, Redactor, body_text, curl_line, is_secret_name
from vidspec.conformance.heading import active_of, heading, surface_of
from vidspec.conformance.history import REMEMBERED, History
from vidspec.conformance.ledger import Ledger
from vidspec.conformance.observe import ALWAYS, Observer
from vidspec.conformance.reply import Reply, decode
from vidspec.conformance.routes import Routes
from vidspec.conformance.schema import binary
from vidspec.conformance.target import Options
from vidspec.conformance.verdicts import requirements_for
from vidspec.conformance.wire import Recorded, job_id_in
from vidspec.contract import Contract, Dialect, JobView, Operation, Surface
from vidspec.source import MISSING

#: Jobs whose history is remembered; the ones seen first are forgotten first.
_MOST_JOBS: Final = 5000
#: A caller that asks for a piece, or for what is new, gets replies that the document need not name.
_CONDITIONAL: Final = frozenset(
    {"range", "if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range"}
)


class Span(NamedTuple):
    """When an exchange began and ended, in seconds of any one clock."""

    began: float
    ended: float


@dataclass(slots=True)
class Passive:
    """One run over the traffic of others. ``see`` takes exchanges in the order in which they ended."""

    contract: Contract
    dialect: Dialect
    #: The gateway's base URL, as the report names it.
    url: str
    #: What the report calls this way of judging.
    mode: str
    on_event: Callable[[Event], None]
    surface_name: str | None = None
    #: Only what it says of the requirements to judge counts: nothing is sent.
    options: Options = field(default_factory=Options)
    redactor: Redactor = field(default_factory=Redactor)
    #: Exchanges that were judged; outside the dialect; of the dialect, but not readable.
    judged: int = 0
    ignored: int = 0
    unread: int = 0
    #: A defect of ours, once there was one.
    broken: str = ""
    ledger: Ledger = field(init=False)
    _surface: Surface = field(init=False)
    _observer: Observer = field(init=False)
    _history: History = field(init=False)
    _routes: Routes = field(init=False)
    _pending: list[Event] = field(default_factory=list)
    #: Job → end of the last retrieve of it that was judged.
    _looked: dict[str, float] = field(default_factory=dict)
    _numbers: int = 0
    _began: float | None = None
    _now: float = 0.0

    def __post_init__(self) -> None:
        """Begin the run: the first event is its header."""
        self._surface = surface_of(self.dialect, self.surface_name)
        applicable = requirements_for(self.contract, self.dialect, self._surface)
        active = active_of(self.contract, applicable, self.options)
        self.ledger = Ledger(self._pending.append, active, self.redactor)
        self._routes = Routes(self.dialect)
        self._history = History(self.dialect, self.ledger.judge)
        self._observer = Observer(
            self.dialect,
            self.contract.lifecycle,
            self.ledger.judge,
            frozenset(r.id for r in applicable).__contains__,
            self._job_seen,
        )
        self.on_event(
            heading(
                self.dialect,
                self._surface,
                url=self.redactor.text(self.url),
                mode=self.mode,
                budget=0,
                rules=active.values(),
            )
        )

    def find(self, method: str, path: str, query: str) -> Operation | None:
        """Return the operation of a request; the path lies below the base URL."""
        return self._routes.find(method, path, query)

    def see(self, said: Recorded, span: Span, *, readable: bool = True) -> None:
        """Judge one exchange.

        ``readable``: whether the body of the reply is here whole and decoded; bodies of media never need to be.
        """
        self._learn(said)
        operation = self.find(said.method, said.path, said.query)
        if operation is None:
            self.ignored += 1
            return
        names = {name.lower() for name, _ in said.headers}
        status = said.answer.status
        if 300 <= status < 400 or not _CONDITIONAL.isdisjoint(names):
            # It is for the caller's own wishes what it is; nothing can be told from it.
            self.ignored += 1
            return
        if not readable and not _media(operation, status):
            self.unread += 1
            return
        self._began = span.began if self._began is None else min(self._began, span.began)
        self._now = span.ended
        self.judged += 1
        try:
            self._judge(operation, said, span)
        except Exception as error:  # noqa: BLE001 - a defect of ours must not stop somebody's traffic
            self.broken = self.broken or f"vidspec failed: {type(error).__name__}: {error}"
            self._pending.clear()

    def lost(self, said: Recorded, reason: str) -> None:
        """Record a request that got no reply."""
        self._learn(said)
        exchange = self._evidence(self.find(said.method, said.path, said.query), said)
        self.on_event(Sent(replace(exchange, error=self.redactor.text(reason))))

    def finish(self, *, complete: bool = True, reason: str = "") -> None:
        """Say why the rest was not judged, and end the run."""
        for requirement, rule in self.ledger.active.items():
            fields = [n.removeprefix("job.") for n in rule.needs if n.startswith("job.")]
            unshown = next((n for n in fields if n not in self._observer.shown), None)
            if self.broken:
                self.ledger.cannot(requirement, self.broken, "error")
            elif requirement not in ALWAYS | REMEMBERED:
                why = "it takes requests of our own: vidspec check"
                self.ledger.cannot(requirement, why, "disabled")
            elif unshown and self._looked:
                why = f"no job in this traffic shows its {unshown}"
                self.ledger.cannot(requirement, why, "not_reached")
            else:
                self.ledger.cannot(requirement, "nothing in this traffic shows it", "not_reached")
        self._flush(None)
        counts = self.ledger.counts
        self.on_event(
            Footer(
                state="complete" if complete else "truncated",
                reason=reason,
                seconds=round(self._now - (self._began or self._now), 3),
                requests=self.judged,
                paid=0,
                checks=sum(counts.values()),
                counts=dict(sorted(counts.items())),
                ignored=self.ignored,
                unread=self.unread,
            )
        )

    def _judge(self, operation: Operation, said: Recorded, span: Span) -> None:
        exchange = self._evidence(operation, said)
        status, headers, content = said.answer[:3]
        reply = Reply(
            exchange=exchange,
            dialect=self.dialect,
            operation=operation,
            job_id=self._followed(operation, said, span),
            method=said.method,
            status=status,
            headers={name.lower(): value for name, value in headers},
            content=content,
            json=MISSING if _media(operation, status) else decode(content),
        )
        self._observer.see(reply)
        kind = next((v for n, v in said.headers if n.lower() == "content-type"), "")
        wanted = asked(operation, kind, said.body) if operation.role == "create" else {}
        self._history.see(reply, _job_of(operation, said), span.began, span.ended, wanted)
        self._flush(exchange)
        self._forget()

    def _followed(self, operation: Operation, said: Recorded, span: Span) -> str | None:
        """Return the job whose history the reply continues; None where its place in it is not sure."""
        job = _job_of(operation, said)
        if job is None or operation.role != "retrieve":
            return job
        before = self._looked.get(job)
        self._looked[job] = max(span.ended, before or span.ended)
        # Two questions at once: which of them was answered first is not known.
        return None if before is not None and span.began < before else job

    def _flush(self, exchange: Exchange | None) -> None:
        """Emit what one exchange led to; an exchange that shows nothing new is only counted."""
        if self._pending and exchange is not None:
            self.on_event(Sent(exchange))
        for event in self._pending:
            self.on_event(event)
        self._pending.clear()

    def _forget(self) -> None:
        watches = self._observer.watches
        for watch in list(watches.values())[-1:]:
            del watch.history[:-1], watch.created[1:]
        while len(watches) > _MOST_JOBS:
            oldest = next(iter(watches))
            del watches[oldest]
            self._looked.pop(oldest, None)

    def _evidence(self, operation: Operation | None, said: Recorded) -> Exchange:
        self._numbers += 1
        url = self.url + said.path + (f"?{said.query}" if said.query else "")
        plain = {name: value for name, value in said.headers if not is_secret_name(name)}
        variable = self.dialect.environment.get("api_key", "API_KEY")
        secret = [f"{name}: ${variable}" for name, _ in said.headers if is_secret_name(name)]
        types = {name.lower(): value for name, value in said.headers}
        status, headers, content = said.answer[:3]
        kind = next((value for name, value in headers if name.lower() == "content-type"), "")
        media = operation is not None and _media(operation, status)
        body = body_text(said.body, types.get("content-type", ""), self.redactor)
        shown = "" if media else body_text(content, kind, self.redactor)
        return Exchange(
            number=self._numbers,
            operation=operation.id if operation else None,
            method=said.method,
            url=self.redactor.text(url),
            request_headers=self.redactor.headers(said.headers),
            request_body=body,
            status=status or None,
            response_headers=self.redactor.headers(headers),
            response_body=shown,
            response_bytes=said.answer.size,
            seconds=round(said.seconds, 4),
            curl=self.redactor.text(curl_line(said.method, url, plain, body, secret)),
        )

    def _learn(self, said: Recorded) -> None:
        """Strike out the caller's own credentials wherever else they appear."""
        for name, value in said.headers:
            if is_secret_name(name):
                self.redactor.add(value.rpartition(" ")[2])

    def _job_seen(self, job_id: str, view: JobView) -> None:
        at = round(self._now - (self._began or self._now), 3)
        self._pending.append(
            JobSeen(job_id, job_id, view.state, view.word or "", view.progress, at)
        )


def _job_of(operation: Operation, said: Recorded) -> str | None:
    """Return the id that a request names: in its path, its query or its body."""
    found: object = job_id_in(operation, said.path)
    parameter, place = operation.parameter("job_id"), operation.field("job_id")
    if found is None and parameter is not None:
        found = dict(parse_qsl(said.query)).get(parameter.name)
    if found is None and place is not None:
        body = decode(said.body)
        found = body.get(place.name) if isinstance(body, dict) else None
    return found if isinstance(found, str) else None


def _media(operation: Operation, status: int) -> bool:
    """Say whether a reply of that status is a file, and not for reading."""
    return 200 <= status < 300 and binary(operation)
