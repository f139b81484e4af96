"""Webhooks: jobs are watched until they end, and each change that the dialect tells of is sent to their receiver."""

import asyncio
import contextlib
import importlib
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request

from vidspec.contract.model import TERMINAL
from vidspec.contract.model import Webhooks as Signing
from vidspec.mock.clock import Clock
from vidspec.mock.desk import JobDesk
from vidspec.mock.job import Job
from vidspec.mock.messages import Message, Messages, signature, signing_key
from vidspec.mock.receivers import Delivery, WebhookOptions
from vidspec.mock.serving import request_origin
from vidspec.mock.striking import unsigned

#: Seconds between two looks at the jobs that are watched, and how many are looked at at once.
_TICK: Final = 0.05
_AT_ONCE: Final = 500
#: How long a message that is to come late waits for another one.
_HELD: Final = 2.0
_KEPT: Final = 10_000


@dataclass(slots=True)
class _Watched:
    """A job whose receiver is told of what becomes of it."""

    job: Job
    desk: JobDesk
    messages: Messages
    origin: str
    url: str
    state: str = ""
    #: The delivery before: the messages of one job come in order.
    tail: "asyncio.Task[None] | None" = None


class Webhooks:
    """Sends the webhooks of every dialect of a mock; ``deliveries`` is the journal."""

    def __init__(self, options: WebhookOptions, clock: Clock) -> None:
        self._options, self._clock = options, clock
        self._watched: deque[_Watched] = deque()
        self._journal: deque[Delivery] = deque(maxlen=_KEPT)
        self._task: asyncio.Task[None] | None = None
        self._sending: set[asyncio.Task[None]] = set()
        self._random = random.Random(options.seed)  # noqa: S311 - decides faults, hides nothing
        #: A message that comes after the next one.
        self._held: asyncio.Event | None = None

    @property
    def deliveries(self) -> Sequence[Delivery]:
        """Every attempt, the newest last, as far as they are kept."""
        return tuple(self._journal)

    def reset(self) -> None:
        """Forget the jobs, the journal, and which messages went wrong."""
        self._watched.clear()
        self._journal.clear()
        self._random.seed(self._options.seed)

    def follow(self, desk: JobDesk) -> None:
        """Watch every job that is made at the desk from now on and has a receiver. Raises UsageError for a wrong secret."""
        dialect = desk.dialect
        if dialect.webhooks is not None and self._options.secret is not None:
            signing_key(dialect.webhooks, self._options.secret)
        messages = {name: Messages(dialect, surface) for name, surface in dialect.surfaces.items()}

        def made(job: Job, request: Request) -> None:
            url = job.params.get("callback_url") or self._options.url
            own = messages[job.surface]
            if isinstance(url, str) and own.speaks:
                self._watched.append(_Watched(job, desk, own, request_origin(request), url))
                self._wake()

        if any(own.speaks for own in messages.values()):
            desk.made.append(made)

    def _wake(self) -> None:
        loop = asyncio.get_running_loop()
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._watch())

    async def _watch(self) -> None:
        while self._watched:
            await asyncio.sleep(_TICK)
            for watched in self._taken():
                if watched.desk.store.by_token(watched.job.token) is None:
                    continue  # Deleted.
                self._look(watched)
                if watched.state not in TERMINAL:
                    self._watched.append(watched)

    def _taken(self) -> list[_Watched]:
        taken: list[_Watched] = []
        # Another thread may reset the mock meanwhile.
        with contextlib.suppress(IndexError):
            while len(taken) < _AT_ONCE:
                taken.append(self._watched.popleft())
        return taken

    def _look(self, watched: _Watched) -> None:
        desk, job = watched.desk, watched.job
        state = desk.state(job)
        if state == watched.state:
            return
        watched.state = state
        if not watched.messages.tells(state):
            return
        surface = desk.dialect.surfaces[job.surface]
        facts = desk.facts(job, surface, state, watched.origin)
        message = watched.messages.message(job.id, state, facts, self._clock.wall())
        # Drawn for every message alike, so that the same jobs have the same fate whatever the parts are.
        late, twice = self._random.random(), self._random.random()
        arrived = asyncio.Event()
        waits_for = None
        if late < self._options.disorder and self._held is None:
            self._held = arrived = waits_for = asyncio.Event()
        elif self._held is not None:
            arrived, self._held = self._held, None
        copies = 2 if twice < self._options.duplicates else 1
        before = watched.tail if waits_for is None and not self._options.disorder else None
        task = asyncio.create_task(
            self._send(
                watched, message, copies, before=before, waits_for=waits_for, arrived=arrived
            )
        )
        watched.tail = task
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send(
        self,
        watched: _Watched,
        message: Message,
        copies: int,
        *,
        before: "asyncio.Task[None] | None",
        waits_for: asyncio.Event | None,
        arrived: asyncio.Event,
    ) -> None:
        if before is not None:
            await before
        if waits_for is not None:
            await _any_of(waits_for, _HELD)
            if self._held is waits_for:
                self._held = None
        for _ in range(copies):
            await self._deliver(watched, message)
        if waits_for is None:
            arrived.set()

    async def _deliver(self, watched: _Watched, message: Message) -> None:
        """Try until the receiver takes it or the attempts are over."""
        url = watched.url
        note = _noter(self._journal, message, unsigned(url), self._clock)
        if not self._options.allows(url):
            note(
                0,
                None,
                "the address is not allowed: only this machine's are, and hosts that are named",
            )
            return
        # An HTTP client takes a while to load: only who has a receiver pays for it.
        post = importlib.import_module("vidspec.mock.posting").post
        for attempt, pause in enumerate((0.0, *self._options.back_off), 1):
            await asyncio.sleep(pause)
            headers = {"content-type": "application/json", **message.headers}
            headers |= self._signed(watched.desk.dialect.webhooks, message)
            status, error = await post(url, message.body, headers, self._options.timeout_seconds)
            note(attempt, status, error)
            if status is not None and 200 <= status < 300:
                return

    def _signed(self, signing: Signing | None, message: Message) -> dict[str, str]:
        secret = self._options.secret
        if signing is None or secret is None:
            return {}
        # By the world's time, not the mock's: the receiver asks whether the message is fresh.
        return signature(signing, secret, message, time.time())


def _noter(
    journal: deque[Delivery], message: Message, url: str, clock: Clock
) -> Callable[[int, int | None, str | None], Any]:
    def note(attempt: int, status: int | None, error: str | None) -> None:
        journal.append(
            Delivery(
                message.id, message.event, message.job_id, url, attempt, clock.wall(), status, error
            )
        )

    return note


async def _any_of(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
