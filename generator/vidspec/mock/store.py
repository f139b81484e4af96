"""The jobs of every dialect: made, watched by time, listed, deleted, bounded in number."""

import random
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from vidspec.contract.model import State
from vidspec.mock.clip import Clip
from vidspec.mock.clock import Clock, SystemClock

#: The part of a job's time that it waits in the queue.
_QUEUED_PART = 0.2


def _new_token() -> str:
    return f"{random.getrandbits(144):036x}"


@dataclass(slots=True)
class Job:
    """One video job, in canonical terms."""

    id: str
    #: The name under which its dialect is played.
    dialect: str
    surface: str
    #: The role of the operation that made it (``create``, ``remix`` …).
    role: str
    #: Canonical parameter → canonical value.
    params: dict[str, Any]
    #: Seconds since 1970, and the clock's elapsed time at the same moment.
    created_at: float
    started: float
    #: Seconds until the job ends.
    duration: float
    #: The state in which it ends.
    outcome: State
    clip: Clip
    source_id: str | None = None
    #: Keyless name of its media on this server.
    token: str = field(default_factory=_new_token)
    #: How often it was retrieved.
    polls: int = 0
    #: How often it was looked at after its end (counted for a fault only).
    looks_after_end: int = 0

    def done(self, now: float) -> float:
        """Return the part of the work that is done (0 to 1) at the clock's elapsed time ``now``."""
        return 1.0 if self.duration <= 0 else min(1.0, (now - self.started) / self.duration)

    def state(self, now: float) -> State:
        """Return the canonical state at the clock's elapsed time ``now``."""
        done = self.done(now)
        if done >= 1.0:
            return self.outcome
        return "queued" if done < _QUEUED_PART else "in_progress"

    def progress(self, now: float) -> int:
        """Return whole percent: 0 in the queue, rising to 99, and 100 only when completed."""
        state, done = self.state(now), self.done(now)
        if state == "completed":
            return 100
        # A job that fails has come this far and no further.
        part = min(done, 0.6) if state == "failed" else done
        return min(99, max(0, round(100 * (part - _QUEUED_PART) / (1 - _QUEUED_PART))))

    @property
    def ended_at(self) -> float:
        """The moment, in seconds since 1970, at which the job ends or ended."""
        return self.created_at + max(0.0, self.duration)


@dataclass(slots=True)
class Character:
    """A named character made from a clip."""

    id: str
    name: str
    created_at: float


@dataclass(frozen=True, slots=True)
class Page:
    """Some items of a list: whether more follow, and how many there are in all."""

    items: list[Job]
    has_more: bool
    total: int


class JobStore:
    """Every job and character of a mock, newest last, at most ``max_jobs`` of them (the oldest go)."""

    def __init__(self, clock: Clock | None = None, max_jobs: int = 100_000) -> None:
        self.clock: Clock = clock or SystemClock()
        #: Accepted calls that cost money.
        self.paid_calls = 0
        self._max_jobs = max_jobs
        self._lock = threading.Lock()
        self._jobs: OrderedDict[tuple[str, str], Job] = OrderedDict()
        self._tokens: dict[str, Job] = {}
        self._characters: OrderedDict[tuple[str, str], Character] = OrderedDict()

    def add(self, job: Job) -> Job:
        """Keep a new job; the oldest is dropped when there are too many."""
        with self._lock:
            self._jobs[job.dialect, job.id] = job
            self._tokens[job.token] = job
            while len(self._jobs) > self._max_jobs:
                _, oldest = self._jobs.popitem(last=False)
                self._tokens.pop(oldest.token, None)
        return job

    def get(self, dialect: str, job_id: str) -> Job | None:
        """Return the job, or None if there is none of that id."""
        return self._jobs.get((dialect, job_id))

    def by_token(self, token: str) -> Job | None:
        """Return the job whose media has that keyless name, or None."""
        return self._tokens.get(token)

    def find(self, dialect: str, name: str, value: object) -> Job | None:
        """Return the newest job of the dialect whose parameter ``name`` is ``value``, or None."""
        newest = (j for j in self._newest(dialect, None) if j.params.get(name) == value)
        return next(newest, None)

    def delete(self, dialect: str, job_id: str) -> Job | None:
        """Forget a job and return it, or None if there is none of that id."""
        with self._lock:
            job = self._jobs.pop((dialect, job_id), None)
            if job is not None:
                self._tokens.pop(job.token, None)
        return job

    def after(
        self,
        dialect: str,
        surface: str | None,
        cursor: str | None,
        limit: int,
        *,
        newest_first: bool,
        provider: str | None = None,
    ) -> Page | None:
        """Return ``limit`` jobs that follow the job ``cursor`` in the given order (None: the start).

        ``surface`` None means the jobs of all, ``provider`` those that name it or none.
        An unknown cursor gives None.
        """
        jobs = self._ordered(dialect, surface, provider, newest_first=newest_first)
        start = 0
        if cursor is not None:
            at = next((n for n, job in enumerate(jobs) if job.id == cursor), None)
            if at is None:
                return None
            start = at + 1
        return Page(jobs[start : start + limit], start + limit < len(jobs), len(jobs))

    def page(
        self,
        dialect: str,
        surface: str | None,
        number: int,
        size: int,
        *,
        newest_first: bool,
        provider: str | None = None,
    ) -> Page:
        """Return page ``number`` (from 1) of ``size`` jobs each."""
        jobs = self._ordered(dialect, surface, provider, newest_first=newest_first)
        start = (number - 1) * size
        return Page(jobs[start : start + size], start + size < len(jobs), len(jobs))

    def add_character(self, dialect: str, character: Character) -> Character:
        """Keep a new character; bounded like the jobs."""
        with self._lock:
            self._characters[dialect, character.id] = character
            while len(self._characters) > self._max_jobs:
                self._characters.popitem(last=False)
        return character

    def character(self, dialect: str, character_id: str) -> Character | None:
        """Return the character, or None if there is none of that id."""
        return self._characters.get((dialect, character_id))

    def count_paid(self) -> None:
        """Count one accepted call that costs money."""
        with self._lock:
            self.paid_calls += 1

    def reset(self) -> None:
        """Forget everything and count from zero."""
        with self._lock:
            self._jobs.clear()
            self._tokens.clear()
            self._characters.clear()
            self.paid_calls = 0

    def _newest(self, dialect: str, surface: str | None) -> Iterator[Job]:
        with self._lock:
            jobs = list(self._jobs.values())
        return (
            job
            for job in reversed(jobs)
            if job.dialect == dialect and surface in (None, job.surface)
        )

    def _ordered(
        self, dialect: str, surface: str | None, provider: str | None, *, newest_first: bool
    ) -> list[Job]:
        jobs = [
            job
            for job in self._newest(dialect, surface)
            if provider is None or job.params.get("provider") in {None, provider}
        ]
        return jobs if newest_first else jobs[::-1]


def inherited(source: Job, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a job made from ``source``: its own, unless asked otherwise."""
    return {**source.params, **{k: v for k, v in asked.items() if v is not None}}
