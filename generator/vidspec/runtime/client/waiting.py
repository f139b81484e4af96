"""Waiting for a job to end, with an end to the waiting."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

from .dialect import PollInfo
from .errors import (
    DecodingError,
    JobCancelled,
    JobExpired,
    JobFailed,
    NotFound,
    RateLimited,
    RequestTimeout,
    ServerError,
    TransportError,
    VideoError,
    WaitTimedOut,
)
from .jobs import VideoJob
from .retrying import LONGEST_PAUSE, retry_after
from .steps import Deadline, Plan, Sleep

#: Called with each new view of a job.
OnUpdate: TypeAlias = Callable[[VideoJob], None]

#: How long ``wait`` waits unless told otherwise, in seconds.
DEFAULT_WAIT = 900.0

_GROWTH = 1.2
_LONGEST_INTERVAL = 30.0
# Some gateways cannot see a job in the first moments after they have accepted it.
_NOT_FOUND_GRACE = 15.0
# One garbled answer is an accident; a row of them is a gateway that speaks another language.
_MOST_UNREADABLE = 3

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Snapshot(Generic[T]):
    """A job at one moment: the typed reply, the canonical view, and the headers it came with."""

    reply: T
    job: VideoJob
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


#: Makes one poll, within the deadline it is given.
Poll: TypeAlias = Callable[[Deadline], Plan[Snapshot[T]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitOptions:
    """How to wait; times are seconds."""

    timeout: float = DEFAULT_WAIT
    #: Pause between polls (None: the gateway's hint, else the dialect's interval, growing slowly).
    interval: float | None = None
    #: Called with the first view of the job and each one that differs in state, status word or progress.
    on_update: Callable[[VideoJob], None] | None = None
    #: The end of several waits together (None: ``timeout`` from the first poll).
    clock: Deadline | None = None


def wait(
    poll: Poll[T],
    info: PollInfo,
    options: WaitOptions,
    job_id: str | None = None,
) -> Plan[Snapshot[T]]:
    """Poll until the job is completed, and give its last snapshot.

    Unknown states are waited through, and so are lost connections, 408, 429 and 5xx answers.
    Raises JobFailed, JobCancelled, JobExpired, WaitTimedOut, and any other error of a poll.
    """
    clock = options.clock or Deadline(options.timeout)
    grace = Deadline(_NOT_FOUND_GRACE)
    seen: Snapshot[T] | None = None
    trouble: VideoError | None = None
    unreadable = polls = 0
    while True:
        try:
            latest = yield from poll(clock)
        except (TransportError, RateLimited, RequestTimeout, ServerError) as error:
            trouble = error
        except DecodingError as error:
            unreadable += 1
            if unreadable >= _MOST_UNREADABLE:
                raise
            trouble = error
        except NotFound as error:
            if seen is not None or grace.passed:
                raise
            trouble = error
        else:
            if options.on_update is not None and _differs(seen, latest):
                options.on_update(latest.job)
            seen, trouble, unreadable = latest, None, 0
            if latest.job.done:
                return _ended(latest)
        pause = clock.left(_pause(seen, trouble, info, options.interval, polls))
        polls += 1
        yield Sleep(pause)
        if clock.passed:
            raise _timed_out(options.timeout, job_id, seen) from trouble


def _differs(before: Snapshot[T] | None, after: Snapshot[T]) -> bool:
    if before is None:
        return True
    old, new = before.job, after.job
    return (old.state, old.status, old.progress) != (new.state, new.status, new.progress)


def _ended(snapshot: Snapshot[T]) -> Snapshot[T]:
    job = snapshot.job
    ends = {"failed": JobFailed, "cancelled": JobCancelled, "expired": JobExpired}
    kind = ends.get(job.state)
    if kind is None:
        return snapshot
    why = ": ".join(text for text in (job.error_code, job.error_message) if text)
    text = f"job {job.id}: {job.status or job.state}{f' ({why})' if why else ''}"
    raise kind(text, job)


def _pause(
    seen: Snapshot[T] | None,
    trouble: VideoError | None,
    info: PollInfo,
    interval: float | None,
    polls: int,
) -> float:
    asked = getattr(trouble, "retry_after", None)
    if asked is None and seen is not None and trouble is None:
        asked = retry_after(seen.headers)
    if asked is not None:
        return min(float(asked), LONGEST_PAUSE)
    if interval is not None:
        return interval
    hint = _hint(seen, info)
    if hint is not None:
        return hint
    longest = max(info.interval_seconds, _LONGEST_INTERVAL)
    return float(min(info.interval_seconds * _GROWTH**polls, longest))


def _hint(seen: Snapshot[T] | None, info: PollInfo) -> float | None:
    text = seen.headers.get(info.header) if seen is not None and info.header else None
    try:
        value = float(text or "") / (1000 if info.unit == "ms" else 1)
    except ValueError:
        return None
    return min(value, LONGEST_PAUSE) if value > 0 else None


def _timed_out(seconds: float, job_id: str | None, seen: Snapshot[T] | None) -> WaitTimedOut:
    job = None if seen is None else seen.job
    known = job_id or (job.id if job else None)
    state = f"still {job.status or job.state}" if job else "no answer"
    text = f"job {known}: {state} after {seconds:g} s; it goes on, and can be waited for again"
    return WaitTimedOut(text, known, job)
