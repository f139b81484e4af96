"""One request on a connection and the reply to it, as ASGI has them; a reply leaves in as few packets as it can."""

import asyncio
import contextvars
import http
import logging
import types
from collections.abc import Coroutine, Generator, Iterable
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Scope

from vidspec_server._runtime.errors import CauseName, ServiceError

if TYPE_CHECKING:
    from vidspec.mock.connection import Connection

#: Longer pieces are not copied only to be joined.
_LONGEST: Final = 64 * 1024
#: Where so much of a body has come that nobody reads, no more is taken from the network.
_ENOUGH: Final = 64 * 1024
_CAUSE: Final[CauseName] = "invalid_request"
_LINES: Final = {s.value: f"HTTP/1.1 {s.value} {s.phrase}\r\n".encode() for s in http.HTTPStatus}
_BODILESS: Final = frozenset({204, 304})
_LOG = logging.getLogger("uvicorn.error")


class Turn:
    """A request that is being answered: ``receive`` and ``send`` are the application's."""

    __slots__ = (
        "_asked_to_go_on", "_chunked", "_connection", "_head", "_left", "_pieces", "_silent",
        "_size", "_task", "_told", "_waiter", "finished", "gone", "keep_alive", "scope", "started",
        "whole",
    )  # fmt: skip

    def __init__(
        self,
        connection: "Connection",
        scope: Scope,
        keep_alive: bool,
        asked_to_go_on: bool,
    ) -> None:
        """Take a request whose head is there; ``asked_to_go_on``: its body comes once it is told to."""
        self._connection, self.scope = connection, scope
        self.keep_alive, self._asked_to_go_on = keep_alive, asked_to_go_on
        self._task: asyncio.Task[None] | None = None
        #: What of the body has come and was not read yet; whether that is all, and whether that was told.
        self._pieces: list[bytes] = []
        self._size = 0
        self.whole = self._told = False
        #: Whether the reply is sent to its end; whether the caller has left.
        self.finished = self.gone = False
        self._waiter: asyncio.Future[None] | None = None
        #: Whether the head was given; as long as it is not sent, itself.
        self.started, self._head = False, b""
        #: How the body is told: not at all, in chunks, or by so many bytes that are still to come.
        self._silent = self._chunked = False
        self._left: int | None = None

    @property
    def transport(self) -> asyncio.Transport:
        """What the reply is sent by."""
        return self._connection.transport

    @property
    def is_task(self) -> bool:
        """Whether the application goes on in a task."""
        return self._task is not None

    @property
    def waits_for_body(self) -> bool:
        """Whether the application waits for more of an unfinished body."""
        return self._waiter is not None and not self.whole

    def take(self, piece: bytes) -> None:
        """Take a piece of the body; what comes after the reply is for nobody."""
        if self.finished:
            return
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size > _ENOUGH and self._waiter is None:
            self._connection.pause_reading()
        self.wake()

    def wake(self) -> None:
        """Let whoever waits look again."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def leave(self) -> None:
        """Tell the application that the caller has left."""
        self.gone = True
        self.wake()

    def give_up(self, seconds: float) -> None:
        """Tell whoever waits for the body that it did not go on for so long."""
        if self._waiter is not None and not self._waiter.done():
            text = f"The body did not go on for {seconds:g} seconds."
            error = ServiceError(_CAUSE, text, headers={"connection": "close"})
            self._waiter.set_exception(error)

    def begin(self, app: ASGIApp, context: contextvars.Context, *, at_once: bool) -> None:
        """Let the application answer: in a task, or ``at_once`` as far as it comes without waiting.

        Most replies wait for nothing, and to make a task costs as much as to write a reply.
        """
        connection, steps = self._connection, self._run(app)
        if at_once:
            try:
                waited_for = context.run(steps.send, None)
            except StopIteration:
                return
            self._flush()
            steps = _resumed(steps, waited_for)
        self._task = connection.loop.create_task(steps, context=context)
        connection.tasks.add(self._task)
        self._task.add_done_callback(connection.tasks.discard)

    async def _run(self, app: ASGIApp) -> None:
        """Answer; what the application fails with is logged, and said if it can still be said."""
        try:
            await app(self.scope, self.receive, self.send)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller must not be left waiting
            self._fail(error)
        except asyncio.CancelledError:
            if not self.finished:
                self.transport.abort()
            raise
        else:
            if not (self.finished or self.gone or self.transport.is_closing()):
                self._fail(RuntimeError("the application did not finish its reply"))

    async def receive(self) -> Message:
        """Return the next piece of the body; behind its end, wait until the caller leaves or has the reply."""
        if self._waiter is not None:
            message = "the application waits for the request twice at a time"
            raise RuntimeError(message)
        if self._asked_to_go_on and not (self.started or self.gone):
            self._asked_to_go_on = False
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        while not (self.finished or self.gone or self._pieces or (self.whole and not self._told)):
            self._connection.read_on()
            self._waiter = self._connection.loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        if self.finished or self.gone:
            return {"type": "http.disconnect"}
        pieces, self._told = self._pieces, self.whole
        self._pieces, self._size = [], 0
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        return {"type": "http.request", "body": body, "more_body": not self.whole}

    async def send(self, message: Message) -> None:
        """Send a part of the reply; raise OSError when the caller has left."""
        room = self._connection.room
        if room is not None and not self.gone:
            await asyncio.shield(room)
        if self.gone:
            text = "the caller has left"
            raise ConnectionResetError(text)
        if not self.started:
            self._begin(message["status"], message.get("headers", ()))
        elif not self.finished:
            self._go_on(message.get("body", b""), more=message.get("more_body", False))
        else:
            text = "the application has finished its reply already"
            raise RuntimeError(text)

    def _begin(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        length, own = None, []
        for name, value in headers:
            key = name.lower()
            if key == b"content-length":
                length = int(value)
            elif key == b"connection" and value.lower() == b"close":
                self.keep_alive = False
                continue
            elif key == b"transfer-encoding":  # It is said here how the reply is sent.
                continue
            own.append(b"%b: %b\r\n" % (key, value))
        if not self.keep_alive:
            own.append(b"connection: close\r\n")
        self._silent = self.scope["method"] == "HEAD" or status in _BODILESS
        self._left = length
        self._chunked = not self._silent and length is None and self.scope["http_version"] == "1.1"
        if self._chunked:
            own.append(b"transfer-encoding: chunked\r\n")
        lines = b"".join(own)
        if lines.count(b"\n") != len(own) or lines.count(b"\r") != len(own):
            message = "a header of the reply holds the end of a line"
            raise RuntimeError(message)
        self.started = True
        line = _LINES.get(status) or b"HTTP/1.1 %d \r\n" % status
        self._head = b"%b%b%b\r\n" % (line, self._connection.default_head, lines)
        if length is None:  # Who reads a stream may wait for its head alone.
            self._flush()
        elif self._task is not None:  # The body may be long in coming.
            self._connection.loop.call_soon(self._flush)

    def _go_on(self, body: bytes, *, more: bool) -> None:
        if self._silent:
            body = b""
        elif self._chunked:
            piece = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            body = piece if more else piece + b"0\r\n\r\n"
        elif self._left is not None:
            self._left -= len(body)
            if self._left < 0:
                message = "the reply is longer than its head says"
                raise RuntimeError(message)
        self._write(body)
        if not more:
            if self._left and not self._silent:
                message = "the reply is shorter than its head says"
                raise RuntimeError(message)
            self.finished = True
            self._connection.end(self)
            self.wake()

    def _flush(self) -> None:
        """Send the head if it is still held back."""
        if self._head and not self.gone:
            self._write(b"")

    def _write(self, body: bytes) -> None:
        head, self._head = self._head, b""
        if head and len(body) > _LONGEST:
            self.transport.write(head)
            self.transport.write(body)
        elif head or body:
            self.transport.write(head + body)

    def _fail(self, error: Exception) -> None:
        """Log what the application failed with; say so if there is somebody to say it to."""
        if self.gone and isinstance(error, (OSError, ClientDisconnect)):
            return
        _LOG.error("Exception in ASGI application", exc_info=error)
        if self.finished or self.gone:
            return
        if self.started and not self._head:
            self.transport.close()
            return
        self.keep_alive = False
        text = b"Internal Server Error"
        self._begin(500, [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(text))])
        self._go_on(text, more=False)


async def _resumed(steps: Coroutine[Any, Any, None], waited_for: Any) -> None:
    """Go on where ``steps`` has stopped to wait for something."""
    await _rest(steps, waited_for)


@types.coroutine
def _rest(steps: Coroutine[Any, Any, None], waited_for: Any) -> Generator[Any, Any, None]:
    try:
        while True:
            try:
                value = yield waited_for
            except BaseException as error:  # noqa: BLE001 - a cancellation, which is the waiting one's to handle
                waited_for = steps.throw(error)
            else:
                waited_for = steps.send(value)
    except StopIteration:
        return
