"""A real socket server that misbehaves as told: one script step per request it receives."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True)
class Seen:
    """A request as it came over the wire."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


#: What to do with one request: bytes to send back (then close), or a function that has the connection.
Reaction: TypeAlias = bytes | Callable[[socket.socket, Seen], None]


def reply(status: int, body: bytes = b"", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Status", f"content-length: {len(body)}", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def json_reply(status: int, body: str, **headers: str) -> bytes:
    return reply(status, body.encode(), content_type="application/json", **headers)


def reset(connection: socket.socket, _seen: Seen) -> None:
    """Close without an answer."""
    connection.shutdown(socket.SHUT_RDWR)


@dataclass
class Server:
    port: int
    script: list[Reaction]
    seen: list[Seen] = field(default_factory=list)
    default: Reaction | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def _read(connection: socket.socket) -> Seen | None:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return None
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines)}
    method, target, _ = first.split(" ")
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    return Seen(method, target, headers, body)


def _serve(listener: socket.socket, server: Server) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            seen = _read(connection)
            if seen is None:
                continue
            server.seen.append(seen)
            reaction = server.script.pop(0) if server.script else server.default
            try:
                if callable(reaction):
                    reaction(connection, seen)
                elif reaction is not None:
                    connection.sendall(reaction)
            except OSError:
                # The client left; it has its reasons.
                continue


@contextmanager
def serving(*script: Reaction, default: Reaction | None = None, port: int = 0) -> Iterator[Server]:
    """Serve the script, one request per connection, then the default for ever."""
    listener = socket.create_server(("127.0.0.1", port))
    server = Server(listener.getsockname()[1], list(script), default=default)
    thread = threading.Thread(target=_serve, args=(listener, server), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
