"""HTTP/1.1 as the mock's server speaks it: heads, bodies and silence are bounded, each request costs little.

uvicorn starts and stops it; what stands between it and the application is half of what a small request costs.
"""

import asyncio
import contextvars
from collections import deque
from typing import Any, Final, cast

import httptools
import uvicorn
from uvicorn.server import ServerState

from vidspec.mock.heads import address, framing, parser_for, scope_of
from vidspec.mock.turn import Turn

#: Seconds for the head of a request, and of silence in a body.
SECONDS: Final = 30.0
#: Bytes of a head, and of what stands in a body but is none of it (trailers, extensions of chunks).
_MOST_HEAD: Final = 512 * 1024


class Connection(asyncio.Protocol):
    """One caller's connection: its requests one after another."""

    seconds: float = SECONDS

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """Take what uvicorn gives a protocol."""
        del app_state
        self.loop = _loop or asyncio.get_running_loop()
        self.tasks = server_state.tasks
        self._app, self._state = config.loaded_app, server_state
        # uvicorn names its own protocols alone.
        self._connections = cast("set[Any]", server_state.connections)
        #: An application says itself that it needs no task before it waits for something.
        self._at_once: bool = getattr(config.loaded_app, "at_once", False)
        self._idle_seconds = config.timeout_keep_alive
        #: Each request begins with the same context, whatever the one before has set in its own.
        self._context = contextvars.copy_context()
        self._parser = parser_for(self)
        self.transport: asyncio.Transport
        self._server: Any = None
        self._client: Any = None
        #: The request being answered, those that came meanwhile, and the one whose body comes.
        self._turn: Turn | None = None
        self._queue: deque[Turn] = deque()
        self._reading: Turn | None = None
        #: What of a head has come (``_loose`` bytes, which are counted between pieces of a body too).
        self._in_head = False
        self._loose = 0
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._asks_to_go_on = False
        #: Whether what comes is for nobody, as the connection ends; what is said last.
        self._deaf = False
        self._refusal: str | None = None
        #: The loop's time at which there was silence for too long, and what looks whether there was.
        self._due: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        #: Done once there is room again for what is to be sent; None while there is.
        self.room: asyncio.Future[None] | None = None
        self._paused = False
        self._default_headers: Any = None
        self._default_head = b""

    @property
    def default_head(self) -> bytes:
        """The lines that every reply begins with; uvicorn renews them each second."""
        headers = self._state.default_headers
        if headers is not self._default_headers:
            self._default_headers = headers
            self._default_head = b"".join(b"%b: %b\r\n" % pair for pair in headers)
        return self._default_head

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first request, not for ever."""
        self.transport = cast("asyncio.Transport", transport)
        self._server = address(transport.get_extra_info("sockname"))
        self._client = address(transport.get_extra_info("peername"))
        self._connections.add(self)
        self._watch(self.seconds)

    def connection_lost(self, _exc: Exception | None) -> None:
        """Wait no more; tell the application."""
        self._connections.discard(self)
        self._due = None
        if self._timer is not None:
            self._timer.cancel()
        self._queue.clear()
        if self._turn is not None:
            self._turn.leave()
            self._turn = None
        self.resume_writing()
        self._parser = None  # It holds this one, which nobody else does now.

    def shutdown(self) -> None:
        """End once what is being answered is answered: uvicorn's wish."""
        if self._turn is None:
            self.transport.close()
        else:
            self._turn.keep_alive = False

    def data_received(self, data: bytes) -> None:
        """Read on; answer what is there."""
        if self._deaf:
            return
        try:
            while data:
                try:
                    self._parser.feed_data(data)
                    break
                except httptools.HttpParserUpgrade as upgrade:
                    data = data[upgrade.args[0] :]
                    self._pass_over_upgrade()
        except httptools.HttpParserError:
            self._refuse("Invalid HTTP request received.")
            return
        if self._in_head or self._reading is not None:
            self._loose += len(data)
            if self._loose > _MOST_HEAD:
                self._refuse("The head or the trailers of the request are too long.")
                return
            # A head as a whole has that time, each piece of a body has.
            if self._reading is not None or self._loose == len(data):
                self._watch(self.seconds)
        elif self._turn is not None or self._queue:
            self._due = None
        self._answer_next()

    # What the parser tells.

    def on_message_begin(self) -> None:
        """Begin a head."""
        self._in_head, self._loose = True, 0
        self._url, self._headers, self._asks_to_go_on = b"", [], False

    def on_url(self, url: bytes) -> None:
        """Take a piece of the address."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self._asks_to_go_on = True
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Take the request, whose body may be still to come."""
        self._in_head = False
        scope = scope_of(self._parser, self._url, self._headers, self._client, self._server)
        self._headers = []  # What comes behind the body is no header of the request.
        is_newest = scope["http_version"] == "1.1"
        stays = is_newest and self._parser.should_keep_alive()
        turn = Turn(self, scope, stays, is_newest and self._asks_to_go_on)
        self._reading = turn
        self._queue.append(turn)

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._loose = 0
        if self._reading is not None:
            self._reading.take(body)

    def on_message_complete(self) -> None:
        """Take the end of the request."""
        if self._reading is not None:
            self._reading.whole = True
            self._reading.wake()
            self._reading = None

    def _pass_over_upgrade(self) -> None:
        """Go on with HTTP, as nothing else is spoken here; the parser takes a request to have no body then."""
        turn = self._queue[-1]
        head = framing(turn.scope)
        if head:
            self._parser = parser_for(self)
            self._parser.feed_data(head)
            turn.whole = self._queue.pop().whole
            self._reading = None if turn.whole else turn

    # What the request being answered asks for.

    def pause_reading(self) -> None:
        """Take nothing from the network until it is read."""
        if not self._paused:
            self._paused = True
            self.transport.pause_reading()

    def read_on(self) -> None:
        """Take from the network again."""
        if self._paused:
            self._paused = False
            self.transport.resume_reading()
            self._watch(self.seconds)

    def end(self, turn: Turn) -> None:
        """Go on behind a reply that is sent to its end."""
        self._state.total_requests += 1
        self._turn = None
        if not turn.keep_alive:
            self._leave()
        elif self._queue:
            if turn.is_task:  # Not inside of it; if it is none, ``_answer_next`` goes on by itself.
                self.loop.call_soon(self._answer_next)
        elif self._refusal is not None:
            self._say_refusal(self._refusal)
        else:
            self.read_on()
            if self._reading is None and not self._in_head:
                self._watch(self._idle_seconds)

    # What the transport tells.

    def pause_writing(self) -> None:
        """Take nothing more to be sent."""
        self.room = self.loop.create_future()

    def resume_writing(self) -> None:
        """Take more to be sent."""
        room, self.room = self.room, None
        if room is not None:
            room.set_result(None)

    def _answer_next(self) -> None:
        while self._turn is None and self._queue and not self.transport.is_closing():
            turn = self._turn = self._queue.popleft()
            turn.begin(self._app, self._context.copy(), at_once=self._at_once)
        if self._queue:
            self.pause_reading()

    def _refuse(self, message: str) -> None:
        """End the connection: what came before is answered, then that what came is no request."""
        broken, self._reading, self._in_head = self._reading, None, False
        self._deaf, self._refusal = True, message
        if broken is not None:
            broken.leave()
            if broken in self._queue:
                self._queue.remove(broken)
            else:
                self._turn = None
            if broken.started:  # In the middle of a reply, or behind it, nothing else can be said.
                self._leave()
                return
        if self._turn is None and not self._queue:
            self._say_refusal(message)
        else:
            self._answer_next()

    def _say_refusal(self, message: str) -> None:
        text = message.encode()
        lines = b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n" % len(text)
        self.transport.write(
            b"HTTP/1.1 400 Bad Request\r\n%b%bconnection: close\r\n\r\n%b"
            % (self.default_head, lines, text)
        )
        self._leave()

    def _leave(self) -> None:
        """Close the connection; who is still sending is let to, as what is unread at the end cuts off the reply."""
        self._queue.clear()
        if self._reading is None and self._refusal is None:
            self.transport.close()
        elif not self.transport.is_closing():
            self._deaf = True
            self.transport.write_eof()
            self.read_on()
            self._watch(self.seconds)

    def _watch(self, seconds: float) -> None:
        """Let there be silence for so long."""
        self._due = self.loop.time() + seconds
        if self._timer is None or self._timer.when() > self._due:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self.loop.call_at(self._due, self._late)

    def _late(self) -> None:
        self._timer = None
        if self._due is None or self.transport.is_closing():
            return
        if self.loop.time() < self._due:  # Something came meanwhile.
            self._timer = self.loop.call_at(self._due, self._late)
        elif self._in_head and not self._paused:
            self._refuse("The head of the request did not come in time.")
        elif self._turn is None and not self._queue:
            self.transport.close()
        elif self._turn is not None and self._turn.waits_for_body:
            self._turn.give_up(self.seconds)
        else:
            self._watch(self.seconds)
