"""Many plans at once: a few at work at any moment, the others asleep and holding no connection."""

from __future__ import annotations

import heapq
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, cast

import httpx2

from .errors import VideoError
from .loading import LazyModule
from .steps import Ended, Plan, Sleep, advance, advance_async
from .waiting import WaitOptions

if TYPE_CHECKING:
    import asyncio
    from concurrent import futures
else:
    # Only those who wait for many jobs need these.
    asyncio = LazyModule("asyncio", None)
    futures = LazyModule("concurrent.futures", None)

T = TypeVar("T")

#: How many jobs are asked after at the same moment, unless told otherwise.
CONCURRENCY = 8


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """How one of many waits ended: with the completed job, or with the error that ``wait`` would have raised."""

    job_id: str
    value: T | None = None
    error: VideoError | None = None

    @property
    def ok(self) -> bool:
        """Whether there is a completed job."""
        return self.error is None

    def unwrap(self) -> T:
        """Return the completed job; raises the error that is there instead."""
        if self.error is not None:
            raise self.error
        return cast("T", self.value)


#: Makes the plans of many waits that share one clock.
Waits: TypeAlias = Callable[[WaitOptions], list[Plan[Outcome[T]]]]


def settled(plan: Plan[T], job_id: str) -> Plan[Outcome[T]]:
    """Carry out ``plan``, and give its end as a value."""
    try:
        return Outcome(job_id, (yield from plan))
    except VideoError as error:
        return Outcome(job_id, error=error)


def in_place(ends: Iterable[tuple[int, Outcome[T]]]) -> list[Outcome[T]]:
    """Return the outcomes in the order of their plans."""
    return [outcome for _, outcome in sorted(ends, key=itemgetter(0))]


def run_many(
    plans: Sequence[Plan[T]],
    client: httpx2.Client,
    concurrency: int,
    on_turn: Callable[[], None] = lambda: None,
) -> Iterator[tuple[int, T]]:
    """Yield the place and the result of each plan as it ends, with at most ``concurrency`` threads at work.

    ``on_turn`` is called here, not in a thread, whenever plans have gone on. Leaving the iteration ends the plans, once
    the calls in flight have come back.
    """
    asleep = [(0.0, place, plan) for place, plan in enumerate(plans)]
    at_work: dict[futures.Future[Sleep | Ended[T]], tuple[int, Plan[T]]] = {}
    pool = futures.ThreadPoolExecutor(_checked(concurrency), thread_name_prefix="vidspec-client")
    try:
        while asleep or at_work:
            while asleep and len(at_work) < concurrency and asleep[0][0] <= time.monotonic():
                _, place, plan = heapq.heappop(asleep)
                at_work[pool.submit(advance, plan, client)] = (place, plan)
            for done in _next_done(at_work, asleep, concurrency):
                place, plan = at_work.pop(done)
                turn = done.result()
                on_turn()
                if isinstance(turn, Sleep):
                    heapq.heappush(asleep, (time.monotonic() + turn.seconds, place, plan))
                else:
                    yield place, turn.value
    finally:
        pool.shutdown(cancel_futures=True)
        for plan in plans:
            plan.close()


async def run_many_async(
    plans: Sequence[Plan[T]], client: httpx2.AsyncClient, concurrency: int
) -> AsyncGenerator[tuple[int, T]]:
    """Yield the place and the result of each plan as it ends, with at most ``concurrency`` of them at work.

    Cancelling the caller, or closing the iterator, cancels all plans.
    """
    gate = asyncio.Semaphore(_checked(concurrency))
    ended: asyncio.Queue[asyncio.Task[tuple[int, T]]] = asyncio.Queue()
    tasks = [
        asyncio.create_task(_to_end(place, plan, client, gate)) for place, plan in enumerate(plans)
    ]
    for task in tasks:
        task.add_done_callback(ended.put_nowait)
    try:
        for _ in tasks:
            yield (await ended.get()).result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _checked(concurrency: int) -> int:
    if concurrency < 1:
        msg = "concurrency must be at least 1"
        raise ValueError(msg)
    return concurrency


def _next_done(
    at_work: dict[futures.Future[Any], Any], asleep: list[tuple[float, int, Any]], concurrency: int
) -> deque[futures.Future[Any]]:
    """Wait until a thread is done, or a sleeper that there is a thread for is due."""
    due = asleep[0][0] - time.monotonic() if asleep and len(at_work) < concurrency else None
    if not at_work:
        time.sleep(max(0.0, due or 0.0))
        return deque()
    return deque(
        futures.wait(at_work, None if due is None else max(0.0, due), futures.FIRST_COMPLETED).done
    )


async def _to_end(
    place: int, plan: Plan[T], client: httpx2.AsyncClient, gate: asyncio.Semaphore
) -> tuple[int, T]:
    while True:
        async with gate:
            turn = await advance_async(plan, client)
        if isinstance(turn, Ended):
            return place, turn.value
        await turn.run_async(client)
