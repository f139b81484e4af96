"""How long and how much is waited for: heads of requests in bytes and seconds, bodies in seconds of silence.

The stubs bound what a body holds; what stands here uvicorn leaves open.
"""

import asyncio
import types
from collections.abc import Generator
from typing import Any, Final, cast

from starlette.types import Message, Receive
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from vidspec.mock.packets import JoinedWrites
from vidspec_server._runtime.errors import CauseName, ServiceError

#: Seconds for the head of a request, and of silence in a body.
SECONDS: Final = 30.0
_MOST_HEAD: Final = 512 * 1024
_CAUSE: Final[CauseName] = "invalid_request"


class Patient:
    """A ``receive`` that raises ServiceError when nothing comes of an unfinished body for so long."""

    __slots__ = ("_receive", "_seconds", "_whole")

    def __init__(self, receive: Receive, seconds: float = SECONDS) -> None:
        self._receive, self._seconds, self._whole = receive, seconds, False

    @types.coroutine
    def __call__(self) -> Generator[Any, Any, Message]:
        """Return the next message; once the body is whole, the silence before the caller leaves is no concern."""
        steps = self._receive().__await__()
        if self._whole:
            message: Message = yield from steps
            return message
        try:
            waited_for = next(steps)
        except (
            StopIteration
        ) as done:  # It was there already, as with nearly every creation: no timer is made.
            message = done.value
        else:
            message = yield from _soon(steps, waited_for, self._seconds)
        self._whole = not message.get("more_body", False)
        return message


def _soon(
    steps: Generator[Any, Any, Message], waited_for: Any, seconds: float
) -> Generator[Any, Any, Message]:
    """Return what comes; raise ServiceError when it takes too long. As asyncio.timeout does it."""
    task, late = asyncio.current_task(), False

    def give_up() -> None:
        nonlocal late
        late = True
        if task is not None:
            task.cancel()

    timer = asyncio.get_running_loop().call_later(seconds, give_up)
    try:
        return (yield from _resumed(steps, waited_for))
    except asyncio.CancelledError:
        if not late or task is None or task.uncancel():
            raise
        text = f"The body did not go on for {seconds:g} seconds."
        raise ServiceError(_CAUSE, text, headers={"connection": "close"}) from None
    finally:
        timer.cancel()


def _resumed(steps: Generator[Any, Any, Message], waited_for: Any) -> Generator[Any, Any, Message]:
    """Go on where ``steps`` has stopped to wait for something."""
    try:
        yield waited_for
    except BaseException as error:  # noqa: BLE001 - a cancellation, which is the waiting one's to handle
        try:
            again = steps.throw(error)
        except StopIteration as done:
            message: Message = done.value
            return message
        return (yield from _resumed(steps, again))
    return (yield from steps)


class BoundedProtocol(HttpToolsProtocol):
    """Closes connections whose request has a giant head, or one that never ends; writes heads and bodies together."""

    seconds: float = SECONDS
    _timer: asyncio.TimerHandle | None = None
    #: The request whose head is being counted, and what of it has come.
    _counted: Any = None
    _head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # asyncio types it BaseTransport; uvicorn is given this one
        """Wait for the first request, not for ever."""
        super().connection_made(cast("asyncio.Transport", JoinedWrites(transport, self.loop)))
        self._timer = self.loop.call_later(self.seconds, self._late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; refuse a head that has become too long."""
        super().data_received(data)
        if not self._in_head():
            if self._timer is not None and self.scope is not None:
                self._stop()
            return
        if self.transport.is_closing():
            return
        if self._counted is not self.scope:
            self._counted, self._head = self.scope, 0
        self._head += len(data)
        if self._head > _MOST_HEAD:
            self.send_400_response("The head of the request is too long.")
        elif self._timer is None:
            self._timer = self.loop.call_later(self.seconds, self._late)

    def _in_head(self) -> bool:
        """Say whether a request has begun for which there is no exchange yet: two calls a request fewer than to count."""
        scope, cycle = self.scope, self.cycle
        return scope is not None and (cycle is None or cycle.scope is not scope)

    def _late(self) -> None:
        self._timer = None
        if self.transport.is_closing():
            return
        if self._in_head():
            self.send_400_response("The head of the request did not come in time.")
        else:
            self.transport.close()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
