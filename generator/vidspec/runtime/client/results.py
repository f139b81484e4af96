"""A result that can be fetched: what ``client.download(…)`` gives."""

import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager

import httpx2

from .assembly import Context
from .downloads import Inline, Saved, Source, open_media, read, save
from .sink import Progress
from .steps import run, run_async


class MediaStream:
    """The bytes of a result as they come; iterate over it once."""

    def __init__(self, chunks: Iterator[bytes], headers: httpx2.Headers) -> None:
        """Take the chunks and the headers they came with."""
        self._chunks = chunks
        self.headers = headers

    def __iter__(self) -> Iterator[bytes]:
        """Yield chunks of any size."""
        return self._chunks


class AsyncMediaStream:
    """The bytes of a result as they come; iterate over it once."""

    def __init__(self, chunks: AsyncIterator[bytes], headers: httpx2.Headers) -> None:
        """Take the chunks and the headers they came with."""
        self._chunks = chunks
        self.headers = headers

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield chunks of any size."""
        return self._chunks


class Download:
    """A result, not yet fetched: nothing is sent before ``save``, ``read`` or ``stream``."""

    def __init__(self, context: Context, source: Source, http: Callable[[], httpx2.Client]) -> None:
        """Take where the result is and what fetches it."""
        self._context = context
        self._source = source
        self._http = http

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        progress: Progress | None = None,
        sha256: str | None = None,
    ) -> Saved:
        """Write the result to ``path`` (by a ``.part`` file beside it), resuming after broken connections; memory stays flat.

        ``progress`` is called with the bytes so far and the whole size or None; ``sha256`` is compared at the end.
        Raises ApiError, TransportError, DownloadError, OSError; ``path`` is then untouched.
        """
        plan = save(self._context, self._source, path, progress=progress, sha256=sha256)
        return run(plan, self._http())

    def read(self) -> bytes:
        """Return the whole result; prefer ``save`` for videos."""
        return run(read(self._context, self._source), self._http())

    @contextmanager
    def stream(self) -> Generator[MediaStream]:
        """Open the result: ``with download.stream() as chunks: for chunk in chunks: …``."""
        if isinstance(self._source, Inline):
            yield MediaStream(iter((self._source.decode(),)), httpx2.Headers())
            return
        response = run(open_media(self._context, self._source), self._http())
        try:
            yield MediaStream(response.iter_bytes(), response.headers)
        finally:
            response.close()


class AsyncDownload:
    """A result, not yet fetched: nothing is sent before ``save``, ``read`` or ``stream``."""

    def __init__(
        self, context: Context, source: Source, http: Callable[[], httpx2.AsyncClient]
    ) -> None:
        """Take where the result is and what fetches it."""
        self._context = context
        self._source = source
        self._http = http

    async def save(
        self,
        path: str | os.PathLike[str],
        *,
        progress: Progress | None = None,
        sha256: str | None = None,
    ) -> Saved:
        """Write the result to ``path`` (by a ``.part`` file beside it), resuming after broken connections; memory stays flat.

        ``progress`` is called with the bytes so far and the whole size or None; ``sha256`` is compared at the end.
        Raises ApiError, TransportError, DownloadError, OSError; ``path`` is then untouched.
        """
        plan = save(self._context, self._source, path, progress=progress, sha256=sha256)
        return await run_async(plan, self._http())

    async def read(self) -> bytes:
        """Return the whole result; prefer ``save`` for videos."""
        return await run_async(read(self._context, self._source), self._http())

    @asynccontextmanager
    async def stream(self) -> AsyncGenerator[AsyncMediaStream]:
        """Open the result: ``async with download.stream() as chunks: async for chunk in chunks: …``."""
        if isinstance(self._source, Inline):
            yield AsyncMediaStream(_once(self._source.decode()), httpx2.Headers())
            return
        response = await run_async(open_media(self._context, self._source), self._http())
        try:
            yield AsyncMediaStream(response.aiter_bytes(), response.headers)
        finally:
            await response.aclose()


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
