"""Servers as child processes, and what they cost (Linux: read from /proc)."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
KEY = "Authorization: Bearer bench"


@dataclass
class Server:
    """A running server: a process and, where it starts others, those."""

    process: subprocess.Popen[bytes]
    port: int
    #: Seconds from starting the process to its first 200, and the body of that.
    first_reply: float
    first_body: bytes = b""

    @property
    def cpu(self) -> float:
        """Seconds of processor time used so far."""
        stats = (Path(f"/proc/{pid}/stat").read_text() for pid in _family(self.process.pid))
        fields = [stat.rpartition(")")[2].split() for stat in stats]
        return sum(int(found[11]) + int(found[12]) for found in fields) / _TICK

    @property
    def rss(self) -> float:
        """Resident memory in MB."""
        statuses = (Path(f"/proc/{pid}/status").read_text() for pid in _family(self.process.pid))
        lines = [line for text in statuses for line in text.splitlines()]
        return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def _family(pid: int) -> list[int]:
    """Return the process and all that descend from it."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(child) for task in tasks for child in task.read_text().split()]
    return [pid, *(found for child in children for found in _family(child))]


@contextlib.contextmanager
def started(*arguments: str, path: str) -> Iterator[Server]:
    """Start ``python ARGUMENTS --port N`` and wait for a 200 from GET ``path``."""
    command = [sys.executable, *arguments, "--port", "{port}"]
    with running(command, request_bytes("GET", path)) as server:
        yield server


@contextlib.contextmanager
def running(
    command: Sequence[str], until: bytes, *, patience: float = 20, cwd: Path | None = None
) -> Iterator[Server]:
    """Start a command, a free port in the place of ``{port}``, and wait for a 200 to the request ``until``.

    Raises RuntimeError, with the last that was heard of it, when there is none for ``patience`` seconds.
    """
    port = free_port()
    begun = time.perf_counter()
    process = subprocess.Popen(
        [word.replace("{port}", str(port)) for word in command],
        cwd=cwd, env={**os.environ, "DO_NOT_TRACK": "1"},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        heard = "no answer"
        while True:
            try:
                status, body = fetch(port, until)
                if status == 200:
                    break
                what = until.partition(b" HTTP")[0].decode()
                heard = f"{what}: {status} {body[:80].decode(errors='replace')}"
            except (OSError, IndexError, ValueError):
                pass  # Not yet listening.
            if process.poll() is not None:
                message = f"ended with {process.returncode}"
                raise RuntimeError(message)
            if time.perf_counter() - begun > patience:
                message = f"{heard} for {patience:g} s"
                raise RuntimeError(message)
            time.sleep(0.005)
        yield Server(process, port, time.perf_counter() - begun, body)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def request_bytes(method: str, path: str, body: bytes = b"") -> bytes:
    """Return one HTTP request of the benchmark."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{KEY}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def fetch(port: int, request: bytes) -> tuple[int, bytes]:
    """Send one request; return status and body."""
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.sendall(request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
        data = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = data.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" in head.lower():
        body = b"".join(_chunks(body))
    return int(head.split(b" ", 2)[1]), body


def is_whole(head: bytes, body: bytes) -> bool:
    """Say whether a reply has come whole; ``head`` in small letters. One without a length ends with its head."""
    length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
    if length:
        return len(body) >= int(length)
    return b"transfer-encoding: chunked" not in head or body.endswith(b"0\r\n\r\n")


def _chunks(body: bytes) -> Iterator[bytes]:
    while body:
        length, _, rest = body.partition(b"\r\n")
        size = int(length, 16)
        yield rest[:size]
        body = rest[size + 2 :]


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
