"""HTTP/1.1 as the mock's server speaks it: heads, bodies and silence are bounded, each request costs little.

uvicorn starts and stops it; what stands between it and the application is half of what a small request costs.
"""

import asyncio
from collections import deque
from typing import Any, Final, cast
from urllib.parse import unquote

import httptools
import uvicorn
from starlette.types import Scope
from uvicorn.server import ServerState

from vidspec.mock.turn import Turn

#: Seconds for the head of a request, and of silence in a body.
SECONDS: Final = 30.0
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
        self._connections = cast(
            "set[Any]", server_state.connections
        )  # It names its own protocols alone.
        #: An application says itself that it needs no task before it waits for something.
        self._at_once: bool = getattr(config.loaded_app, "at_once", False)
        self._idle_seconds = config.timeout_keep_alive
        self._parser = httptools.HttpRequestParser(self)
        # What is sent behind the last request of a connection is no fault of the request.
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.transport: asyncio.Transport
        self._server: Any = None
        self._client: Any = None
        #: The request being answered, those that came meanwhile, and the one whose body comes.
        self._turn: Turn | None = None
        self._queue: deque[Turn] = deque()
        self._reading: Turn | None = None
        #: What of a head has come: its bytes (None: there is none unfinished), its address and its headers.
        self._head_size: int | None = None
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._asks_to_go_on = False
        #: The loop's time at which there was silence for too long, and what looks whether there was.
        self._due: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._room: asyncio.Future[None] | None = None
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
        self._server, self._client = (
            _address(transport.get_extra_info(name)) for name in ("sockname", "peername")
        )
        self._connections.add(self)
        self._watch(self.seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more; tell the application."""
        del exc
        self._connections.discard(self)
        self._due = None
        if self._timer is not None:
            self._timer.cancel()
        self._queue.clear()
        if self._turn is not None:
            self._turn.gone = True
            self._turn.wake()
        self.resume_writing()

    def shutdown(self) -> None:
        """End once what is being answered is answered: uvicorn's wish."""
        if self._turn is None:
            self.transport.close()
        else:
            self._turn.keep_alive = False

    def data_received(self, data: bytes) -> None:
        """Read on; answer what is there."""
        while data:
            try:
                self._parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                data = data[upgrade.args[0] :]  # Nothing else is spoken here: HTTP goes on.
            except httptools.HttpParserError:
                self._refuse("Invalid HTTP request received.")
                return
            else:
                break
        if self._head_size is not None:
            self._head_size += len(data)
            if self._head_size > _MOST_HEAD:
                self._refuse("The head of the request is too long.")
                return
            if self._head_size == len(data):
                self._watch(self.seconds)
        elif self._reading is not None:
            self._watch(self.seconds)
        else:
            self._due = None
        self._answer_next()

    # What the parser tells.

    def on_message_begin(self) -> None:
        """Begin a head."""
        self._head_size, self._url, self._headers, self._asks_to_go_on = 0, b"", [], False

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
        self._head_size = None
        parser, raw, query = self._parser, self._url, b""
        version = parser.get_http_version()
        if raw[:1] != b"/" or b"#" in raw:
            raw, query = _split(raw)
        elif b"?" in raw:
            raw, _, query = raw.partition(b"?")
        path = raw.decode(errors="replace")
        scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": version,
            "method": parser.get_method().decode("ascii"),
            "scheme": "http",
            "path": unquote(path) if "%" in path else path,
            "raw_path": raw,
            "query_string": query,
            "root_path": "",
            "headers": self._headers,
            "client": self._client,
            "server": self._server,
        }
        stays = version == "1.1" and parser.should_keep_alive()
        turn = Turn(self, scope, keep_alive=stays, asked_to_go_on=self._asks_to_go_on)
        self._reading = turn
        self._queue.append(turn)

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        if self._reading is not None:
            self._reading.take(body)

    def on_message_complete(self) -> None:
        """Take the end of the request."""
        if self._reading is not None:
            self._reading.whole = True
            self._reading.wake()
            self._reading = None

    # What the request being answered asks for.

    @property
    def is_full(self) -> bool:
        """Whether as much is waiting to be sent as should be."""
        return self._room is not None

    async def drained(self) -> None:
        """Wait until there is room for more, or the caller has left."""
        if self._room is not None:
            await asyncio.shield(self._room)

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
            self._queue.clear()
            self.transport.close()
            return
        self.read_on()
        self._watch(self.seconds if self._reading is not None else self._idle_seconds)
        self._answer_next()

    # What the transport tells.

    def pause_writing(self) -> None:
        """Take nothing more to be sent."""
        self._room = self.loop.create_future()

    def resume_writing(self) -> None:
        """Take more to be sent."""
        room, self._room = self._room, None
        if room is not None:
            room.set_result(None)

    def _answer_next(self) -> None:
        if self._turn is not None:
            if self._queue:
                self.pause_reading()
        elif self._queue and not self.transport.is_closing():
            turn = self._turn = self._queue.popleft()
            turn.begin(self._app, at_once=self._at_once)

    def _refuse(self, message: str) -> None:
        """End the connection: what came before is answered, then that what came is no request."""
        broken, self._reading, self._head_size = self._reading, None, None
        if broken is not None and broken is not self._turn:
            self._queue.remove(broken)
        last = self._queue[-1] if self._queue else self._turn
        if last is not None and last is not broken:
            last.keep_alive = False
            self.pause_reading()
            self._answer_next()
            return
        text = message.encode()
        lines = b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n" % len(text)
        self.transport.write(
            b"HTTP/1.1 400 Bad Request\r\n%b%bconnection: close\r\n\r\n%b"
            % (self.default_head, lines, text)
        )
        self.transport.close()

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
        elif self._head_size is not None:
            self._refuse("The head of the request did not come in time.")
        elif self._turn is None:
            self.transport.close()
        elif self._turn.waits_for_body:
            self._turn.give_up(self.seconds)
        else:
            self._watch(self.seconds)


def _split(url: bytes) -> tuple[bytes, bytes]:
    """Return path and query of an address that is more than both."""
    try:
        parsed = httptools.parse_url(url)
    except httptools.HttpParserInvalidURLError:
        return url, b""
    return parsed.path or b"/", parsed.query or b""


def _address(name: Any) -> tuple[str, int] | None:
    """Return host and port of an end of a connection, None where it has none."""
    return (str(name[0]), int(name[1])) if isinstance(name, tuple) else None
