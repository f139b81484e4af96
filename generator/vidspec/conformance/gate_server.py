"""Running a proxy of ours in a thread of its own."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, Protocol

import uvicorn

from vidspec.conformance.asgi import Receive, Scope, Send
from vidspec.conformance.gate import Gate
from vidspec.errors import UsageError, VidspecError

_START_SECONDS = 10.0


class Application(Protocol):
    """An ASGI application that holds connections of its own."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


@contextmanager
def serving(gate: Gate) -> Iterator[str]:
    """Serve the gate while the block runs; give the base URL that stands for the gateway's own."""
    with listening(gate, "127.0.0.1", 0) as port:
        yield f"http://127.0.0.1:{port}/{gate.token}{gate.target.base_path}"


@contextmanager
def listening(
    app: Application, host: str, port: int, *, http: Literal["auto", "h11"] = "auto"
) -> Iterator[int]:
    """Serve an application while the block runs; give its port (a free one for 0).

    Raises UsageError where the address cannot be had. ``h11`` leaves targets in absolute form as they came.
    """
    # With the protocol named, asyncio switches Nagle off; without it, each reply would wait 40 ms.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            message = f"cannot listen on {host}:{port}: {error.strerror or error}"
            hint = "Choose another with --port (0: any free one)."
            raise UsageError(message, hint=hint) from error
        config = uvicorn.Config(
            app,
            http=http,
            log_config=None,
            access_log=False,
            log_level="critical",
            lifespan="off",
            ws="none",
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=_run, args=(server, app, listener), daemon=True)
        thread.start()
        try:
            _wait(server, thread)
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(_START_SECONDS)


def _run(server: uvicorn.Server, app: Application, listener: socket.socket) -> None:
    async def serve() -> None:
        await server.serve(sockets=[listener])
        await app.aclose()

    asyncio.run(serve())


def _wait(server: uvicorn.Server, thread: threading.Thread) -> None:
    pause = threading.Event()
    for _ in range(int(_START_SECONDS / 0.005)):
        if server.started:
            return
        if not thread.is_alive():
            break
        pause.wait(0.005)
    message = "the proxy did not start"
    raise VidspecError(message)
