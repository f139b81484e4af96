"""Protocol logic written once for blocking and asyncio callers.

A *plan* is a generator that yields steps (send this, sleep, read that reply) and is given what they bring.
``run`` and ``run_async`` carry a plan out; nothing else in the runtime waits for anything.
"""

import time
from collections.abc import AsyncIterator, Callable, Generator, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypeVar, cast

import httpx2

from .loading import LazyModule

if TYPE_CHECKING:
    import asyncio
else:
    # Blocking callers never need it.
    asyncio = LazyModule("asyncio", None)

T = TypeVar("T")

# Chunks of a file being sent are 64 KiB: this many make one trip to a thread worth it.
_CHUNKS_AT_A_TIME = 16
# Of a file being received.
_BYTES_AT_A_TIME = 1 << 20


async def _in_thread(do: Callable[[], T]) -> T:
    """Return what ``do`` gives in a thread; it is seen to its end even when the caller is cancelled.

    What it works on is closed afterwards, and must not be closed under it.
    """
    task = asyncio.ensure_future(asyncio.to_thread(do))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


class Step(Protocol):
    """Something to wait for."""

    def run(self, client: httpx2.Client, /) -> Any:
        """Do it, blocking."""

    async def run_async(self, client: httpx2.AsyncClient, /) -> Any:
        """Do it under asyncio."""


Plan: TypeAlias = Generator[Step, Any, T]


class Deadline:
    """A moment after which nothing more is begun; None seconds: never."""

    def __init__(self, seconds: float | None) -> None:
        """Start the clock."""
        self._end = None if seconds is None else time.monotonic() + seconds

    def left(self, at_most: float = float("inf")) -> float:
        """Return the seconds left (never below 0), or ``at_most`` when that is less."""
        return (
            at_most if self._end is None else max(0.0, min(at_most, self._end - time.monotonic()))
        )

    @property
    def passed(self) -> bool:
        """Whether the moment has come."""
        return self._end is not None and time.monotonic() >= self._end


@dataclass(slots=True)
class Send:
    """Send a request; brings the response with its body unread. Redirects are not followed."""

    request: httpx2.Request
    #: The body is read from files while it is sent.
    reads_disk: bool = False

    def run(self, client: httpx2.Client, /) -> httpx2.Response:
        """Do it, blocking."""
        return client.send(self.request, stream=True, auth=None, follow_redirects=False)

    async def run_async(self, client: httpx2.AsyncClient, /) -> httpx2.Response:
        """Do it under asyncio; files are read in a thread, so that a slow disk stops nothing else."""
        if self.reads_disk and isinstance(self.request.stream, httpx2.SyncByteStream):
            self.request.stream = _OffLoop(self.request.stream)
        return await client.send(self.request, stream=True, auth=None, follow_redirects=False)


class _OffLoop(httpx2.AsyncByteStream):
    """A body whose chunks are read in a thread, some at a time."""

    def __init__(self, stream: httpx2.SyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = iter(self._stream)
        while some := await _in_thread(lambda: list(islice(chunks, _CHUNKS_AT_A_TIME))):
            for chunk in some:
                yield chunk


@dataclass(slots=True)
class Work:
    """Do something that may block for long, such as waiting for a disk."""

    do: Callable[[], None]

    def run(self, _client: httpx2.Client, /) -> None:
        """Do it, blocking."""
        self.do()

    async def run_async(self, _client: httpx2.AsyncClient, /) -> None:
        """Do it in a thread."""
        await _in_thread(self.do)


@dataclass(slots=True)
class Sleep:
    """Let time pass."""

    seconds: float

    def run(self, _client: httpx2.Client, /) -> None:
        """Do it, blocking."""
        time.sleep(self.seconds)

    async def run_async(self, _client: httpx2.AsyncClient, /) -> None:
        """Do it under asyncio."""
        await asyncio.sleep(self.seconds)


@dataclass(slots=True)
class Close:
    """Give up a response."""

    response: httpx2.Response

    def run(self, _client: httpx2.Client, /) -> None:
        """Do it, blocking."""
        self.response.close()

    async def run_async(self, _client: httpx2.AsyncClient, /) -> None:
        """Do it under asyncio."""
        await self.response.aclose()


@dataclass(slots=True)
class Pump:
    """Give every chunk of a response's body to ``sink``, then close it; ``raw`` leaves content encodings in place."""

    response: httpx2.Response
    sink: Callable[[bytes], None]
    raw: bool = False
    #: The sink may block for long: under asyncio it is fed in a thread, some chunks at a time.
    writes_disk: bool = False
    #: Called where the plan runs, when the sink has taken more.
    taken: Callable[[], None] = lambda: None

    def run(self, _client: httpx2.Client, /) -> None:
        """Do it, blocking."""
        response = self.response
        try:
            for chunk in response.iter_raw() if self._raw else response.iter_bytes():
                self.sink(chunk)
                self.taken()
        finally:
            response.close()

    async def run_async(self, _client: httpx2.AsyncClient, /) -> None:
        """Do it under asyncio."""
        response = self.response
        try:
            chunks = response.aiter_raw() if self._raw else response.aiter_bytes()
            if self.writes_disk:
                await self._feed_in_threads(chunks)
            else:
                async for chunk in chunks:
                    self.sink(chunk)
        finally:
            await response.aclose()

    @property
    def _raw(self) -> bool:
        # What a transport without a network has read already is there decoded only.
        return self.raw and not self.response.is_stream_consumed

    def _take(self, chunks: Iterable[bytes]) -> None:
        for chunk in chunks:
            self.sink(chunk)

    async def _feed_in_threads(self, chunks: AsyncIterator[bytes]) -> None:
        batch: list[bytes] = []
        size = 0

        async def flush() -> None:
            nonlocal size
            some, size = batch.copy(), 0
            batch.clear()
            await _in_thread(partial(self._take, some))
            self.taken()

        try:
            async for chunk in chunks:
                batch.append(chunk)
                size += len(chunk)
                if size >= _BYTES_AT_A_TIME:
                    await flush()
        except httpx2.HTTPError:
            # What came before the connection broke need not come again.
            await flush()
            raise
        await flush()


@dataclass(slots=True)
class Ended(Generic[T]):
    """The result of a plan that is done."""

    value: T


def advance(plan: Plan[T], client: httpx2.Client) -> Sleep | Ended[T]:
    """Carry a plan on, blocking, until it would sleep or is done."""
    answer: Any = None
    failure: BaseException | None = None
    while True:
        try:
            step = plan.send(answer) if failure is None else plan.throw(failure)
        except StopIteration as stop:
            return Ended(cast("T", stop.value))
        if isinstance(step, Sleep):
            return step
        try:
            answer, failure = step.run(client), None
        except BaseException as error:  # noqa: BLE001  # the plan decides what to do about it
            failure = error


async def advance_async(plan: Plan[T], client: httpx2.AsyncClient) -> Sleep | Ended[T]:
    """Carry a plan on under asyncio, until it would sleep or is done."""
    answer: Any = None
    failure: BaseException | None = None
    while True:
        try:
            step = plan.send(answer) if failure is None else plan.throw(failure)
        except StopIteration as stop:
            return Ended(cast("T", stop.value))
        if isinstance(step, Sleep):
            return step
        try:
            answer, failure = await step.run_async(client), None
        except BaseException as error:  # noqa: BLE001  # the plan decides what to do about it
            failure = error


def run(plan: Plan[T], client: httpx2.Client) -> T:
    """Carry a plan out, blocking, and return its result."""
    try:
        while True:
            turn = advance(plan, client)
            if isinstance(turn, Ended):
                return turn.value
            turn.run(client)
    finally:
        plan.close()


async def run_async(plan: Plan[T], client: httpx2.AsyncClient) -> T:
    """Carry a plan out under asyncio, and return its result."""
    try:
        while True:
            turn = await advance_async(plan, client)
            if isinstance(turn, Ended):
                return turn.value
            await turn.run_async(client)
    finally:
        plan.close()
