"""The blocking and the asyncio client that emitted clients derive from; they differ in ``await`` and nothing else."""

import copy
import os
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from functools import cached_property
from typing import Any, Self, Unpack, cast

import httpx2

from .dialect import DialectInfo, OperationInfo, SurfaceInfo
from .downloads import Source
from .errors import ApiError, DecodingError, Exchange
from .jobs import VideoJob, read_job
from .loading import is_model
from .many import Outcome, Waits, in_place, run_many, run_many_async, settled
from .paging import Walk
from .refusals import ended_by
from .replies import Replies, T, parse
from .requests import Request
from .results import AsyncDownload, Download
from .settings import Settings, change_context, make_context
from .steps import Deadline, Plan, run, run_async
from .transport import call, fetch
from .waiting import Poll, Snapshot, WaitOptions, wait


class Core:
    """What both clients share: the context, and plans made from it."""

    def __init__(
        self,
        dialect: DialectInfo,
        *,
        secrets: Mapping[str, str | None],
        base_url: str | None,
        settings: Settings,
    ) -> None:
        """Read arguments and environment; nothing is opened before the first call."""
        self._context = make_context(
            dialect, secrets=secrets, base_url=base_url, settings=settings, environ=os.environ
        )
        self._owns_http = True

    def __repr__(self) -> str:
        """Show the address, never a secret."""
        return f"{type(self).__name__}(base_url={self._context.options.base_url!r})"

    @property
    def base_url(self) -> str:
        """The gateway's address, without a trailing slash."""
        return self._context.options.base_url

    def with_options(self, **settings: Unpack[Settings]) -> Self:
        """Return a client with other settings over the same connections (which close with the first client)."""
        other = copy.copy(self)
        other._context = change_context(self._context, settings)
        other._owns_http = False
        return other

    def _operation(self, operation_id: str) -> OperationInfo:
        return self._context.dialect.operations[operation_id]

    def _job(self, operation: OperationInfo, reply: Any, asked_id: str | None = None) -> VideoJob:
        """Return the canonical view of the job in a reply of ``operation``; raises LookupError when there is none."""
        if is_model(reply):
            reply = reply.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return read_job(self._surface(operation), reply, operation.job or "", asked_id)

    def _poll(
        self, operation: OperationInfo, request: Request, replies: Replies[T], job_id: str | None
    ) -> Poll[T]:
        def poll(clock: Deadline) -> Plan[Snapshot[T]]:
            try:
                reply, exchange = yield from call(self._context, request, replies, clock)
            except ApiError as error:
                ended = ended_by(error, self._surface(operation), operation, job_id)
                # No reply of that type came, and none is given: waiting ends in an error.
                return Snapshot(cast("T", None), ended, error.headers)
            try:
                job = self._job(operation, parse(exchange.body), job_id)
            except LookupError as error:
                raise DecodingError(str(error), exchange) from error
            return Snapshot(reply, job, exchange.headers)

        return poll

    def _wait_plan(
        self,
        operation: OperationInfo,
        request: Request,
        replies: Replies[T],
        job_id: str | None,
        options: WaitOptions,
    ) -> Plan[Snapshot[T]]:
        poll = self._poll(operation, request, replies, job_id)
        return wait(poll, self._surface(operation).poll, options, job_id)

    def _waits(
        self,
        operation: OperationInfo,
        request: Callable[[str], Request],
        replies: Replies[T],
        job_ids: Iterable[str],
    ) -> Waits[Snapshot[T]]:
        def make(options: WaitOptions) -> list[Plan[Outcome[Snapshot[T]]]]:
            shared = replace(options, clock=Deadline(options.timeout))
            return [
                settled(self._wait_plan(operation, request(i), replies, i, shared), i)
                for i in job_ids
            ]

        return make

    def _walk(self, operation: OperationInfo) -> Walk:
        return Walk(operation, self._surface(operation).job["id"].pointer)

    def _surface(self, operation: OperationInfo) -> SurfaceInfo:
        dialect = self._context.dialect
        return dialect.surfaces[operation.surface or dialect.default_surface]


class SyncClient(Core):
    """A blocking client; safe to use from several threads."""

    def __init__(
        self,
        dialect: DialectInfo,
        *,
        secrets: Mapping[str, str | None],
        base_url: str | None = None,
        http_client: httpx2.Client | None = None,
        settings: Settings | None = None,
    ) -> None:
        """Take the secrets by purpose; a given ``http_client`` stays the caller's to close."""
        super().__init__(dialect, secrets=secrets, base_url=base_url, settings=settings or {})
        if http_client is not None:
            self._http, self._owns_http = http_client, False

    @cached_property
    def _http(self) -> httpx2.Client:
        return httpx2.Client()

    def __enter__(self) -> Self:
        """Return the client, which closes at the end of the block."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Close the connections, if they are the client's own."""
        if self._owns_http and "_http" in self.__dict__:
            self._http.close()

    def send(self, request: Request) -> Exchange:
        """Send any built request; gives the 2xx reply raw. Raises ApiError, TransportError."""
        return self._run(fetch(self._context, request))

    def _run(self, plan: Plan[T]) -> T:
        return run(plan, self._http)

    def _call(self, request: Request, replies: Replies[T]) -> T:
        return self._run(call(self._context, request, replies))[0]

    def _wait(
        self,
        operation: OperationInfo,
        request: Request,
        replies: Replies[T],
        job_id: str | None,
        options: WaitOptions,
    ) -> Snapshot[T]:
        return self._run(self._wait_plan(operation, request, replies, job_id, options))

    def _each(
        self, waits: Waits[T], options: WaitOptions, concurrency: int
    ) -> Iterator[tuple[int, Outcome[T]]]:
        """Yield the place and the end of each wait; what the threads have to tell is told in the caller's."""
        updates: deque[VideoJob] = deque()

        def tell() -> None:
            while updates and options.on_update is not None:
                options.on_update(updates.popleft())

        quiet = replace(options, on_update=updates.append)
        return run_many(waits(quiet), self._http, concurrency, tell)

    def _as_completed(
        self, waits: Waits[T], options: WaitOptions, concurrency: int
    ) -> Iterator[Outcome[T]]:
        for _, outcome in self._each(waits, options, concurrency):
            yield outcome

    def _wait_all(
        self, waits: Waits[T], options: WaitOptions, concurrency: int
    ) -> list[Outcome[T]]:
        return in_place(self._each(waits, options, concurrency))

    def _pages(
        self, operation: OperationInfo, request: Request, replies: Replies[T]
    ) -> Iterator[T]:
        walk, following = self._walk(operation), request
        while True:
            reply, exchange = self._run(call(self._context, following, replies))
            yield reply
            upcoming = walk.next(following, parse(exchange.body))
            if upcoming is None:
                return
            following = upcoming

    def _download(self, source: Source) -> Download:
        return Download(self._context, source, lambda: self._http)


class AsyncClient(Core):
    """An asyncio client."""

    def __init__(
        self,
        dialect: DialectInfo,
        *,
        secrets: Mapping[str, str | None],
        base_url: str | None = None,
        http_client: httpx2.AsyncClient | None = None,
        settings: Settings | None = None,
    ) -> None:
        """Take the secrets by purpose; a given ``http_client`` stays the caller's to close."""
        super().__init__(dialect, secrets=secrets, base_url=base_url, settings=settings or {})
        if http_client is not None:
            self._http, self._owns_http = http_client, False

    @cached_property
    def _http(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient()

    async def __aenter__(self) -> Self:
        """Return the client, which closes at the end of the block."""
        return self

    async def __aexit__(self, *_exc: object) -> None:
        """Close."""
        await self.close()

    async def close(self) -> None:
        """Close the connections, if they are the client's own."""
        if self._owns_http and "_http" in self.__dict__:
            await self._http.aclose()

    async def send(self, request: Request) -> Exchange:
        """Send any built request; gives the 2xx reply raw. Raises ApiError, TransportError."""
        return await self._run(fetch(self._context, request))

    async def _run(self, plan: Plan[T]) -> T:
        return await run_async(plan, self._http)

    async def _call(self, request: Request, replies: Replies[T]) -> T:
        return (await self._run(call(self._context, request, replies)))[0]

    async def _wait(
        self,
        operation: OperationInfo,
        request: Request,
        replies: Replies[T],
        job_id: str | None,
        options: WaitOptions,
    ) -> Snapshot[T]:
        return await self._run(self._wait_plan(operation, request, replies, job_id, options))

    async def _as_completed(
        self, waits: Waits[T], options: WaitOptions, concurrency: int
    ) -> AsyncIterator[Outcome[T]]:
        async with aclosing(run_many_async(waits(options), self._http, concurrency)) as ends:
            async for _, outcome in ends:
                yield outcome

    async def _wait_all(
        self, waits: Waits[T], options: WaitOptions, concurrency: int
    ) -> list[Outcome[T]]:
        async with aclosing(run_many_async(waits(options), self._http, concurrency)) as ends:
            return in_place([end async for end in ends])

    async def _pages(
        self, operation: OperationInfo, request: Request, replies: Replies[T]
    ) -> AsyncIterator[T]:
        walk, following = self._walk(operation), request
        while True:
            reply, exchange = await self._run(call(self._context, following, replies))
            yield reply
            upcoming = walk.next(following, parse(exchange.body))
            if upcoming is None:
                return
            following = upcoming

    def _download(self, source: Source) -> AsyncDownload:
        return AsyncDownload(self._context, source, lambda: self._http)
