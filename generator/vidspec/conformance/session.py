"""What the scenarios work with: sending through the gate, judging, and the pool of jobs."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from vidspec.conformance.events import Event, JobSeen
from vidspec.conformance.ledger import Ledger
from vidspec.conformance.observe import Observer
from vidspec.conformance.reply import Reply
from vidspec.conformance.requests import Draft, draft
from vidspec.conformance.samples import unknown_id
from vidspec.conformance.stops import GatewayGone, Missing, NoReply, OutOfTime, Stop, Unsupported
from vidspec.conformance.target import Options, Target
from vidspec.conformance.verdicts import Verdict
from vidspec.conformance.wire import Login, Wire
from vidspec.contract import Contract, Dialect, JobView, Operation, Requirement, Surface

_MOST_RETRIES = 3
_LONGEST_RETRY_AFTER = 30.0


@dataclass(slots=True)
class PoolJob:
    """A job that the scenarios share."""

    name: str
    id: str
    #: What was asked for, by canonical name.
    wanted: Mapping[str, Any]
    created: Reply
    #: The newest accepted retrieve.
    shown: Reply | None = None
    deleted: bool = False
    #: The end that its last word means in other APIs, where the dialect has no such word.
    meant: str | None = None
    #: Seconds for which an unknown word has been shown without a change; 0 for known ones.
    still: float = 0.0

    @property
    def state(self) -> str:
        """The newest canonical state that a retrieve showed (``unknown`` before the first), or that its word means elsewhere."""
        return self.meant or (self.shown.job().state if self.shown else "unknown")


@dataclass(slots=True)
class Session:
    """One check of one gateway."""

    contract: Contract
    dialect: Dialect
    surface: Surface
    target: Target
    options: Options
    wire: Wire
    emit: Callable[[Event], None]
    #: The requirements that are to be judged in this run.
    active: Mapping[str, Requirement]
    #: Every requirement that the dialect is held to.
    applicable: frozenset[str]
    pool: dict[str, PoolJob] = field(default_factory=dict)
    #: Name of a job that could not be made → why.
    absent: dict[str, str] = field(default_factory=dict)
    #: Bytes of the first job's video, once fetched.
    video: bytes | None = None
    #: Role → whether the gateway has a path for it, of those that many do without.
    offers: dict[str, bool] = field(default_factory=dict)
    #: Requests that other tools sent through the gate.
    generated: int = 0
    #: Scenarios that came to their end without a word about what they judge.
    silent: list[str] = field(default_factory=list)
    #: A free question that this gateway has answered; None before it has.
    lifeline: Draft | None = None
    started: float = field(default_factory=time.monotonic)
    observer: Observer = field(init=False)
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.emit, self.active, self.wire.redactor)
        self.observer = Observer(
            self.dialect,
            self.contract.lifecycle,
            self.judge,
            self.applicable.__contains__,
            self.job_seen,
        )

    # Judging

    def judge(
        self, requirement: str, ok: bool, expected: str, received: str, reply: Reply | None = None
    ) -> bool:
        """Take one look at a requirement; the first pass and the first failures become events. Return ``ok``."""
        return self.ledger.judge(requirement, ok, expected, received, reply)

    def cannot(self, requirement: str, reason: str, verdict: Verdict = "untestable") -> None:
        """Say why a requirement is not judged; nothing that was said before is overruled."""
        self.ledger.cannot(requirement, reason, verdict)

    @property
    def settled(self) -> set[str]:
        """Requirements that were judged, or about which something was said."""
        return self.ledger.settled

    @property
    def failed(self) -> list[str]:
        """The requirements of failed judgements, one by one as they came."""
        return self.ledger.failed

    # Looking things up

    def operation(self, role: str) -> Operation:
        """Return the operation of that role; raise Missing if the dialect has none."""
        found = self.dialect.by_role(role, self.surface.name)
        if found is None:
            message = f"the dialect has no {role} operation"
            raise Missing(message)
        return found

    def job(self, name: str) -> PoolJob:
        """Return a job of the pool; raise Missing if it could not be made, or is deleted."""
        found = self.pool.get(name)
        if found is None or found.deleted:
            why = self.absent.get(name)
            message = f"there is no {name} job" + (f": {why}" if why else "")
            raise Missing(message)
        return found

    def expected_status(self, cause: str, role: str | None = None) -> int | None:
        """Return the documented status of a cause (of the operation with that role), or None."""
        operation = self.dialect.by_role(role, self.surface.name) if role else None
        found = (operation.causes if operation else self.dialect.causes).get(cause)
        return found.status if found else None

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.started

    # Sending

    def draft(
        self, role: str, job_id: str | None = None, query: Mapping[str, str] | None = None
    ) -> Draft:
        """Make the request of an operation that asks about a job, or about no particular one."""
        known = next((job.id for job in self.pool.values()), None)
        named = job_id or known or unknown_id(self.dialect, self.surface)
        model = self.target.model
        return draft(self.operation(role), job_id=named, query=query, model=model)

    def call(
        self,
        role: str,
        job_id: str | None = None,
        *,
        query: Mapping[str, str] | None = None,
        login: Login = "real",
        headers: Mapping[str, str] | None = None,
        status_judged: bool = False,
        observed: bool = True,
    ) -> Reply:
        """Call an operation by role, without a body."""
        made = self.draft(role, job_id, query)
        return self.send(
            made,
            job_id=job_id,
            login=login,
            headers=headers,
            status_judged=status_judged,
            observed=observed,
        )

    def send(
        self,
        made: Draft,
        *,
        job_id: str | None = None,
        login: Login = "real",
        headers: Mapping[str, str] | None = None,
        status_judged: bool = False,
        observed: bool = True,
    ) -> Reply:
        """Send a request through the gate, record it and let the observer judge the reply.

        ``observed`` is switched off where HTTP alone is asked about, not the dialect.

        Raises BudgetSpent, NoReply, Unsupported (501), OutOfTime, or GatewayGone where nothing is answered any more.
        """
        self.check_time()
        for attempt in range(_MOST_RETRIES + 1):
            reply = self._exchange(made, headers or {}, login, job_id)
            wait = _retry_after(reply)
            if wait is None or attempt == _MOST_RETRIES:
                break
            time.sleep(wait)
        if reply.status == self.expected_status("unimplemented") == 501:
            message = f"{made.method} {made.path}: {reply.said()}"
            raise Unsupported(message)
        if observed:
            self.observer.see(reply, status_judged=status_judged)
        return reply

    def _exchange(
        self, made: Draft, headers: Mapping[str, str], login: Login, job_id: str | None
    ) -> Reply:
        try:
            return self.wire.exchange(made, headers, login, job_id)
        except NoReply as lost:
            if self.lifeline is None:
                raise
            try:
                # Asked once more, what was answered at the beginning tells one operation from the whole gateway.
                self.wire.exchange(self.lifeline, {}, "real", None)
            except NoReply:
                message = f"the gateway is gone: {lost}"
                raise GatewayGone(message) from lost
            raise

    def forget(self, created: Reply) -> None:
        """Delete the job of a create reply if that can be done; outside all verdicts."""
        job = created.job()
        delete = self.dialect.by_role("delete", self.surface.name)
        if job.id is None or delete is None:
            return
        try:
            self.send(self.draft("delete", job.id), job_id=job.id, observed=False)
        except Stop:
            # Tidying is a courtesy; whatever hinders it is reported where it matters.
            return

    def check_time(self) -> None:
        """Raise OutOfTime when the run's time is over."""
        if self.options.max_time is not None and self.seconds > self.options.max_time:
            message = f"the run's {self.options.max_time:g} s are over"
            raise OutOfTime(message)

    def end_of(self, view: JobView) -> str | None:
        """Return the end that a job has come to, if only by a word of another API's; None while it has not ended."""
        if view.state != "unknown":
            return view.state if view.terminal else None
        return self.contract.lifecycle.meant(view.word)

    def fetch(self, url: str) -> Reply:
        """Fetch a result address, without credentials: through the gate if it is the gateway's own, else directly."""
        self.check_time()
        parts, own = urlsplit(url), urlsplit(self.target.url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        if (parts.scheme, parts.netloc) == (own.scheme, own.netloc) and path.startswith(own.path):
            return self.send(Draft(None, "GET", path[len(own.path) :]), login="none")
        return self.wire.fetch(url)

    def job_seen(self, job_id: str, view: JobView) -> None:
        """Tell that a job was seen in another state or with another progress."""
        name = next((job.name for job in self.pool.values() if job.id == job_id), "other")
        seen = JobSeen(
            name, job_id, view.state, view.word or "", view.progress, round(self.seconds, 3)
        )
        self.emit(seen)


def _retry_after(reply: Reply) -> float | None:
    if reply.status != 429:
        return None
    try:
        wait = float(reply.headers["retry-after"])
    except (KeyError, ValueError):
        return None
    return wait if 0 <= wait <= _LONGEST_RETRY_AFTER else None
