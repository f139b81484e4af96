"""The jobs of every dialect: made, watched by time, listed, deleted, bounded in number."""

import copy
import itertools
import threading
from collections.abc import Callable

from vidspec.mock.characters import KIND as CHARACTER
from vidspec.mock.characters import Characters
from vidspec.mock.clock import Clock, SystemClock
from vidspec.mock.holdings import Page, Snapshot
from vidspec.mock.index import JobIndex
from vidspec.mock.job import Job
from vidspec.mock.keeping import Keeper, Key
from vidspec.mock.kept import ONE, Kept
from vidspec.mock.outbox import KIND, Outbox
from vidspec.mock.spaces import SPACE


class JobStore:
    """Every job of a mock, and the characters, bounded by number, bytes and age: the oldest go first.

    What a request may see is what was made in its own space (see ``spaces``).
    """

    def __init__(
        self,
        clock: Clock | None = None,
        max_jobs: int = 100_000,
        *,
        max_bytes: int = 64 * 1024 * 1024,
        max_age: float | None = None,
        keeper: Keeper | None = None,
    ) -> None:
        """Take over what the ``keeper`` has, if there is one."""
        self.clock: Clock = clock or SystemClock()
        #: Accepted calls that cost money.
        self.paid_calls = 0
        self._max_jobs, self._max_bytes, self._max_age = max_jobs, max_bytes, max_age
        self._lock = threading.RLock()
        self._index: JobIndex[Job] = JobIndex()
        self._watchers: list[Callable[[Job], None]] = []
        self._kept = Kept(keeper, self.clock)
        self.characters = Characters(self._kept, max_jobs)
        #: What receivers of webhooks are still to be told.
        self.outbox = Outbox(self._kept.write)
        self._take_over()

    @property
    def is_kept(self) -> bool:
        """Whether jobs outlive the process, so that there is something to wait for."""
        return bool(self._kept)

    @property
    def held_bytes(self) -> int:
        """About how many bytes the jobs take."""
        return self._index.bytes

    def __len__(self) -> int:
        return len(self._index.jobs)

    def add(self, job: Job) -> Job:
        """Keep a new job of the caller's space; the oldest are dropped when there are too many."""
        with self._lock:
            job.space = SPACE.get()
            job.number = self._index.last + 1
            self._index.put(job)
            if self._kept:
                self.keep(job)
            self._trim()
        if self._watchers:
            self._tell(job)
        return job

    def get(self, dialect: str, job_id: str) -> Job | None:
        """Return the job, or None if there is none of that id."""
        return self._index.jobs.get((SPACE.get(), dialect, job_id))

    def at(self, key: Key) -> Job | None:
        """Return the job of any space, or None if it is gone."""
        return self._index.jobs.get(key)

    def by_token(self, token: str) -> Job | None:
        """Return the job whose media has that keyless name, or None."""
        return self._index.tokens.get(token)

    def find(self, dialect: str, name: str, value: object) -> Job | None:
        """Return the newest job of the dialect whose parameter ``name`` is ``value``, or None."""
        if name == "external_id":
            return self._index.named(SPACE.get(), dialect, str(value))
        shelf = self._index.shelf(SPACE.get(), dialect, None)
        return next((job for job in shelf if job.params.get(name) == value), None)

    def delete(self, dialect: str, job_id: str) -> Job | None:
        """Forget a job and return it, or None if there is none of that id."""
        with self._lock:
            job = self.get(dialect, job_id)
            if job is not None:
                self._drop(job)
        return job

    def changed(self, job: Job) -> None:
        """Keep what has become of a job, where jobs outlive the process; tell who watches."""
        if (job.space, job.dialect, job.id) in self._index.jobs:
            self.keep(job)
            self._tell(job)

    def watch(self, watcher: Callable[[Job], None]) -> None:
        """Call ``watcher`` with every job that is new or was moved by anything but the passing of time."""
        self._watchers.append(watcher)

    def live(self, job_id: str, space: str | None = None) -> list[Job]:
        """Return the jobs of that id (or token), in any dialect and any space or in the one named."""
        if (job := self._index.tokens.get(job_id)) is not None:
            return [job]
        with self._lock:
            return [
                job
                for (home, _, name), job in self._index.jobs.items()
                if name == job_id and space in {None, home}
            ]

    def newest(self, limit: int, space: str | None = None) -> list[Job]:
        """Return the newest jobs of all dialects, in all spaces or in the one named."""
        with self._lock:
            jobs = reversed(self._index.jobs.values())
            chosen = (job for job in jobs if space in {None, job.space})
            return list(itertools.islice(chosen, limit))

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
        with self._lock:
            shelf = self._index.shelf(SPACE.get(), dialect, surface, provider)
            start = 0
            if cursor is not None:
                job = self.get(dialect, cursor)
                if job is None or surface not in {None, job.surface}:
                    return None
                try:
                    start = shelf.place(job.number, newest_first=newest_first) + 1
                except KeyError:
                    return None
            items = shelf.cut(start, limit, newest_first=newest_first)
            return Page(items, start + limit < len(shelf), len(shelf))

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
        with self._lock:
            shelf = self._index.shelf(SPACE.get(), dialect, surface, provider)
            start = (number - 1) * size
            items = shelf.cut(start, size, newest_first=newest_first)
            return Page(items, start + size < len(shelf), len(shelf))

    def count_paid(self) -> None:
        """Count one accepted call that costs money."""
        with self._lock:
            self.paid_calls += 1
            self._kept.write("paid", ONE, self.paid_calls)

    async def settled(self) -> None:
        """Wait until all that was told is safe on the disk, where there is one to keep it."""
        await self._kept.settled()

    def close(self) -> None:
        """Write what is left to be written, and let go of the file."""
        self._kept.close()

    def reset(self, space: str | None = None) -> None:
        """Forget everything and count from zero; with a ``space``, only the jobs and characters in it."""
        with self._lock:
            self.outbox.reset(space)
            self.characters.reset(space)
            if space is None:
                for key in self._index.jobs:
                    self._kept.write("job", key, None)
                self._kept.write("paid", ONE, None)
                self._index = JobIndex()
                self.paid_calls = 0
                return
            for job in [job for job in self._index.jobs.values() if job.space == space]:
                self._drop(job)

    def snapshot(self) -> Snapshot:
        """Return all that there is now, untouched by what happens later."""
        with self._lock:
            return Snapshot(
                copy.deepcopy(list(self._index.jobs.values())),
                self.characters.snapshot(),
                self.paid_calls,
                self.outbox.snapshot(),
            )

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to what there was then."""
        with self._lock:
            self.reset()
            for job in copy.deepcopy(snapshot.jobs):
                self._index.put(job)
                self.keep(job)
            self.characters.restore(snapshot.characters)
            self.paid_calls = snapshot.paid_calls
            self._kept.write("paid", ONE, self.paid_calls)
            self.outbox.restore(snapshot.tellings)

    def _drop(self, job: Job) -> None:
        self._kept.write("job", self._index.drop(job), None)

    def _trim(self) -> None:
        if (
            self._max_age is None
            and len(self._index.jobs) <= self._max_jobs
            and self._index.bytes <= self._max_bytes
        ):
            return
        oldest_age = None if self._max_age is None else self.clock.monotonic() - self._max_age
        while len(self._index.jobs) > 1:
            oldest = next(iter(self._index.jobs.values()))
            too_old = oldest_age is not None and oldest.started < oldest_age
            if (
                not too_old
                and len(self._index.jobs) <= self._max_jobs
                and self._index.bytes <= self._max_bytes
            ):
                return
            self._drop(oldest)

    def _tell(self, job: Job) -> None:
        for watcher in self._watchers:
            watcher(job)

    def keep(self, job: Job) -> None:
        """Keep a job as it is now, where jobs outlive the process."""
        self._kept.write("job", (job.space, job.dialect, job.id), job)

    def served_at(self, port: int) -> None:
        """Say at which port the mock is served: what is still to be told names it instead of an earlier one."""
        before = self._kept.served_at(port)
        if before is not None:
            self.outbox.move(f":{before}", f":{port}")

    def _take_over(self) -> None:
        for kind, key, value in self._kept.taken_over():
            if kind == "job":
                self._index.put(value)
            elif kind == CHARACTER:
                self.characters.put_back(key, value)
            elif kind == KIND:
                self.outbox.put_back(key, value)
            elif kind == "paid":
                self.paid_calls = int(value)
        self._trim()
