"""The asyncio client over all dialects: canonical arguments in, canonical jobs out."""

import os
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, Unpack

import httpx2

from .client import AsyncClient
from .created import AsyncCreatedJob, named
from .dialect import GatewayInfo
from .downloads import Saved, place
from .interpreter import Interpreter, JobCall, Profile, Wishes
from .jobs import VideoJob
from .many import CONCURRENCY, Outcome
from .plans import Generated, Outcomes, Plans, VideoModels, Which
from .settings import Settings
from .sink import Progress
from .waiting import DEFAULT_WAIT, OnUpdate, WaitOptions


class AsyncUnifiedClient(Plans, AsyncClient):
    """An asyncio client of one gateway."""

    def __init__(
        self,
        gateway: GatewayInfo,
        *,
        secrets: Mapping[str, str | None],
        base_url: str | None = None,
        profile: Profile = "observed",
        http_client: httpx2.AsyncClient | None = None,
        settings: Settings | None = None,
    ) -> None:
        """Take the secrets by purpose; a given ``http_client`` stays the caller's to close."""
        self._interpreter = Interpreter(gateway, profile)
        super().__init__(
            self._interpreter.dialect,
            secrets=secrets,
            base_url=base_url,
            http_client=http_client,
            settings=settings,
        )

    async def create(
        self,
        prompt: str | None = None,
        *,
        surface: str | None = None,
        extra_body: Mapping[str, Any] | None = None,
        **wishes: Unpack[Wishes],
    ) -> AsyncCreatedJob:
        """Make a job, which can be waited for (``.wait()``); this costs money. ``extra_body`` is sent as it is, by the dialect's own names.

        Raises Unsupported and UnsupportedValue before anything is sent, ApiError, TransportError.
        """
        call = self._create_call(prompt, surface, extra_body, wishes)
        return AsyncCreatedJob.of(await self._run(self._ask(call)), self)

    async def retrieve(
        self, job: VideoJob | str, *, surface: str | None = None, model: str | None = None
    ) -> VideoJob:
        """Look at a job. An id needs its ``surface`` when that is not the default one, and its ``model`` where the dialect asks for it."""
        return await self._run(
            self._ask(self._interpreter.retrieve(job, surface=surface, model=model))
        )

    def list(
        self,
        *,
        limit: int | None = None,
        order: str | None = None,
        provider: str | None = None,
        surface: str | None = None,
    ) -> AsyncIterator[VideoJob]:
        """Return an iterator over the jobs, page after page, at most ``limit`` of them."""
        wishes = {"limit": limit, "order": order, "provider": provider}
        return self._listed(self._interpreter.list(wishes, surface=surface), limit)

    async def wait(
        self,
        job: VideoJob | str,
        *,
        timeout: float = DEFAULT_WAIT,  # noqa: ASYNC109  # a deadline is part of the API
        interval: float | None = None,
        on_update: OnUpdate | None = None,
        surface: str | None = None,
        model: str | None = None,
    ) -> VideoJob:
        """Wait until a job is completed; times are seconds.

        Raises JobFailed, JobCancelled or JobExpired when there will be no video, WaitTimedOut after ``timeout``.
        """
        call = self._interpreter.retrieve(job, surface=surface, model=model)
        options = WaitOptions(timeout=timeout, interval=interval, on_update=on_update)
        return await self._run(self._wait_for(call, options))

    async def wait_all(
        self,
        jobs: Iterable[VideoJob | str],
        *,
        timeout: float = DEFAULT_WAIT,  # noqa: ASYNC109  # a deadline is part of the API
        interval: float | None = None,
        on_update: OnUpdate | None = None,
        concurrency: int = CONCURRENCY,
        surface: str | None = None,
        model: str | None = None,
    ) -> Outcomes:
        """Wait for many jobs, ``concurrency`` of them asked after at a time; gives their ends in the order of ``jobs``.

        ``timeout`` is for all of them together. A job that fails is an ``Outcome`` with its error, and stops no other.
        """
        options = WaitOptions(timeout=timeout, interval=interval, on_update=on_update)
        return await self._wait_all(self._waits_for(jobs, surface, model), options, concurrency)

    def as_completed(
        self,
        jobs: Iterable[VideoJob | str],
        *,
        timeout: float = DEFAULT_WAIT,
        interval: float | None = None,
        on_update: OnUpdate | None = None,
        concurrency: int = CONCURRENCY,
        surface: str | None = None,
        model: str | None = None,
    ) -> AsyncIterator[Outcome[VideoJob]]:
        """Return an iterator over the ends of many jobs as they come; arguments as of ``wait_all``."""
        options = WaitOptions(timeout=timeout, interval=interval, on_update=on_update)
        return self._as_completed(self._waits_for(jobs, surface, model), options, concurrency)

    async def download(
        self,
        job: VideoJob | str,
        path: str | os.PathLike[str],
        *,
        variant: str | None = None,
        index: int = 0,
        progress: Progress | None = None,
        surface: str | None = None,
        model: str | None = None,
    ) -> Saved:
        """Save a result of a completed job: the ``index``-th video, or another ``variant`` such as a thumbnail."""
        which = Which(variant=variant, index=index, surface=surface, model=model)
        return await self._run(self._save(job, path, which, progress))

    async def delete(self, job: VideoJob | str, *, surface: str | None = None) -> None:
        """Remove a job and its results."""
        await self._run(self._remove(self._interpreter.delete(job, surface=surface)))

    async def remix(
        self,
        job: VideoJob | str,
        prompt: str,
        *,
        surface: str | None = None,
        **wishes: Unpack[Wishes],
    ) -> AsyncCreatedJob:
        """Make a job from a completed one, as ``create`` does; this costs money."""
        call = self._interpreter.remix(job, {"prompt": prompt, **wishes}, surface=surface)
        return AsyncCreatedJob.of(await self._run(self._ask(call)), self)

    async def models(self) -> VideoModels:
        """Return the models that the gateway offers."""
        return await self._run(self._models())

    async def generate(
        self,
        prompt: str | None,
        path: str | os.PathLike[str],
        *,
        timeout: float = DEFAULT_WAIT,  # noqa: ASYNC109  # a deadline is part of the API
        interval: float | None = None,
        on_update: OnUpdate | None = None,
        progress: Progress | None = None,
        surface: str | None = None,
        extra_body: Mapping[str, Any] | None = None,
        **wishes: Unpack[Wishes],
    ) -> Generated:
        """Make a video and save it: ``create``, ``wait`` and ``download``, with their arguments and errors."""
        place(path)
        job = await self.create(prompt, surface=surface, extra_body=extra_body, **wishes)
        with named(job.id):
            done = await self.wait(job, timeout=timeout, interval=interval, on_update=on_update)
            return Generated(done, await self.download(done, path, progress=progress))

    async def _listed(self, call: JobCall, limit: int | None) -> AsyncIterator[VideoJob]:
        walk, request, left = self._walk_of(call), call.request, limit
        while True:
            jobs, upcoming = await self._run(self._turn(call, request, walk))
            for job in jobs[:left]:
                yield job
            left = None if left is None else max(0, left - len(jobs))
            if upcoming is None or left == 0:
                return
            request = upcoming
