"""The passive judge in front of a real application, over real sockets."""

import asyncio
import gzip
import http.client
import json
import socket
import threading
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import openai
import pytest

from conformance.gateway import serving
from vidspec.conformance import Event, Passive, Proxy, Run, listening
from vidspec.contract import Contract
from vidspec.mock import running
from vidspec.mock.faults import faults_of

pytestmark = pytest.mark.filterwarnings("ignore:The Sora API:DeprecationWarning")

_KEY = "sk-app-0123456789abcdef"
_JOB = {
    "id": "video_1", "object": "video", "model": "sora-2", "status": "queued", "progress": 0,
    "created_at": 1_760_000_000, "completed_at": None, "expires_at": None, "prompt": "an otter",
    "size": "720x1280", "seconds": "4", "remixed_from_video_id": None, "error": None,
}  # fmt: skip


class _Judged:
    """A proxy under test: where it listens, and what it said."""

    def __init__(self, judge: Passive, events: list[Event], port: int) -> None:
        self.judge, self.events, self.port = judge, events, port
        self.connections: list[http.client.HTTPConnection] = []

    @property
    def run(self) -> Run:
        return Run.of(self.events)

    def ask(self, method: str, path: str, **given: Any) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        self.connections.append(connection)
        connection.request(method, path, **given)
        return connection.getresponse()


@contextmanager
def _proxied(contract: Contract, upstream: str) -> Iterator[_Judged]:
    events: list[Event] = []
    judge = Passive(contract, contract.dialects["openai"], upstream, "proxy", events.append)
    with listening(Proxy(upstream, judge, 20.0), "127.0.0.1", 0, http="h11") as port:
        proxied = _Judged(judge, events, port)
        yield proxied
        for connection in proxied.connections:
            connection.close()
    judge.finish()


def _use(port: int) -> str:
    """Make, follow and fetch a video as an application does; return its text."""
    client = openai.OpenAI(
        base_url=f"http://127.0.0.1:{port}/v1", api_key=_KEY, max_retries=0, timeout=20
    )
    made = video = client.videos.create(prompt="an otter", model="sora-2", seconds="4")
    while video.status not in {"completed", "failed"}:
        video = client.videos.retrieve(made.id)
    return repr(client.videos.download_content(made.id).read()[4:8])


def test_an_application_is_served_as_by_the_gateway_and_judged(contract: Contract) -> None:
    with (
        running("openai", contract=contract, job_seconds=0.3) as mock,
        _proxied(contract, mock.base_url) as proxied,
    ):
        assert _use(proxied.port) == "b'ftyp'"

    run = proxied.run
    assert run.exit_code == 0
    assert run.footer.state == "complete"
    assert {"retrieve-status-forward", "schema-types", "retrieve-id-stable"} <= set(
        run.having("pass")
    )
    # What takes requests of one's own was not seen, and so is not called passed.
    assert "create-required-refused" in run.having("disabled")
    assert _KEY not in run.lines()


@pytest.mark.parametrize(
    "requirement",
    [
        "schema-required",
        "retrieve-progress-complete",
        "transport-request-id",
        "retrieve-id-stable",
        "retrieve-echo-seconds",
        "content-type",
    ],
)
def test_what_the_gateway_breaks_is_said_and_nothing_else(
    contract: Contract, requirement: str
) -> None:
    faults = faults_of(contract.requirements, [requirement])
    with (
        running("openai", contract=contract, job_seconds=0.3, faults=faults) as mock,
        _proxied(contract, mock.base_url) as proxied,
    ):
        _use(proxied.port)

    assert set(proxied.run.having("fail", "warn")) == {requirement}


def test_no_traffic_is_no_conformance(contract: Contract) -> None:
    with _proxied(contract, "http://127.0.0.1:9/v1") as proxied:
        pass

    assert proxied.run.having("pass") == ()
    assert proxied.run.exit_code == 4


def test_a_dead_gateway_is_502_and_the_report_goes_on(contract: Contract) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with _proxied(contract, f"http://127.0.0.1:{unused.getsockname()[1]}/v1") as proxied:
            reply = proxied.ask("GET", "/v1/videos")
            assert reply.status == 502
            assert reply.headers["x-vidspec-gate"].startswith("ConnectError")
            assert proxied.ask("GET", "/v1/videos").status == 502

    assert len(proxied.run.exchanges) == 2
    assert proxied.run.footer.state == "complete"


async def _echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer with what was received: a gateway for looking at what travels."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    told = {
        "method": scope["method"],
        "target": scope["raw_path"].decode() + "?" + scope["query_string"].decode(),
        "headers": [[n.decode(), v.decode()] for n, v in scope["headers"]],
        "body": body.decode(),
    }
    raw = gzip.compress(json.dumps(told).encode())
    headers = [
        (b"content-type", b"application/json"),
        (b"content-encoding", b"gzip"),
        (b"content-length", str(len(raw)).encode()),
        (b"set-cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": raw})


def test_requests_and_replies_travel_as_they_are(contract: Contract) -> None:
    with serving(_echo) as origin, _proxied(contract, f"{origin}/v1") as proxied:
        target = "/v1/x/../%7Ea?b=%20&sig=abcdef"
        sent = {"Authorization": f"Bearer {_KEY}", "X-App": "1", "Connection": "close, x-hop"}
        reply = proxied.ask("PUT", target, body=b"\x31" * 70_000, headers={**sent, "x-hop": "1"})
        told = json.loads(gzip.decompress(reply.read()))

    assert told["target"] == target
    assert told["body"] == "1" * 70_000
    headers = dict(told["headers"])
    assert headers["authorization"] == f"Bearer {_KEY}"
    assert headers["x-app"] == "1"
    assert headers["host"] == origin.removeprefix("http://")
    assert "x-hop" not in headers
    assert reply.headers.get_all("set-cookie") == ["a=1", "b=2"]
    assert reply.headers["content-encoding"] == "gzip"
    assert proxied.judge.ignored == 1


@pytest.mark.parametrize(
    ("request_line", "host", "status"),
    [
        ("GET http://example.org/v1/videos HTTP/1.1", "127.0.0.1", 400),
        ("CONNECT example.org:443 HTTP/1.1", "127.0.0.1", 400),
        ("GET /v1/videos HTTP/1.1", "rebound.example.org", 421),
        ("GET /v1/videos HTTP/1.1", "127.0.0.1.example.org:80", 421),
    ],
)
def test_it_is_no_open_proxy(contract: Contract, request_line: str, host: str, status: int) -> None:
    with (
        serving(_echo) as origin,
        _proxied(contract, f"{origin}/v1") as proxied,
        socket.create_connection(("127.0.0.1", proxied.port), timeout=20) as line,
        line.makefile("rb") as answer,
    ):
        line.sendall(f"{request_line}\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        assert int(answer.readline().split()[1]) == status

    assert proxied.run.exchanges == {}


def test_the_first_byte_arrives_before_the_last_is_sent(contract: Contract) -> None:
    seen = threading.Event()

    async def slow(scope: Any, _receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"video/mp4")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await asyncio.to_thread(seen.wait, 20)
        await send({"type": "http.response.body", "body": b"last"})

    with serving(slow) as origin, _proxied(contract, f"{origin}/v1") as proxied:
        reply = proxied.ask("GET", "/v1/videos/video_1/content")
        assert reply.read(5) == b"first"
        seen.set()
        assert reply.read() == b"last"


def test_a_reply_that_breaks_off_breaks_off_for_the_caller(contract: Contract) -> None:
    async def broken(scope: Any, _receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"id"', "more_body": True})
        raise OSError

    with serving(broken) as origin, _proxied(contract, f"{origin}/v1") as proxied:
        reply = proxied.ask("GET", "/v1/videos/video_1")
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            reply.read()

    assert proxied.run.having("fail", "pass") == ()
    assert [e.error for e in proxied.run.exchanges.values()] != [None]


@pytest.mark.parametrize("announced", [True, False])
def test_a_caller_that_leaves_at_once_is_judged_by_what_it_has(
    contract: Contract, *, announced: bool
) -> None:
    """With all that was announced in hand it may go: the reply is whole. Who goes before that has no reply to judge."""
    text = json.dumps(_JOB).encode()
    left = threading.Event()

    async def gateway(_scope: Any, _receive: Any, send: Any) -> None:
        size = len(text) if announced else len(text) + 1
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % size)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": text, "more_body": not announced})
        if not announced:
            await asyncio.to_thread(left.wait, 20)
            await send({"type": "http.response.body", "body": b" "})

    async def visit(proxy: Proxy) -> None:
        goes, known = asyncio.Event(), asyncio.Event()
        got = bytearray()

        async def receive() -> dict[str, Any]:
            await goes.wait()
            # Whoever asked for this takes it before anybody else has a turn.
            known.set()
            return {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            got.extend(message.get("body", b""))
            if bytes(got) == text:
                goes.set()
                await known.wait()
                left.set()

        host = proxy.upstream.removeprefix("http://").partition("/")[0]
        scope = {
            "type": "http", "method": "GET", "path": "/v1/videos/video_1",
            "raw_path": b"/v1/videos/video_1", "query_string": b"",
            "headers": [(b"host", host.encode())],
        }  # fmt: skip
        await proxy(scope, receive, send)
        await proxy.aclose()
        assert bytes(got) == text

    events: list[Event] = []
    with serving(gateway) as origin:
        upstream = f"{origin}/v1"
        judge = Passive(contract, contract.dialects["openai"], upstream, "proxy", events.append)
        asyncio.run(visit(Proxy(upstream, judge, 20.0)))
        judge.finish()

    assert judge.judged == announced
    assert ("schema-required" in Run.of(events).having("pass")) == announced


def test_secrets_of_the_application_are_in_no_event(contract: Contract) -> None:
    async def echo_key(scope: Any, _receive: Any, send: Any) -> None:
        url = "https://cdn.example.org/v.mp4?X-Amz-Signature=feedface01&x=1"
        job = {**_JOB, "seen": _KEY, "url": url, "status": "unheard-of"}
        headers = [(b"content-type", b"application/json"), (b"set-cookie", b"session=cafe0123")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(job).encode()})

    with serving(echo_key) as origin, _proxied(contract, f"{origin}/v1") as proxied:
        target = "/v1/videos/video_1?api_key=queryqueryquery"
        proxied.ask("GET", target, headers={"Authorization": f"Bearer {_KEY}"}).read()

    lines = proxied.run.lines()
    assert "retrieve-status-known" in proxied.run.having("fail")
    assert "unheard-of" in lines
    for secret in (_KEY, "feedface01", "cafe0123", "queryqueryquery"):
        assert secret not in lines
