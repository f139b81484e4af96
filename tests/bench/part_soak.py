"""Five hundred clients at once, and a hundred thousand jobs made and expired: nothing lost or doubled, memory bounded."""

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bench.figures import Figure
from bench.load import load
from bench.part_mock import BODY, PATH
from bench.servers import fetch, request_bytes, started

CLIENTS = 500
JOBS = 100_000
#: None may be dropped to make room, or it would count as lost.
_MOCK = ("-m", "vidspec", "mock", "openai", "--job-seconds", "0.5", "--max-jobs", "1000000")
#: Jobs are dropped a second after they were made.
_SHORT_LIVED = (*_MOCK, "--max-age", "1")
_MOST_SECONDS = 120.0


@dataclass
class _Seen:
    made: list[str] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    calls: int = 0
    #: Seconds; the longest time in which nobody was answered, and when somebody last was.
    silence: float = 0.0
    last: float = 0.0

    def answered(self, begun: float) -> None:
        """Take down a reply to what was asked at ``begun``."""
        now = time.perf_counter()
        self.calls += 1
        self.slowest = max(self.slowest, now - begun)
        self.silence = max(self.silence, now - (self.last or begun))
        self.last = now


def measure(seconds: float) -> list[Figure]:
    """Return what the crowd saw in 10 to 60 seconds (5 times ``seconds``), what the list says afterwards, and the churn."""
    length = min(60.0, max(10.0, 5 * seconds))
    with started(*_MOCK, path=PATH) as server:
        figures = crowd(server.port, CLIENTS, length)
        rss = server.rss
    return [*figures, Figure("soak", "RSS, every job kept", rss, "MB"), *_churn()]


def crowd(port: int, clients: int, seconds: float) -> list[Figure]:
    """Let so many clients work for so long, then hold the list against what they were told."""
    seen = asyncio.run(_crowd(port, clients, seconds))
    listed = _all_ids(port)
    lost = len(set(seen.made) - set(listed))
    doubled = len(listed) - len(set(listed)) + len(seen.made) - len(set(seen.made))
    said = ", ".join(f"{count} x {what}" for what, count in seen.errors.most_common(3))
    return [
        Figure("soak", f"calls of {clients} clients", seen.calls / seconds, "1/s"),
        Figure("soak", f"errors ({said})" if said else "errors", seen.errors.total(), "", None, "", "<= 0"),
        Figure("soak", "jobs acknowledged", len(seen.made), "", None, "", ">= 1"),
        Figure("soak", "jobs lost", lost, "", None, "", "<= 0"),
        Figure("soak", "jobs doubled", doubled, "", None, "", "<= 0"),
        Figure("soak", "longest time nobody was answered", seen.silence, "s", None, "", "<= 1"),
        Figure("soak", "slowest reply", seen.slowest, "s"),
    ]  # fmt: skip


def _churn() -> list[Figure]:
    """Return what it costs to make the jobs and to let all but the last expire; it ends after two minutes at most."""
    made = errors = 0
    until = time.perf_counter() + _MOST_SECONDS
    with started(*_SHORT_LIVED, path=PATH) as server:
        while made < JOBS and time.perf_counter() < until:
            seen = load(server.port, "POST", PATH, 2.0, BODY)
            made, errors = made + seen.requests, errors + seen.errors
        rss = server.rss
        time.sleep(1.1)
        fetch(
            server.port, request_bytes("POST", PATH, BODY)
        )  # What is too old goes when something comes.
        left = len(_all_ids(server.port))
    return [
        Figure("soak", "jobs made and expired", made, "", None, "", f">= {JOBS}"),
        Figure("soak", "errors in making them", errors, "", None, "", "<= 0"),
        Figure("soak", "jobs left of them", left, "", None, "", "<= 1"),
        Figure("soak", "RSS after them", rss, "MB", None, "", "<= 120"),
    ]


async def _crowd(port: int, clients: int, seconds: float) -> _Seen:
    seen, until = _Seen(), time.perf_counter() + seconds
    async with asyncio.timeout(seconds + 30):
        await asyncio.gather(*(_client(port, until, seen) for _ in range(clients)))
    return seen


async def _client(port: int, until: float, seen: _Seen) -> None:
    """Create, look three times, list, again and again, on one kept connection."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError as error:
        seen.errors[repr(error)] += 1
        return
    try:
        while time.perf_counter() < until:
            made = await _ask(reader, writer, seen, request_bytes("POST", PATH, BODY))
            if made is None:
                continue
            seen.made.append(made["id"])
            for _ in range(3):
                one = request_bytes("GET", f"{PATH}/{made['id']}")
                await _ask(reader, writer, seen, one)
            await _ask(reader, writer, seen, request_bytes("GET", f"{PATH}?limit=5"))
    except (OSError, asyncio.IncompleteReadError, KeyError) as error:
        seen.errors[repr(error)] += 1
    finally:
        writer.close()


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: _Seen, request: bytes
) -> Any:
    """Return the JSON of a success; None for anything else, which is written down."""
    begun = time.perf_counter()
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    body = await reader.readexactly(length)
    seen.answered(begun)
    if not head.startswith(b"http/1.1 2"):
        seen.errors[head[:12].decode()] += 1
        return None
    return json.loads(body)


def _all_ids(port: int) -> list[str]:
    ids: list[str] = []
    while True:
        after = f"&after={ids[-1]}" if ids else ""
        status, body = fetch(port, request_bytes("GET", f"{PATH}?limit=100{after}"))
        page = json.loads(body)
        assert status == 200, page
        ids += [job["id"] for job in page["data"]]
        if not page["has_more"]:
            return ids
