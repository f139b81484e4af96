"""A small ASGI application under a real uvicorn server, and callers that speak to it in bytes."""

import asyncio
import contextlib
import contextvars
import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import uvicorn
from starlette.types import Receive, Scope, Send

Header = tuple[bytes, bytes]
_SEEN: contextvars.ContextVar[str] = contextvars.ContextVar("_SEEN", default="nothing")
PIECE = b"x" * 65536
#: So many pieces are a large reply.
LARGE = 200
PURPOSE = "on purpose"


class Echo:
    """Answers by the first word of the path; ``told`` is what happened to it."""

    def __init__(self, *, at_once: bool = False) -> None:
        self.at_once = at_once
        self.told: list[Any] = []
        self.go_on = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        word = scope["path"].partition("/")[2].partition("/")[0] or "echo"
        act = getattr(self, f"_{word}", self._echo)
        await act(scope, receive, send)

    async def _echo(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = bytearray(), True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.told.append("gone")
                return
            body += message["body"]
            more = message["more_body"]
        seen = {
            name: scope[name].decode("latin-1") if isinstance(scope[name], bytes) else scope[name]
            for name in ("method", "path", "raw_path", "query_string", "http_version", "scheme")
        }
        seen["headers"] = [[n.decode("latin-1"), v.decode("latin-1")] for n, v in scope["headers"]]
        seen["body"] = [len(body), hashlib.sha256(body).hexdigest()]
        await reply(send, json.dumps(seen).encode())

    async def _slow(self, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.05)
        await self._echo(scope, receive, send)

    async def _now(self, scope: Scope, _receive: Receive, send: Send) -> None:
        await reply(send, scope["path"].encode())

    async def _close(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await reply(send, b"refused", 413, (b"connection", b"close"))

    async def _status(self, scope: Scope, _receive: Receive, send: Send) -> None:
        await start(send, int(scope["path"].split("/")[2]))
        await piece(send, b"")

    async def _stream(self, scope: Scope, _receive: Receive, send: Send) -> None:
        await start(send)
        for n in range(3):
            await piece(send, b"%d" % n, more=True)
            if scope["path"].endswith("slow"):
                await asyncio.sleep(0.01)
        await piece(send, b"!")

    async def _held(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Give a head with a length, and the body once it is told to."""
        await asyncio.sleep(0)  # From here on it is a task in any case.
        await start(send, 200, (b"content-length", b"2"))
        await asyncio.to_thread(self.go_on.wait, 10)
        await piece(send, b"ok")

    async def _large(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await start(send, 200, (b"content-length", b"%d" % (LARGE * len(PIECE))))
        try:
            for n in range(LARGE):
                await piece(send, PIECE, more=n < LARGE - 1)
                self.told.append(n)
        except OSError as error:
            self.told.append(type(error).__name__)
            raise

    async def _raise(self, _scope: Scope, _receive: Receive, _send: Send) -> None:
        raise ValueError(PURPOSE)

    async def _late(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await start(send)
        await piece(send, b"begun", more=True)
        raise ValueError(PURPOSE)

    async def _after(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await reply(send, b"whole")
        raise ValueError(PURPOSE)

    async def _nothing(self, _scope: Scope, _receive: Receive, _send: Send) -> None:
        return

    async def _half(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await start(send)
        await piece(send, b"begun", more=True)

    async def _length(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Say another length than the body has, which comes in two pieces."""
        await start(send, 200, (b"content-length", scope["path"].split("/")[2].encode()))
        await piece(send, b"ab", more=True)
        await piece(send, b"cd")

    async def _split(self, scope: Scope, _receive: Receive, send: Send) -> None:
        kind = scope["path"].split("/")[2]
        value = {"cr": b"a\rx: b", "lf": b"a\nx: b", "both": b"a\r\nx: b"}.get(kind, b"a")
        name = b"x\r\nx" if kind == "name" else b"x"
        await reply(send, b"split", 200, (name, value))

    async def _words(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Spell the framing as an application should not."""
        await start(send, 200, (b"Content-Length", b"2"), (b"X-Name", b"Value"))
        await piece(send, b"ok")

    async def _framed(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await start(send, 200, (b"transfer-encoding", b"chunked"))
        await piece(send, b"ok")

    async def _wait(self, _scope: Scope, receive: Receive, _send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.told.append("gone")

    async def _twice(self, _scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        first = asyncio.ensure_future(receive())
        await asyncio.sleep(0)
        try:
            await receive()
        except RuntimeError as error:
            await reply(send, str(error).encode())
        self.told.append((await first)["type"])

    async def _stuck(self, _scope: Scope, _receive: Receive, _send: Send) -> None:
        self.told.append("begun")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.told.append("cancelled")
            raise

    async def _lazy(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body once it is told to."""
        await asyncio.to_thread(self.go_on.wait, 10)
        await self._echo(scope, receive, send)

    async def _context(self, scope: Scope, receive: Receive, send: Send) -> None:
        before = _SEEN.get()
        _SEEN.set(scope["path"])
        if scope["path"].endswith("slow"):
            await asyncio.sleep(0.01)
        if scope["method"] == "POST":
            while (await receive())["more_body"]:
                pass
        await reply(send, before.encode())


async def start(send: Send, status: int = 200, *headers: Header) -> None:
    """Send the head of a reply."""
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})


async def piece(send: Send, body: bytes, *, more: bool = False) -> None:
    """Send a piece of a reply."""
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def reply(send: Send, body: bytes, status: int = 200, *headers: Header) -> None:
    """Send a whole reply."""
    await start(send, status, (b"content-length", b"%d" % len(body)), *headers)
    await piece(send, body)


@dataclass
class Running:
    """A server that is running."""

    app: Echo
    server: uvicorn.Server
    thread: threading.Thread
    port: int

    def call(self) -> "Caller":
        """Connect to it."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Caller(connection)

    def connection(self) -> Any:
        """Return the server's end of the only connection."""
        (found,) = self.server.server_state.connections
        return found


@contextlib.contextmanager
def served(app: Echo, protocol: Any, **settings: Any) -> Iterator[Running]:
    """Run the application under uvicorn with that protocol."""
    # With the protocol named, asyncio lets no packet wait for another.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, http=protocol, lifespan="off", ws="none", log_config=None, access_log=False,
        proxy_headers=False, timeout_graceful_shutdown=1,
    )  # fmt: skip
    for name, value in settings.items():
        setattr(config, name, value)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    until(lambda: server.started)
    try:
        yield Running(app, server, thread, listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def until(done: Callable[[], Any]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + 10
    while not done():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.002)


@dataclass
class Reply:
    """A reply: its head without what differs each time, its body, whether that is whole."""

    status: int
    headers: dict[str, str]
    body: bytes
    whole: bool = True


@dataclass
class Caller:
    """A connection."""

    socket: socket.socket
    _came: bytes = field(default=b"")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def say(self, *pieces: bytes) -> "Caller":
        """Send, as far as anybody listens."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for one in pieces:
                self.socket.sendall(one)
        return self

    def hear(self, method: str = "GET") -> Reply | None:
        """Return the next reply, None for the end of the connection."""
        while b"\r\n\r\n" not in self._came:
            if not self._more():
                assert not self._came, self._came
                return None
        head, _, self._came = self._came.partition(b"\r\n\r\n")
        line, *lines = head.decode("latin-1").split("\r\n")
        assert line.startswith("HTTP/1.1 "), line
        headers: dict[str, str] = {}
        for each in lines:
            name, _, value = each.partition(": ")
            assert name not in headers, f"{name} is said twice"
            headers[name] = value
        headers.pop("date", None)
        found = Reply(int(line.split()[1]), headers, b"")
        if method == "HEAD" or found.status in {204, 304} or found.status < 200:
            return found
        if "transfer-encoding" in headers:
            self._chunks(found)
        elif "content-length" in headers:
            found.whole = self._need(int(headers["content-length"]))
            found.body = self._taken(int(headers["content-length"]))
        else:
            while self._more():
                pass
            found.body = self._taken(len(self._came))
        return found

    def flood(self, data: bytes) -> int:
        """Send until nothing is taken any more; return how much was."""
        sent = 0
        self.socket.settimeout(0.3)
        try:
            while sent < len(data):
                sent += self.socket.send(data[sent : sent + 65536])
        except TimeoutError:
            self.socket.settimeout(10)
            return sent
        message = "all of it was taken"
        raise AssertionError(message)

    def is_open(self) -> bool:
        """Say whether another request is answered."""
        found = self.say(get("/now/open")).hear()
        return found is not None and found.body == b"/now/open"

    def rest(self) -> bytes:
        """Return what comes until the end of the connection."""
        while self._more():
            pass
        return self._taken(len(self._came))

    def _chunks(self, found: Reply) -> None:
        while True:
            while b"\r\n" not in self._came:
                if not self._more():
                    found.whole = False
                    return
            size, _, self._came = self._came.partition(b"\r\n")
            length = int(size, 16)
            if not self._need(length + 2):
                found.whole = False
                return
            found.body += self._taken(length)
            assert self._taken(2) == b"\r\n"
            if not length:
                return

    def _need(self, length: int) -> bool:
        while len(self._came) < length:
            if not self._more():
                return False
        return True

    def _taken(self, length: int) -> bytes:
        taken, self._came = self._came[:length], self._came[length:]
        return taken

    def _more(self) -> bool:
        try:
            more = self.socket.recv(1 << 20)
        except ConnectionResetError:
            more = b""
        self._came += more
        return bool(more)


def get(path: str, *lines: str, version: str = "1.1", method: str = "GET") -> bytes:
    """Return a request without a body."""
    text = "".join(f"{line}\r\n" for line in ("Host: a", *lines))
    return f"{method} {path} HTTP/{version}\r\n{text}\r\n".encode("latin-1")


def post(path: str, body: bytes, *lines: str, version: str = "1.1") -> bytes:
    """Return a request with a body."""
    length = f"Content-Length: {len(body)}"
    return get(path, *lines, length, version=version, method="POST") + body


def chunked(path: str, *pieces: bytes, lines: tuple[str, ...] = (), end: bytes = b"\r\n") -> bytes:
    """Return a request with a body in chunks; ``end`` are the trailers."""
    head = get(path, "Transfer-Encoding: chunked", *lines, method="POST")
    return head + b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in pieces) + b"0\r\n" + end


def body_of(found: Reply | None) -> bytes:
    """Return the body of a whole reply with status 200."""
    assert found is not None
    assert (found.status, found.whole) == (200, True)
    return found.body
