"""Running the mock: on a port for the command line, or in a thread for Python tests."""

import asyncio
import contextlib
import functools
import gc
import logging
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import uvicorn

from vidspec.contract.model import Contract, Dialect
from vidspec.mock.app import MockApp, build_app
from vidspec.mock.cast import Profile, speakers
from vidspec.mock.clock import Clock
from vidspec.mock.connection import Connection
from vidspec.mock.holdings import Snapshot
from vidspec.mock.journal import Journal
from vidspec.mock.options import MockOptions
from vidspec.mock.receivers import Delivery

_START_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class MockGateway:
    """A running mock, as a test sees it."""

    #: ``http://127.0.0.1:PORT``.
    url: str
    app: MockApp

    @property
    def base_url(self) -> str:
        """What an SDK of the first (or only) name takes as its base URL."""
        return next(iter(self.base_urls.values()))

    @property
    def base_urls(self) -> Mapping[str, str]:
        """Name → what its SDK takes as base URL."""
        return {name: self.url + path for name, path in self.app.base_paths.items()}

    @property
    def paid_calls(self) -> int:
        """How many calls that cost money were accepted since the start or the last reset."""
        return self.app.store.paid_calls

    @property
    def clock(self) -> Clock:
        """The time that jobs run by: ``advance(seconds)``, ``freeze()``, ``resume()``."""
        return self.app.options.clock

    @property
    def journal(self) -> Journal:
        """What was asked and how it was answered: iterate for its entries, oldest first."""
        return self.app.journal

    def advance(self, job_id: str, *, space: str | None = None) -> None:
        """Move a job on to its next step. Raises UsageError if there is no such job, or it has ended."""
        self.app.deeds.do(self.app.deeds.job(job_id, space), "advance")

    def complete(self, job_id: str, *, space: str | None = None) -> None:
        """Let a job be finished. Raises UsageError as ``fail`` does."""
        self.app.deeds.do(self.app.deeds.job(job_id, space), "complete")

    def fail(
        self,
        job_id: str,
        code: str | None = None,
        message: str | None = None,
        *,
        space: str | None = None,
    ) -> None:
        """Let a job fail. Raises UsageError if there is no such job, it has ended otherwise, or has no word for it."""
        job = self.app.deeds.job(job_id, space)
        self.app.deeds.do(job, "fail", code=code, message=message)

    def expire(self, job_id: str, *, space: str | None = None) -> None:
        """Let a job expire. Raises UsageError as ``fail`` does."""
        self.app.deeds.do(self.app.deeds.job(job_id, space), "expire")

    def script(self, script: str | None, *, model: str = "*") -> None:
        """Give the jobs made from now on this course: ``"queued*2, 37%, failed:moderation_blocked"``.

        ``model`` is a pattern of models; None goes back to the usual course. Raises UsageError for a
        script that is none, or that a dialect here has no words for.
        """
        self.app.scripts.set(script, model)

    def fault(self, text: str) -> None:
        """Let this go wrong from now on, until a reset: ``"status=503 rate=0.3 on=create"``.

        Raises UsageError if it is no fault.
        """
        self.app.incidents.add(text)

    @property
    def deliveries(self) -> Sequence[Delivery]:
        """Every attempt to deliver a webhook since the start or the last reset, the newest last."""
        return self.app.webhooks.deliveries

    def reset(self, space: str | None = None) -> None:
        """Forget every job, character and count; with a ``space``, only what was made in it."""
        self.app.reset(space)

    def snapshot(self) -> Snapshot:
        """Return every job as it is now, to come back to with ``restore``."""
        return self.app.store.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to the jobs that there were."""
        self.app.restore(snapshot)


@contextlib.contextmanager
def running(
    *names: str,
    profile: Profile = "published",
    contract: Contract | None = None,
    options: MockOptions | None = None,
    **settings: Any,
) -> Iterator[MockGateway]:
    """Run the mock of these dialects or gateways on a free loopback port, in a thread of this process.

    A gateway plays its dialect in the ``profile``; with a ``contract`` the names are dialects of it.
    ``settings`` are the fields of MockOptions (``job_seconds=0``, ``api_key=…``), instead of ``options``.
    Raises UsageError for an unknown name.
    """
    if options is not None and settings:
        message = "give either options or single settings"
        raise TypeError(message)
    wanted = options or MockOptions(**settings)
    if contract is not None:
        app = build_app(contract, names, wanted)
    else:
        played = _speakers(names, profile)
        app = MockApp(played, wanted, named=len(played) > 1)
    with contextlib.closing(_bound("127.0.0.1", 0)) as listener:
        app.store.served_at(listener.getsockname()[1])
        server = _server(app)
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="vidspec-mock", daemon=True
        )
        thread.start()
        try:
            _await_start(server, thread)
            yield MockGateway(f"http://127.0.0.1:{listener.getsockname()[1]}", app)
        finally:
            server.should_exit = True
            thread.join()
            app.store.close()


@contextlib.asynccontextmanager
async def running_async(*names: str, **settings: Any) -> AsyncIterator[MockGateway]:
    """Do as ``running`` does, without blocking the event loop while the mock starts and ends."""
    mock = running(*names, **settings)
    gateway = await asyncio.to_thread(mock.__enter__)
    try:
        yield gateway
    finally:
        await asyncio.to_thread(mock.__exit__, None, None, None)


def serve(
    app: MockApp,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    on_start: Callable[[str], None] | None = None,
) -> None:
    """Serve until interrupted; ``on_start`` is told the address. Raises OSError when it is taken."""
    with contextlib.closing(_bound(host, port)) as listener:
        listener.listen(2048)  # Who reads the address may call at once.
        app.store.served_at(listener.getsockname()[1])
        if on_start is not None:
            name = f"[{host}]" if ":" in host else host
            on_start(f"http://{name}:{listener.getsockname()[1]}")
        # What is loaded by now stays; without this, collecting garbage costs a tenth of every request.
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 50, 100)
        try:
            _server(app).run(sockets=[listener])
        finally:
            app.store.close()


@functools.cache
def _speakers(names: tuple[str, ...], profile: Profile) -> Mapping[str, Dialect]:
    """Read the project's own specification once: it does not change under a running process."""
    return speakers(names, profile)


class _Server(uvicorn.Server):
    """Says nothing of whom it cuts off at its end: that is no failure."""

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until told to end."""
        log = logging.getLogger("uvicorn.error")
        log.addFilter(_is_failure)
        try:
            super().run(sockets)
        finally:
            log.removeFilter(_is_failure)


def _is_failure(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith("Cancel ")


def _server(app: MockApp) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="on",
        ws="none",
        timeout_graceful_shutdown=2,
        http=Connection,
        proxy_headers=False,
    )
    return _Server(config)


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def _await_start(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START_TIMEOUT
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            message = "the mock did not start"
            raise RuntimeError(message)
        time.sleep(0.001)
