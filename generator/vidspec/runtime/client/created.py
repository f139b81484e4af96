"""Jobs that know the client that made them: ``client.create(…).wait()``.

They are the data of a ``VideoJob`` and nothing more: equal to one, written out as one, and pickled as one.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import fields
from typing import Any, Protocol, Self

from .jobs import VideoJob
from .waiting import DEFAULT_WAIT, OnUpdate


class _Waits(Protocol):
    def wait(
        self,
        job: VideoJob | str,
        *,
        timeout: float = DEFAULT_WAIT,
        interval: float | None = None,
        on_update: OnUpdate | None = None,
    ) -> VideoJob: ...


class _AsyncWaits(Protocol):
    async def wait(
        self,
        job: VideoJob | str,
        *,
        timeout: float = DEFAULT_WAIT,  # noqa: ASYNC109  # a deadline is part of the API
        interval: float | None = None,
        on_update: OnUpdate | None = None,
    ) -> VideoJob: ...


class _Bound(VideoJob):
    """A job with its client beside its fields."""

    __slots__ = ("_client",)
    _client: Any

    @classmethod
    def of(cls, job: VideoJob, client: Any) -> Self:
        """Return the job bound to its client."""
        bound = cls(**_values(job))
        # The fields are frozen; the client is none of them.
        object.__setattr__(bound, "_client", client)
        return bound

    def _waiter(self) -> Any:
        try:
            return self._client
        except AttributeError:
            msg = "this copy of a job does not know its client; use client.wait(job)"
            raise RuntimeError(msg) from None

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy as plain data: a client holds connections and keys."""
        return _plain, (_values(self),)


class CreatedJob(_Bound):
    """A job as ``create`` and ``remix`` give it."""

    __slots__ = ()

    def wait(
        self,
        *,
        timeout: float = DEFAULT_WAIT,
        interval: float | None = None,
        on_update: OnUpdate | None = None,
    ) -> VideoJob:
        """Wait until the job is completed, as ``client.wait`` does; times are seconds.

        Raises JobFailed, JobCancelled or JobExpired when there will be no video, WaitTimedOut after ``timeout``.
        """
        client: _Waits = self._waiter()
        return client.wait(self, timeout=timeout, interval=interval, on_update=on_update)


class AsyncCreatedJob(_Bound):
    """A job as ``create`` and ``remix`` of an asyncio client give it."""

    __slots__ = ()

    async def wait(
        self,
        *,
        timeout: float = DEFAULT_WAIT,  # noqa: ASYNC109  # a deadline is part of the API
        interval: float | None = None,
        on_update: OnUpdate | None = None,
    ) -> VideoJob:
        """Wait until the job is completed, as ``client.wait`` does; times are seconds.

        Raises JobFailed, JobCancelled or JobExpired when there will be no video, WaitTimedOut after ``timeout``.
        """
        client: _AsyncWaits = self._waiter()
        return await client.wait(self, timeout=timeout, interval=interval, on_update=on_update)


@contextmanager
def named(job_id: str) -> Generator[None]:
    """Name a job in whatever ends the work on it, Ctrl-C too: it is paid for, and can be gone on with."""
    try:
        yield
    except BaseException as error:
        if job_id not in str(error):
            error.add_note(f"The job {job_id} has been made; wait and download go on with its id.")
        raise


def _values(job: VideoJob) -> dict[str, Any]:
    return {field.name: getattr(job, field.name) for field in fields(job)}


def _plain(values: dict[str, Any]) -> VideoJob:
    return VideoJob(**values)
