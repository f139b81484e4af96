"""One job over all its retrieves: what may change, and which way."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from vidspec.conformance.reply import Reply, Verdicts
from vidspec.contract import TERMINAL, JobView, Lifecycle, Surface, read_job
from vidspec.source import pointer_get

#: How far the clock of a gateway may be off.
CLOCK_SECONDS = 300.0
_FAR = 2286
#: Seconds for which an answer about a running job may be kept.
_LONGEST_FRESH = 60
_MAX_AGE = re.compile(r"(?:s-maxage|max-age)\s*=\s*\"?(\d{1,10})", re.IGNORECASE)
_NO_RESULT = frozenset({"failed", "cancelled", "expired"})


@dataclass(slots=True)
class JobWatch:
    """The history of one job, judged reply by reply."""

    job_id: str
    surface: Surface
    lifecycle: Lifecycle
    judge: Verdicts
    history: list[JobView] = field(default_factory=list)
    #: The reply that showed the last view.
    reply: Reply | None = None
    #: Creation times that were seen.
    created: list[datetime] = field(default_factory=list)
    #: The creation time in the reply to the create, where it was shown.
    born: datetime | None = None
    #: The time of the last change that was seen last.
    updated: datetime | None = None

    @property
    def last(self) -> JobView:
        """The newest view."""
        return self.history[-1]

    def see(self, reply: Reply) -> bool:
        """Judge an accepted retrieve; say whether state or progress changed."""
        view = read_job(self.surface, _only(reply.jobs()))
        before = self.history[-1] if self.history else None
        if isinstance(view.id, str):
            same = view.id == self.job_id or self._by_own_name(view)
            self.judge("retrieve-id-stable", same, self.job_id, view.id, reply)
        went_back = before is not None and self._state(before, view, reply)
        if before is not None and not went_back:
            self._progress(before, view, reply)
        if went_back:
            # Then its times may well go back with it.
            self.updated = None
        self._times(view, reply)
        self._state_rules(view, reply)
        self.history.append(view)
        self.reply = reply
        return before is None or (before.state, before.progress) != (view.state, view.progress)

    def _by_own_name(self, view: JobView) -> bool:
        # Some dialects let a caller ask by a name of its own.
        place = self.surface.job.get("external_id")
        return place is not None and pointer_get(view.raw, place.pointer, None) == self.job_id

    def _state(self, before: JobView, view: JobView, reply: Reply) -> bool:
        if "unknown" in (before.state, view.state):
            return False
        allowed = self.lifecycle.allows(before.state, view.state)
        ended = before.state in TERMINAL
        requirement = "retrieve-terminal-final" if ended else "retrieve-status-forward"
        expected = f"{before.state} or what may follow it"
        self.judge(requirement, allowed, expected, f"{view.state} ({view.word})", reply)
        return not allowed

    def _progress(self, before: JobView, view: JobView, reply: Reply) -> None:
        old, new = before.progress, view.progress
        if view.state in _NO_RESULT:
            # What progress a job shows that came to nothing is its own affair.
            return
        if old is None or new is None or not (0 <= old <= 100 and 0 <= new <= 100):
            return
        self.judge("retrieve-progress-monotone", new >= old, f"at least {old:g}", f"{new:g}", reply)

    def _times(self, view: JobView, reply: Reply) -> None:
        times = {name: t for name, t in view.times.items() if 2001 <= t.year < _FAR}
        created = times.get("created_at")
        if created is None:
            return
        if self.created:
            first = self.created[0]
            same = created == first
            self.judge("retrieve-created-stable", same, str(first), str(created), reply)
        elif self.born is not None and 2001 <= self.born.year < _FAR:
            same = created == self.born
            self.judge("retrieve-same-as-create", same, str(self.born), str(created), reply)
        self.created.append(created)
        updated = times.get("updated_at")
        if updated is not None:
            if self.updated is not None:
                expected = f"{self.updated} or later"
                forward = updated >= self.updated
                self.judge("retrieve-updated-forward", forward, expected, str(updated), reply)
            self.updated = updated
            expected, received = f"{created} or later", str(updated)
            self.judge(
                "retrieve-updated-after-created", updated >= created, expected, received, reply
            )
        completed, expires = times.get("completed_at"), times.get("expires_at")
        if view.state != "completed" or completed is None:
            return
        expected, received = f"{created} or later", str(completed)
        self.judge(
            "retrieve-completed-after-created", completed >= created, expected, received, reply
        )
        latest = max(clocks(reply)) + timedelta(seconds=CLOCK_SECONDS)
        past = completed <= latest
        self.judge("retrieve-completed-past", past, f"before {latest}", str(completed), reply)
        if expires is not None:
            expected, received = f"after {completed}", str(expires)
            self.judge(
                "retrieve-expires-after-completed", expires > completed, expected, received, reply
            )

    def _state_rules(self, view: JobView, reply: Reply) -> None:
        cost = self._raw("cost", view)
        if isinstance(cost, int | float):
            self.judge("retrieve-cost", cost >= 0, "zero or more", str(cost), reply)
        if view.state == "completed":
            if view.progress is not None and 0 <= view.progress <= 100:
                done = view.progress == 100
                self.judge("retrieve-progress-complete", done, "100", f"{view.progress:g}", reply)
            error = self._raw("error", view)
            self.judge("retrieve-no-error", not error, "no error", repr(error), reply)
        elif view.state in {"queued", "in_progress"}:
            completed = self._raw("completed_at", view)
            self.judge("retrieve-completed-null", not completed, "no time", repr(completed), reply)
            self._freshness(reply)

    def _freshness(self, reply: Reply) -> None:
        said = reply.headers.get("cache-control", "")
        age = _MAX_AGE.search(said)
        passing = re.search(r"no-store|no-cache", said, re.IGNORECASE) is not None
        fresh = passing or age is None or int(age[1]) <= _LONGEST_FRESH
        expected = f"at most max-age={_LONGEST_FRESH}"
        self.judge("retrieve-not-cached", fresh, expected, said, reply)
        name = self.surface.poll.header
        wait = reply.headers.get(name.lower()) if name else None
        if wait is not None:
            positive = re.fullmatch(r"\d+(\.\d+)?", wait.strip()) is not None and float(wait) > 0
            self.judge("retrieve-poll-after", positive, "a positive number", repr(wait), reply)

    def _raw(self, name: str, view: JobView) -> Any:
        place = self.surface.job.get(name)
        return pointer_get(view.raw, place.pointer, None) if place else None


def _only(jobs: list[Any]) -> Any:
    return jobs[0] if jobs else None


def clocks(reply: Reply) -> list[datetime]:
    """Return our own time, and the gateway's where the reply has a Date header that reads as one."""
    ours = datetime.now(UTC)
    try:
        date = parsedate_to_datetime(reply.headers.get("date", ""))
    except ValueError:
        return [ours]
    return [ours, date if date.tzinfo is not None else date.replace(tzinfo=UTC)]
