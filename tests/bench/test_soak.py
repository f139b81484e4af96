"""What the soak holds a server to, seen to fail one by one: a small server of our own commits each fault once."""

import asyncio
import json
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench.part_soak import crowd

_CLIENTS = 20
_SILENCE = "longest time nobody was answered"


class Gateway:
    """Makes and lists jobs; ``fault`` says what goes wrong, once."""

    def __init__(self, fault: str | None) -> None:
        self.fault = fault
        self.jobs: list[str] = []
        self.asked = 0

    def reply(self, method: str, path: str) -> tuple[int, object]:
        """Answer one request; the faults come at the fiftieth."""
        self.asked += 1
        due = self.fault if self.asked == 50 else None
        if due == "blocked":
            time.sleep(1.3)
        if due == "error":
            return 500, {"id": "none"}
        if method == "POST":
            self.jobs.append(f"job_{len(self.jobs)}")
            return 200, {"id": self.jobs[-1]}
        if path.startswith("/v1/videos/"):
            return 200, {"id": path.rpartition("/")[2]}
        listed = list(self.jobs)
        if "limit=100" in path:
            if self.fault == "lost":
                del listed[len(listed) // 2]
            if self.fault == "doubled":
                listed.insert(0, listed[-1])
        after = path.partition("after=")[2]
        begin = listed.index(after) + 1 if after else 0
        page = listed[begin : begin + 100]
        more = begin + 100 < len(listed)
        return 200, {"data": [{"id": name} for name in page], "has_more": more}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection until it ends."""
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                _, _, rest = head.lower().partition("content-length: ")
                await reader.readexactly(int(rest.partition("\r\n")[0] or 0))
                method, path, _ = head.split(" ", 2)
                status, value = self.reply(method, path)
                body = json.dumps(value).encode()
                said = f"HTTP/1.1 {status} Said\r\nContent-Length: {len(body)}\r\n\r\n"
                writer.write(said.encode() + body)
                await asyncio.sleep(0.002)
                if "connection: close" in head.lower():
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # The client has gone.
        finally:
            writer.close()


@contextmanager
def served(gateway: Gateway) -> Iterator[int]:
    """Serve from a thread, so that what blocks it does not block its clients; give the port."""
    ports: queue.Queue[int] = queue.Queue()
    loop, end = asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        async with await asyncio.start_server(gateway.serve, "127.0.0.1", 0) as server:
            ports.put(server.sockets[0].getsockname()[1])
            await end.wait()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield ports.get(timeout=10)
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(10)


@pytest.mark.parametrize(
    ("fault", "failing"),
    [
        (None, set()),
        ("error", {"errors (1 x http/1.1 500)"}),
        ("lost", {"jobs lost"}),
        ("doubled", {"jobs doubled"}),
        ("blocked", {_SILENCE}),
    ],
)
def test_each_fault_is_seen_by_its_own_check(fault: str | None, failing: set[str]) -> None:
    """And by no other, but that a busy machine is silent by itself."""
    with served(Gateway(fault)) as port:
        figures = crowd(port, _CLIENTS, 0.7)

    missed = {figure.what for figure in figures if figure.met is False}
    assert missed - ({_SILENCE} - failing) == failing
    assert next(f.value for f in figures if f.what == "jobs acknowledged")
