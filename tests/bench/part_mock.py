"""The mock and other mocks beside bare Starlette: rate, latency, processor time per request, memory, start."""

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.figures import Figure
from bench.load import Load, load, script_folder
from bench.mocks import PEERS, started_peer, write_inputs
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
    """Return the figures of the mock, and of other mocks, against bare Starlette."""
    bare = str(script_folder() / "bare.py")
    figures: list[Figure] = []
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        write_inputs(folder)
        starlette = stack.enter_context(started(bare, path=f"{PATH}/x"))
        mock = stack.enter_context(started(*MOCK, path=PATH))
        runs = {"Starlette": _Run(starlette, PATH), "": _Run(mock, PATH)}
        for peer in PEERS:
            server = stack.enter_context(started_peer(peer, folder, BODY))
            if isinstance(server, str):
                figures.append(Figure("mock", f"{peer.name}: not measured, {server}", None, ""))
            else:
                runs[peer.name] = _Run(server, peer.path)
                start = Figure("mock", f"first 200 of {peer.name}", server.first_reply, "s")
                figures.append(start)
        compared = [
            figure for method in ("GET", "POST") for figure in _compared(method, runs, seconds)
        ]
        figures = compared + figures
        for name, run in runs.items():
            what = f"RSS of {name} after the run" if name else "RSS after the run, every job kept"
            figures.append(Figure("mock", what, run.server.rss, "MB"))
    firsts = []
    for arguments, path in (((bare,), f"{PATH}/x"), (MOCK, PATH)):
        times = []
        for _ in range(3):
            with started(*arguments, path=path) as server:
                times.append((server.first_reply, server.cpu))
        firsts.append([min(column) for column in zip(*times, strict=True)])
    (peer_first, peer_cpu), (first, cpu) = firsts
    figures += [
        Figure("mock", "first 200, own process", first, "s", None, "", "<= 0.8"),
        Figure("mock", "CPU until then", cpu, "s", cpu / peer_cpu, "Starlette"),
        Figure("mock", "first 200 of Starlette", peer_first, "s"),
    ]
    within = subprocess.run(
        [sys.executable, "-c", _IN_PROCESS], capture_output=True, check=True, text=True
    )
    figures.append(
        Figure("mock", "first 200, in process", float(within.stdout) * 1e3, "ms", None, "", "<= 20")
    )
    return figures


@dataclass
class _Run:
    """A server in the comparison, and where it has the videos."""

    server: Server
    path: str

    def __post_init__(self) -> None:
        """Make the video that is asked for again and again."""
        made = fetch(self.server.port, request_bytes("POST", self.path, BODY))[1]
        self.one = f"{self.path}/{json.loads(made)['id']}"


def _compared(method: str, runs: Mapping[str, _Run], seconds: float) -> list[Figure]:
    """Ask all of them in turns. The empty name is the mock's own."""
    body = BODY if method == "POST" else b""
    rounds: dict[str, list[Round]] = {name: [] for name in runs}
    for _ in range(5):
        for name, run in runs.items():
            path = run.path if method == "POST" else run.one
            load(run.server.port, method, path, 1, body)
            before = run.server.cpu
            seen = load(run.server.port, method, path, seconds / 2, body)
            rounds[name].append(Round(seen, (run.server.cpu - before) / max(1, seen.requests)))
    bare = rounds.pop("Starlette")
    figures = [f for name, own in rounds.items() for f in beside(method, name, own, bare)]
    mock = rounds.pop("")
    return figures + [ahead(method, mock, name, peer) for name, peer in rounds.items()]


@dataclass
class Round:
    """What one load run saw, and the seconds of processor time that each request took."""

    load: Load
    cpu: float


def ahead(method: str, mock: Sequence[Round], name: str, peer: Sequence[Round]) -> Figure:
    """Return what a request costs the mock, beside what it costs the peer ``name``."""
    ratio = median(own.cpu / other.cpu for own, other in zip(mock, peer, strict=True))
    least = min(own.cpu for own in mock) * 1e6
    return Figure("mock", f"{method} CPU per request", least, "us", ratio, name, "<= 1")


#: What is compared, in which unit, and how it is had of a round; the goal is the mock's own.
_COMPARED: tuple[tuple[str, str, Callable[[Round], float], str], ...] = (
    ("rate", "1/s", lambda r: r.load.rate, ">= 0.6"),
    ("CPU per request", "us", lambda r: r.cpu * 1e6, "<= 1.5"),
    ("p50", "ms", lambda r: r.load.p50, ""),
    ("p99", "ms", lambda r: r.load.p99, ""),
)


def beside(method: str, name: str, own: Sequence[Round], bare: Sequence[Round]) -> Iterator[Figure]:
    """Yield the quietest value of each figure, and the median of its ratios within the rounds: what else the
    machine does changes from round to round, and meets both."""
    what = f"{name} {method}".lstrip()
    for figure, unit, of, goal in _COMPARED:
        values = [of(one) for one in own]
        best = max(values) if unit == "1/s" else min(values)
        ratio = median(value / of(other) for value, other in zip(values, bare, strict=True))
        against = "Starlette"
        yield Figure("mock", f"{what} {figure}", best, unit, ratio, against, "" if name else goal)
    errors = sum(one.load.errors for one in own)
    yield Figure("mock", f"{what} errors", errors, "", None, "", "" if name else "<= 0")
