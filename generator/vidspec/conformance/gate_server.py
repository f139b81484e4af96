"""Running the gate on loopback, in a thread of its own."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from vidspec.conformance.gate import Gate
from vidspec.errors import VidspecError

_START_SECONDS = 10.0


@contextmanager
def serving(gate: Gate) -> Iterator[str]:
    """Serve the gate while the block runs; give the base URL that stands for the gateway's own."""
    # With the protocol named, asyncio switches Nagle off; without it, each reply would wait 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        config = uvicorn.Config(
            gate,
            log_config=None,
            access_log=False,
            log_level="critical",
            lifespan="off",
            ws="none",
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=_run, args=(server, gate, listener), daemon=True)
        thread.start()
        try:
            _wait(server, thread)
            yield f"http://127.0.0.1:{port}/{gate.token}{gate.target.base_path}"
        finally:
            server.should_exit = True
            thread.join(_START_SECONDS)


def _run(server: uvicorn.Server, gate: Gate, listener: socket.socket) -> None:
    async def serve() -> None:
        await server.serve(sockets=[listener])
        await gate.aclose()

    asyncio.run(serve())


def _wait(server: uvicorn.Server, thread: threading.Thread) -> None:
    pause = threading.Event()
    for _ in range(int(_START_SECONDS / 0.005)):
        if server.started:
            return
        if not thread.is_alive():
            break
        pause.wait(0.005)
    message = "the gate did not start"
    raise VidspecError(message)
