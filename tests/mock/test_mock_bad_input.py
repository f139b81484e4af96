"""Input that nobody means well with: refused in clear words, in bounded memory, and the mock goes on serving."""

import gzip
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from vidspec.contract import Contract
from vidspec.mock import MockGateway, running
from vidspec.mock.connection import Connection
from vidspec.mock.index import weight

POST = b"POST /v1/videos HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\r\n"
KEY = {"authorization": "Bearer a"}
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def gateway(contract: Contract) -> Iterator[MockGateway]:
    """Give a mock that all these are sent to; it must serve to the end."""
    with running("openai", contract=contract, job_seconds=0) as one:
        yield one
        assert httpx2.get(f"{one.base_url}/videos", headers=KEY).status_code == 200


def exchange(url: str, *chunks: bytes, seconds: float = 20) -> tuple[int, str]:
    """Send bytes as they are; return status and the rest of the reply, 0 for a connection closed without one."""
    port = int(url.rpartition(":")[2])
    came = b""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        try:
            for chunk in chunks:
                connection.sendall(chunk)
        except (BrokenPipeError, ConnectionResetError):
            pass  # It has heard enough.
        while b"\r\n\r\n" not in came or not _whole(came):
            try:
                more = connection.recv(65536)
            except ConnectionResetError:
                break
            if not more:
                break
            came += more
    return (int(came.split()[1]) if came else 0), came.partition(b"\r\n\r\n")[2].decode("latin-1")


def _whole(came: bytes) -> bool:
    head, _, body = came.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return not lengths or len(body) >= int(lengths[0].split(b":")[1])


def posted(kind: bytes, body: bytes, extra: bytes = b"") -> bytes:
    """Return a creation with that body."""
    length = b"Content-Length: %d\r\n" % len(body)
    return POST + b"Content-Type: " + kind + b"\r\n" + extra + length + b"\r\n" + body


def part(name: str, value: bytes, headers: bytes = b"") -> bytes:
    """Return one part of a form with the boundary ``b``."""
    disposition = f'Content-Disposition: form-data; name="{name}"'.encode()
    return b"--b\r\n" + headers + disposition + b"\r\n\r\n" + value + b"\r\n"


FORM = b"multipart/form-data; boundary=b"
JSON = b"application/json"
MANY = b"".join(part(f"f{n}", b"1") for n in range(10_000)) + b"--b--\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"

BAD = {
    "10 GB of JSON": (413, POST + b"Content-Type: " + JSON + b"\r\nContent-Length: 10000000000\r\n\r\n"),
    "10 GB of form": (413, POST + b"Content-Type: " + FORM + b"\r\nContent-Length: 10000000000\r\n\r\n"),
    "10,000 fields": (413, posted(FORM, MANY)),
    "10,000 pairs": (
        413,
        posted(b"application/x-www-form-urlencoded", b"&".join(b"f%d=1" % n for n in range(10_000))),
    ),
    "10,000 parameters": (413, b"GET /v1/videos?" + b"a=1&" * 10_000 + b" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\r\n\r\n"),
    "head of a part": (400, posted(FORM, part("prompt", b"x", b"X-A: " + b"a" * 5_000_000 + b"\r\n") + b"--b--\r\n")),
    "zipped body": (400, posted(JSON, gzip.compress(b"a" * 10_000_000), b"Content-Encoding: gzip\r\n")),
    "zipped part": (400, posted(FORM, part("seconds", gzip.compress(b"4" * 1000), b"Content-Encoding: gzip\r\n") + b"--b--\r\n")),
    "form in a form": (413, posted(FORM, part("prompt", part("prompt", b"x")) * 300 + b"--b--\r\n")),
    "no boundary": (400, posted(b"multipart/form-data", b"x")),
    "long boundary": (400, posted(b"multipart/form-data; boundary=" + b"b" * 5000, b"x")),
    "form cut off": (400, posted(FORM, part("prompt", b"x"))),
    "form not UTF-8": (400, posted(FORM, part("prompt", b"\xff\xfe") + b"--b--\r\n")),
    "JSON not UTF-8": (400, posted(JSON, b'{"prompt": "\xff\xfe"}')),
    "half a surrogate": (400, posted(JSON, b'{"prompt": "\\ud800"}')),
    "deep JSON": (400, posted(JSON, b'{"prompt":' + b"[" * 4_000 + b"]" * 4_000 + b"}")),
    "JSON without end": (413, posted(JSON, b'{"prompt":' + b"[" * 200_000 + b"]" * 200_000 + b"}")),
    "huge number": (400, posted(JSON, b'{"prompt": "x", "seconds": ' + b"9" * 100_000 + b"}")),
    "negative length": (400, POST + b"Content-Length: -5\r\n\r\n"),
    "two lengths": (400, POST + b"Content-Length: 5\r\n" + CHUNKED + b"0\r\n\r\n"),
    "no HTTP": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 10 + b"\r\n\r\n"),
    "giant header": (400, b"GET /v1/videos HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 20_000_000),
    "100,000 headers": (400, b"GET /v1/videos HTTP/1.1\r\nHost: x\r\n" + b"X-A: b\r\n" * 100_000),
    "giant path": (400, b"GET /v1/videos/" + b"a" * 5_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
    "key of other bytes": (200, b"GET /v1/videos HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n\r\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_request_is_refused(gateway: MockGateway, name: str) -> None:
    """A status that says whose fault it is, and words in the dialect's envelope as soon as there is a request at all."""
    status, sent = BAD[name]

    found, body = exchange(gateway.url, sent)

    assert found == status
    if body.startswith("{") and status != 200:
        assert json.loads(body)["error"]["message"]


@pytest.mark.parametrize(
    "path",
    [
        b"/v1/videos/../../../etc/passwd",
        b"/v1/videos/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        b"/v1/videos/video_1/../../..//etc/passwd",
        b"//v1//videos",
        b"/v1/videos/%00",
        b"/v1/videos/%ff%fe",
        b"/v1/videos/%c0%ae%c0%ae%c0%af",
        b"/v1/videos;a=b",
        b"/V1/VIDEOS",
        b"*",
        b"/_media/../../etc/passwd",
        b"/_media/%2e%2e%2f%2e%2e/x",
        b"/v1/videos/" + b"%2F" * 2000,
        b"/v1/videos/\xff\xfe",
    ],
    ids=lambda path: path[:30].decode("latin-1"),
)
def test_path_tricks_lead_nowhere(gateway: MockGateway, path: bytes) -> None:
    """Whatever is written into a path, it names no job and no file."""
    sent = b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\r\n\r\n"

    status, body = exchange(gateway.url, sent)

    assert status in {400, 404}
    assert "root:" not in body


def answer(connection: socket.socket) -> bytes:
    """Return head and body of a JSON answer, which may come apart; nothing if the peer hangs up."""
    heard = b""
    while not heard.endswith(b"}") and (more := connection.recv(65536)):
        heard += more
    return heard


def test_slow_requests_are_given_up(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    """Heads and bodies that do not go on are refused after a while; others are served meanwhile."""
    monkeypatch.setattr(Connection, "seconds", 0.5)
    begun = posted(FORM, part("prompt", b"x" * 1000))[:-900]
    with running("openai", contract=contract, job_seconds=0) as gateway:
        port = int(gateway.url.rpartition(":")[2])
        slow = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(60)]
        for number, connection in enumerate(slow):
            connection.sendall((b"", POST, begun)[number % 3])
        assert httpx2.get(f"{gateway.base_url}/videos", headers=KEY).status_code == 200
        replies = [answer(connection) for connection in slow]
        for connection in slow:
            connection.close()
        until = time.monotonic() + 1
        with httpx2.Client(headers=KEY) as http:  # A connection in use is not given up.
            while time.monotonic() < until:
                assert http.get(f"{gateway.base_url}/videos").status_code == 200

    assert set(replies[::3]) == {b""}
    assert {(r.split()[1], b"did not come in time" in r) for r in replies[1::3]} == {(b"400", True)}
    assert {(r.split()[1], b"did not go on" in r) for r in replies[2::3]} == {(b"400", True)}


def test_slow_body_that_goes_on_is_taken(
    contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is silence that is not waited for; whoever sends slowly is served."""
    monkeypatch.setattr(Connection, "seconds", 0.6)
    head, end, body = posted(JSON, b'{"prompt": "a fox", "model": "sora-2"}').partition(b"\r\n\r\n")
    with running("openai", contract=contract, job_seconds=0) as gateway:
        port = int(gateway.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(head + end)
            for start in range(0, len(body), 5):
                time.sleep(0.15)
                connection.sendall(body[start : start + 5])
            assert connection.recv(65536).split()[1] == b"200"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_memory_is_bounded() -> None:
    """Endless bodies and heads cost no more than the limits say, and it is given back."""
    command = [sys.executable, "-m", "vidspec", "mock", "openai", "--port", "0"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().split(": ")[1].strip().removesuffix("/v1")
            before = memory(process.pid, "VmRSS")
            chunk = b"100000\r\n" + b"a" * MIB + b"\r\n"
            head = POST + b"Content-Type: " + JSON + b"\r\n" + CHUNKED
            assert exchange(url, head, *[chunk] * 100)[0] == 413
            assert memory(process.pid, "VmHWM") < before + 2 * 64
            opening = part("input_reference", b"", b"Content-Type: video/mp4\r\n").removesuffix(
                b"\r\n"
            )
            head = POST + b"Content-Type: " + FORM + b"\r\n" + CHUNKED
            first = b"%x\r\n" % len(opening) + opening + b"\r\n"
            assert exchange(url, head, first, *[chunk] * 300)[0] == 413
            assert memory(process.pid, "VmHWM") < before + 2 * 256
            exchange(url, b"GET / HTTP/1.1\r\nX-A: ", *[b"a" * MIB] * 100)
            assert memory(process.pid, "VmRSS") < before + 64
        finally:
            process.kill()


def memory(pid: int, name: str) -> int:
    """Return a figure of a process' memory in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith(name))


def test_whatever_a_job_holds_is_weighed() -> None:
    """Large objects count like large texts: what the store may hold is bounded by all of it."""
    assert weight({"prompt": "x" * MIB}) > MIB
    assert weight({"metadata": {"a": [{"b": "x" * MIB}]}}) > MIB
    assert weight({"metadata": {str(n): n for n in range(10_000)}}) > 10_000


@pytest.mark.parametrize(
    ("dialect", "path", "body", "named"),
    [
        ("kling", "/v1/videos/text2video", {"prompt": "x", "duration": 10}, "duration: 10 "),
        (
            "kling", "/v1/videos/text2video",
            {"prompt": "x", "camera_control": {"type": "simple", "config": {"pan": 50}}},
            "camera_control.config.pan: 50 ",
        ),
        ("jimeng", "/?Action=CVSync2AsyncSubmitTask&Version=2022-08-31",
         {"req_key": "jimeng_t2v_v30", "frames": 120}, "frames: 120 "),
        ("openrouter", "/api/v1/videos", {"prompt": "x"}, '"model" is '),
        # OpenAI has a place for the field's name.
        ("openai", "/v1/videos", {"prompt": "x", "seconds": 4}, "4 is "),
    ],
)  # fmt: skip
def test_a_refusal_names_the_field(
    dialect: str, path: str, body: dict[str, object], named: str
) -> None:
    with running(dialect, job_seconds=0) as one:
        reply = httpx2.post(one.url + path, headers=KEY, json=body)

    said = reply.json().get("error", reply.json())
    assert reply.status_code == 400
    assert said["message"].startswith(named)
    assert said.get("param", "seconds") == "seconds"
