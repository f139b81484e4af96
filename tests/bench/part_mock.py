"""The mock beside bare Starlette: rate, latency, processor time per request, memory, start."""

import json
import subprocess
import sys

from bench.figures import Figure
from bench.load import Load, load, script_folder
from bench.servers import Server, fetch, request_bytes, started

BODY = json.dumps(
    {"model": "sora-2", "prompt": "A lantern keeper walks along a harbour", "seconds": "8"}
).encode()
PATH = "/v1/videos"
MOCK = ("-m", "vidspec", "mock", "openai", "--job-seconds", "3600")
_IN_PROCESS = """
import time
from vidspec.mock import running
import urllib.request
def once():
    begun = time.perf_counter()
    with running("openai") as gateway:
        ask = urllib.request.Request(gateway.base_url + "/videos", headers={"Authorization": "Bearer x"})
        assert urllib.request.urlopen(ask).status == 200
        return time.perf_counter() - begun
once()
print(min(once() for _ in range(5)))
"""


def measure(seconds: float) -> list[Figure]:
    """Return the figures of the mock against bare Starlette."""
    bare = str(script_folder() / "bare.py")
    with started(bare, path=f"{PATH}/x") as peer, started(*MOCK, path=PATH) as mock:
        identity = json.loads(fetch(mock.port, request_bytes("POST", PATH, BODY))[1])["id"]
        one = f"{PATH}/{identity}"
        figures = _pair("GET", mock, peer, one, seconds)
        figures += _pair("POST", mock, peer, PATH, seconds, BODY)
        figures.append(Figure("mock", "RSS after the run, every job kept", mock.rss, "MB"))
        figures.append(Figure("mock", "RSS of the peer", peer.rss, "MB"))
    firsts = []
    for arguments, path in (((bare,), f"{PATH}/x"), (MOCK, PATH)):
        times = []
        for _ in range(3):
            with started(*arguments, path=path) as server:
                times.append(server.first_reply)
        firsts.append(min(times))
    figures.append(Figure("mock", "first 200, own process", firsts[1], "s", None, "", "<= 0.8"))
    figures.append(Figure("mock", "first 200 of the peer", firsts[0], "s"))
    command = [sys.executable, "-c", _IN_PROCESS]
    text = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    figures.append(
        Figure("mock", "first 200, in process", 1000 * float(text), "ms", None, "", "<= 20")
    )
    return figures


def _pair(
    method: str, mock: Server, peer: Server, path: str, seconds: float, body: bytes = b""
) -> list[Figure]:
    ours, theirs = _Best(), _Best()
    for _ in range(4):  # The quietest round counts.
        for server, best in ((peer, theirs), (mock, ours)):
            load(server.port, method, path, 1, body)
            before = server.cpu
            seen = load(server.port, method, path, seconds / 2, body)
            best.take(seen, (server.cpu - before) / max(1, seen.requests))
    ratio = ours.rate / theirs.rate
    return [
        Figure("mock", f"{method} rate", ours.rate, "1/s", ratio, "Starlette", ">= 0.6"),
        Figure(
            "mock", f"{method} CPU per request", ours.cpu * 1e6, "us",
            ours.cpu / theirs.cpu, "Starlette", "<= 1.9",
        ),
        Figure("mock", f"{method} p50", ours.p50, "ms", ours.p50 / theirs.p50, "Starlette"),
        Figure("mock", f"{method} p99", ours.p99, "ms", ours.p99 / theirs.p99, "Starlette"),
        Figure("mock", f"{method} errors", ours.errors, "", None, "", "<= 0"),
    ]  # fmt: skip


class _Best:
    """The best of several runs, figure by figure; errors add up."""

    def __init__(self) -> None:
        self.rate, self.cpu, self.p50, self.p99, self.errors = 0.0, 1e9, 1e9, 1e9, 0

    def take(self, seen: Load, cpu: float) -> None:
        self.rate, self.cpu = max(self.rate, seen.rate), min(self.cpu, cpu)
        self.p50, self.p99 = min(self.p50, seen.p50), min(self.p99, seen.p99)
        self.errors += seen.errors
