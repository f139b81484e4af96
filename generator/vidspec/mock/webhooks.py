"""Webhooks: jobs are watched until they end, and each change that the dialect tells of is sent to their receiver."""

import asyncio
import contextlib
import importlib
import random
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request

from vidspec.contract.model import TERMINAL
from vidspec.contract.model import Webhooks as Signing
from vidspec.mock.clock import Clock
from vidspec.mock.desk import JobDesk
from vidspec.mock.job import Job
from vidspec.mock.keeping import Key
from vidspec.mock.messages import Messages, signature, signing_key
from vidspec.mock.outbox import Letter, Message, Telling
from vidspec.mock.receivers import Delivery, WebhookOptions
from vidspec.mock.serving import request_origin
from vidspec.mock.store import JobStore
from vidspec.mock.striking import unsigned

#: Seconds between two looks at the jobs that are watched, and how many are looked at at once.
_TICK: Final = 0.05
_AT_ONCE: Final = 500
#: How long a message that is to come late waits for another one.
_HELD: Final = 2.0
_KEPT: Final = 10_000
#: How many receivers are called at one time: a restart may have thousands of messages to go on with.
_CALLS: Final = 64


class Webhooks:
    """Sends the webhooks of every dialect of a mock; ``deliveries`` is the journal.

    What is to be told stands in the store's outbox, so that it outlives the process where jobs do.
    """

    def __init__(self, options: WebhookOptions, clock: Clock, store: JobStore) -> None:
        self._options, self._clock, self._outbox, self._store = options, clock, store.outbox, store
        self._desks: dict[str, tuple[JobDesk, Mapping[str, Messages]]] = {}
        self._watched: deque[Key] = deque()
        self._journal: deque[Delivery] = deque(maxlen=_KEPT)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._calls = asyncio.Semaphore(_CALLS)
        self._sending: set[asyncio.Task[None]] = set()
        #: By job, the delivery before: the messages of one job come in order.
        self._tails: dict[Key, asyncio.Task[None]] = {}
        self._random = random.Random(options.seed)  # noqa: S311 - decides faults, hides nothing
        #: A message that comes after the next one.
        self._held: asyncio.Event | None = None

    @property
    def deliveries(self) -> Sequence[Delivery]:
        """Every attempt, the newest last, as far as they are kept."""
        return tuple(self._journal)

    def reset(self) -> None:
        """Forget the journal, and which messages went wrong (what is to be told, the store forgets)."""
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
            if self._loop is None:  # Served by somebody who tells of no start.
                self.begin()
            url = job.params.get("callback_url") or None
            if (isinstance(url, str) or self._options.url) and messages[job.surface].speaks:
                telling = Telling(request_origin(request), url if isinstance(url, str) else None)
                key = job.space, job.dialect, job.id
                self._outbox.keep(key, telling)
                self._watched.append(key)
                self._wake()

        if any(own.speaks for own in messages.values()):
            desk.made.append(made)
            self._desks[desk.name] = desk, messages

    def begin(self) -> None:
        """Go on with what an earlier process has left to be told; call it in the loop that serves."""
        self._loop, self._calls = asyncio.get_running_loop(), asyncio.Semaphore(_CALLS)
        self._go_on()

    def restored(self) -> None:
        """Watch what the outbox holds after it went back to an earlier time; from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._go_on)

    def _go_on(self) -> None:
        self._watched.clear()
        for key in self._outbox.waiting():
            telling = self._outbox.get(key)
            # Another mock's dialect, or a receiver of every job that is not named any more: they wait for their own.
            if telling is None or key[1] not in self._desks or not self._receiver(telling):
                continue
            self._watched.append(key)
            for letter in telling.letters:
                self._send(key, telling, letter)
        if self._watched:
            self._wake()

    def _receiver(self, telling: Telling) -> str | None:
        return telling.url or self._options.url

    def _wake(self) -> None:
        if self._task is None or self._task.done():
            self._loop = asyncio.get_running_loop()
            self._task = self._loop.create_task(self._watch())

    async def _watch(self) -> None:
        while self._watched:
            await asyncio.sleep(_TICK)
            self._watched.extend([key for key in self._taken() if self._look(key)])

    def _taken(self) -> list[Key]:
        taken: list[Key] = []
        # Another thread may reset the mock meanwhile.
        with contextlib.suppress(IndexError):
            while len(taken) < _AT_ONCE:
                taken.append(self._watched.popleft())
        return taken

    def _look(self, key: Key) -> bool:
        """Tell what has become of a job; say whether more may come."""
        telling, job = self._outbox.get(key), self._store.at(key)
        if telling is None:
            return False
        desk, messages = self._desks[key[1]]
        if job is None:  # Deleted.
            self._settle(key, telling)
            return False
        state = desk.state(job)
        if state != telling.state:
            telling.state = state
            if messages[job.surface].tells(state):
                surface = desk.dialect.surfaces[job.surface]
                facts = desk.facts.of(job, surface, state, telling.origin)
                message = messages[job.surface].message(job.id, state, facts, self._clock.wall())
                letter = Letter(message)
                telling.letters.append(letter)
                self._send(key, telling, letter)
            self._settle(key, telling)
        return state not in TERMINAL

    def _settle(self, key: Key, telling: Telling) -> None:
        """Keep a telling as it is now, or be done with it."""
        if telling.letters or (telling.state not in TERMINAL and self._store.at(key) is not None):
            self._outbox.kept(key, telling)
        elif self._outbox.get(key) is telling:
            self._outbox.forget(key)

    def _send(self, key: Key, telling: Telling, letter: Letter) -> None:
        # Drawn for every message alike, so that the same jobs have the same fate whatever the parts are.
        late, twice = self._random.random(), self._random.random()
        arrived = asyncio.Event()
        waits_for = None
        if late < self._options.disorder and self._held is None:
            self._held = arrived = waits_for = asyncio.Event()
        elif self._held is not None:
            arrived, self._held = self._held, None
        copies = 2 if twice < self._options.duplicates else 1
        ordered = waits_for is None and not self._options.disorder
        before = self._tails.get(key) if ordered else None

        async def send() -> None:
            if before is not None:
                await asyncio.wait([before])
            if waits_for is not None:
                await _any_of(waits_for, _HELD)
                if self._held is waits_for:
                    self._held = None
            for copy in range(copies):
                await self._deliver(key, telling, letter, 0 if copy else letter.attempts)
            if letter in telling.letters:
                telling.letters.remove(letter)
            self._settle(key, telling)
            if waits_for is None:
                arrived.set()

        task = asyncio.get_running_loop().create_task(send())
        self._tails[key] = task
        self._sending.add(task)
        task.add_done_callback(lambda done: self._sent(key, done))

    def _sent(self, key: Key, task: "asyncio.Task[None]") -> None:
        self._sending.discard(task)
        if self._tails.get(key) is task:
            del self._tails[key]

    async def _deliver(self, key: Key, telling: Telling, letter: Letter, tried: int) -> None:
        """Try until the receiver takes it, the attempts are over, or a reset has called it back."""
        url, message = self._receiver(telling) or "", letter.message
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
        signing = self._desks[key[1]][0].dialect.webhooks
        pauses = (0.0, *self._options.back_off)
        for attempt, pause in enumerate(pauses[tried:], tried + 1):
            await asyncio.sleep(pause)
            if self._outbox.get(key) is not telling:
                return
            # What is sent must have the same name after a crash: it is on the disk first.
            try:
                await self._store.settled()
            except OSError as error:
                note(0, None, str(error))
                return
            async with self._calls:
                headers = {"content-type": "application/json", **message.headers}
                headers |= self._signed(signing, message)
                body = message.body.encode()
                status, failure = await post(url, body, headers, self._options.timeout_seconds)
            note(attempt, status, failure)
            if status is not None and 200 <= status < 300:
                return
            letter.attempts = attempt
            self._outbox.kept(key, telling)

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
