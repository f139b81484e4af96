"""Servers as child processes, and what they cost (Linux: read from /proc)."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
KEY = "Authorization: Bearer bench"


@dataclass
class Server:
    """A running server process."""

    process: subprocess.Popen[bytes]
    port: int
    #: Seconds from starting the process to its first 200.
    first_reply: float

    @property
    def cpu(self) -> float:
        """Seconds of processor time used so far."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK

    @property
    def rss(self) -> float:
        """Resident memory in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024


@contextlib.contextmanager
def started(*arguments: str, path: str) -> Iterator[Server]:
    """Start ``python ARGUMENTS --port N`` and wait for a 200 from GET ``path``."""
    port = free_port()
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments, "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _answers(port, path):
            if process.poll() is not None or time.perf_counter() - begun > 20:
                message = f"{arguments} did not start"
                raise RuntimeError(message)
            time.sleep(0.005)
        yield Server(process, port, time.perf_counter() - begun)
    finally:
        process.terminate()
        process.wait(10)


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
    return int(head.split(b" ", 2)[1]), body


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _answers(port: int, path: str) -> bool:
    try:
        return fetch(port, request_bytes("GET", path))[0] == 200
    except (OSError, IndexError):
        return False
