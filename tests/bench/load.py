"""Load on a server: ``wrk`` where it is installed, else sixteen connections of our own."""

import asyncio
import json
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.servers import KEY, is_whole, request_bytes

CONNECTIONS = 16
_LUA = """
wrk.method = "%s"
wrk.body = %s
wrk.headers["%s"] = "%s"
wrk.headers["Content-Type"] = "application/json"
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('\\n@{"requests":%%d,"seconds":%%f,"errors":%%d,"p50":%%f,"p99":%%f}\\n',
    summary.requests, summary.duration / 1e6, e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
"""


@dataclass
class Load:
    """What a load run saw; latencies in milliseconds."""

    requests: int
    seconds: float
    errors: int
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


def load(port: int, method: str, path: str, seconds: float, body: bytes = b"") -> Load:
    """Ask as fast as the server answers for ``seconds``."""
    if shutil.which("wrk") is None:
        return asyncio.run(_own(port, request_bytes(method, path, body), seconds))
    name, _, value = KEY.partition(": ")
    said = json.dumps(body.decode()) if body else "nil"
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_LUA % (method, said, name, value))
        script.flush()
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s"]
        command += ["-s", script.name, f"http://127.0.0.1:{port}{path}"]
        text = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return Load(**json.loads(text.rpartition("@")[2]))


class _Asker(asyncio.Protocol):
    def __init__(self, request: bytes, until: float) -> None:
        self.request, self.until = request, until
        self.times: list[float] = []
        self.errors = 0
        self.ended = asyncio.get_running_loop().create_future()
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found or not is_whole(head.lower(), body):
            return
        self.buffer = b""
        self.times.append(time.perf_counter() - self.asked)
        self.errors += not head.startswith(b"HTTP/1.1 2")
        if time.perf_counter() < self.until:
            self._ask()
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.errors += bool(self.buffer or exc)
        if not self.ended.done():
            self.ended.set_result(None)

    def _ask(self) -> None:
        self.asked = time.perf_counter()
        self.transport.write(self.request)


async def _own(port: int, request: bytes, seconds: float) -> Load:
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    askers = [_Asker(request, begun + seconds) for _ in range(CONNECTIONS)]
    for asker in askers:
        await loop.create_connection(lambda asker=asker: asker, "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*(asker.ended for asker in askers))
    times = sorted(1000 * t for asker in askers for t in asker.times) or [0.0]
    errors = sum(asker.errors for asker in askers)
    spent = time.perf_counter() - begun
    return Load(len(times), spent, errors, times[len(times) // 2], times[len(times) * 99 // 100])


def script_folder() -> Path:
    """Return where the programs lie that run as child processes."""
    return Path(__file__).parent
