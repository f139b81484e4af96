"""The fault table: what a misbehaving server does, what the caller gets, and how many paid calls it took."""

import hashlib
import json
import socket
import struct
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from vidspec_client import Hooks, VideoJob, errors

from .unified import KINDS
from .wire import Reaction, Seen, Server, json_reply, reply, reset, serving

SECRET = "sk-very-secret"
VIDEO: dict[str, Any] = {
    "id": "video_1",
    "object": "video",
    "model": "sora-2",
    "status": "queued",
    "progress": 0,
    "created_at": 1700000000,
    "completed_at": None,
    "expires_at": None,
    "prompt": "a fox",
    "size": "720x1280",
    "seconds": "4",
    "remixed_from_video_id": None,
    "error": None,
}
BYTES = bytes(range(256)) * 400


def job(**changes: Any) -> bytes:
    return json_reply(200, json.dumps(VIDEO | changes))


def without_nulls() -> bytes:
    return json_reply(200, json.dumps({k: v for k, v in VIDEO.items() if v is not None}))


def soon() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=1), usegmt=True)


def aborted(connection: socket.socket, _seen: Seen) -> None:
    """Reset the connection (RST) within the body."""
    connection.sendall(job()[:-20])
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def stall(_connection: socket.socket, _seen: Seen) -> None:
    """Say nothing for longer than the client's patience."""
    time.sleep(0.6)


def torn(connection: socket.socket, _seen: Seen) -> None:
    """Break off within the body."""
    connection.sendall(job()[:-20])


def stalled_body(connection: socket.socket, _seen: Seen) -> None:
    connection.sendall(job()[:-20])
    time.sleep(0.6)


def longer_than_said(connection: socket.socket, _seen: Seen) -> None:
    """Send a body with a Content-Length that is 20 too small."""
    body = json.dumps(VIDEO).encode()
    lie = f"content-length: {len(body) - 20}".encode()
    connection.sendall(reply(200, body).replace(f"content-length: {len(body)}".encode(), lie))


@dataclass(frozen=True)
class Fault:
    """One row of the table."""

    name: str
    script: tuple[Reaction, ...]
    #: Error that a read ends with; None: it succeeds.
    read: type[Exception] | None
    reads: int
    #: The same for a paid create.
    create: type[Exception] | None
    creates: int
    #: Whether the error of a paid create warns of a bill.
    billed: bool = False


JOB = job()
ERROR_500 = json_reply(500, '{"error": {"message": "boom"}}')
HTML = reply(502, b"<html><h1>Bad gateway</h1>", content_type="text/html")
TABLE = (
    Fault("reset before headers", (reset, JOB), None, 2, errors.TransportError, 1, billed=True),
    Fault("reset mid-body", (torn, JOB), None, 2, errors.TransportError, 1, billed=True),
    Fault("aborted mid-body", (aborted, JOB), None, 2, errors.TransportError, 1, billed=True),
    Fault("stall before headers", (stall, JOB), None, 2, errors.TimedOut, 1, billed=True),
    Fault("stall mid-body", (stalled_body, JOB), None, 2, errors.TimedOut, 1, billed=True),
    Fault("longer than its length", (longer_than_said,), errors.DecodingError, 1, errors.DecodingError, 1),
    Fault("500 twice", (ERROR_500, ERROR_500, JOB), None, 3, errors.ServerError, 1),
    Fault("500 for ever", (ERROR_500,) * 4, errors.ServerError, 3, errors.ServerError, 1),
    Fault("429 seconds", (reply(429, retry_after="0.05"), JOB), None, 2, None, 2),
    Fault("429 milliseconds", (reply(429, retry_after_ms="50"), JOB), None, 2, None, 2),
    Fault("429 without time", (reply(429), JOB), None, 2, errors.RateLimited, 1),
    Fault("429 in an hour", (reply(429, retry_after="3600"), JOB), errors.RateLimited, 1, errors.RateLimited, 1),
    Fault("502 HTML", (HTML, JOB), None, 2, errors.BadGateway, 1),
    Fault("529", (reply(529),) * 3, errors.ServerError, 3, errors.ServerError, 1),
    Fault("empty body", (reply(200), JOB), errors.DecodingError, 1, errors.DecodingError, 1),
    Fault("wrong shape", (json_reply(200, '{"videos": []}'),), errors.DecodingError, 1, errors.DecodingError, 1),
    Fault("not JSON", (reply(200, b"OK"),), errors.DecodingError, 1, errors.DecodingError, 1),
    Fault("unknown status and enum", (job(status="limbo", size="9x9", seconds="7"),), None, 1, None, 1),
    Fault("numbers as text", (job(progress="40", seconds=4, created_at="1700000000"),), None, 1, None, 1),
    Fault("nulls left out", (without_nulls(),), None, 1, None, 1),
    Fault("402", (reply(402),), errors.PaymentRequired, 1, errors.PaymentRequired, 1),
    Fault("418", (reply(418),), errors.ApiError, 1, errors.ApiError, 1),
)  # fmt: skip


@pytest.fixture(params=KINDS)
def client_of(request: pytest.FixtureRequest) -> Callable[..., Any]:
    def make(url: str, **options: Any) -> Any:
        given = {"api_key": SECRET, "timeout": 0.3, **options}
        return KINDS[request.param]("openai", base_url=url, **given)

    return make


@pytest.mark.parametrize("fault", TABLE, ids=lambda fault: fault.name)
def test_a_read_gets_over_it_or_says_what_came(client_of: Any, fault: Fault) -> None:
    with serving(*fault.script) as server, client_of(server.url) as client:
        outcome = outcome_of(lambda: client.retrieve("video_1"))
        settle(server)
        assert_outcome(outcome, fault.read)
        assert len(server.seen) == fault.reads


@pytest.mark.parametrize("fault", TABLE, ids=lambda fault: fault.name)
def test_a_paid_create_is_never_made_twice(client_of: Any, fault: Fault) -> None:
    with serving(*fault.script) as server, client_of(server.url) as client:
        outcome = outcome_of(lambda: client.create("a fox"))
        settle(server)
        assert_outcome(outcome, fault.create)
        assert len(server.seen) == fault.creates
        assert [seen.method for seen in server.seen] == ["POST"] * fault.creates
    assert fault.billed == ("may be billed" in str(outcome))


def test_a_refused_connection_is_sure_to_cost_nothing(client_of: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with (
        client_of(f"http://127.0.0.1:{port}") as client,
        pytest.raises(errors.TransportError) as caught,
    ):
        client.create("a fox")
    assert not caught.value.may_have_arrived
    assert "billed" not in str(caught.value)


def test_a_server_that_comes_back_is_read_and_paid_once(client_of: Any) -> None:
    """Refused at first, then there: nothing had arrived, so even a paid call is made again, once."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with ExitStack() as later:
        servers: list[Server] = []

        def come_back(*_: Any) -> None:
            if not servers:
                servers.append(later.enter_context(serving(default=JOB, port=port)))

        hooks = Hooks(on_retry=come_back)
        with client_of(f"http://127.0.0.1:{port}", hooks=hooks) as client:
            assert client.create("a fox").id == "video_1"
            assert client.retrieve("video_1").id == "video_1"
        assert [seen.method for seen in servers[0].seen] == ["POST", "GET"]


@pytest.mark.parametrize("paid", [True, False])
def test_retry_after_as_a_date_is_kept(client_of: Any, paid: bool) -> None:
    with serving() as server, client_of(server.url) as client:
        server.script += [reply(429, retry_after=soon()), JOB]
        made = client.create("a fox") if paid else client.retrieve("video_1")
        assert made.id == "video_1"
        assert len(server.seen) == 2


def test_a_slow_create_costs_one_call_and_is_found_again(client_of: Any) -> None:
    """The job was made, the answer came too late: one paid call, and the list shows the job."""
    made: list[str] = []

    def slow(connection: socket.socket, seen: Seen) -> None:
        made.append(seen.method)
        time.sleep(0.6)
        connection.sendall(JOB)

    listed = json_reply(200, json.dumps({"object": "list", "data": [VIDEO], "has_more": False}))
    with serving(slow, listed) as server, client_of(server.url, max_retries=5) as client:
        with pytest.raises(errors.TimedOut, match="was not sent again") as caught:
            client.create("a fox")
        assert caught.value.may_have_arrived
        assert caught.value.paid
        time.sleep(0.5)
        assert made == ["POST"]
        assert [found.id for found in client.list()] == ["video_1"]


def test_no_key_leaves_for_another_host(client_of: Any) -> None:
    with serving(JOB, JOB) as other, serving() as server:
        server.script += [
            reply(302, location=f"{other.url}/video_1"),
            reply(307, location=other.url),
        ]
        with client_of(server.url, headers={"x-tenant": "acme"}) as client:
            assert client.retrieve("video_1").id == "video_1"
            with pytest.raises(errors.ApiError, match="307") as caught:
                client.create("a fox")
        assert [seen.method for seen in other.seen] == ["GET"]
        assert SECRET not in str(other.seen)
        assert "x-tenant" not in other.seen[0].headers
        assert SECRET not in f"{caught.value!r} {caught.value}"


def test_a_truncated_download_is_resumed_to_the_same_bytes(client_of: Any, tmp_path: Path) -> None:
    half = len(BYTES) // 2
    whole = reply(200, BYTES, content_type="video/mp4", etag='"a"')
    place = f"bytes {half}-{len(BYTES) - 1}/{len(BYTES)}"
    rest = reply(206, BYTES[half:], content_type="video/mp4", etag='"a"', content_range=place)

    def cut(connection: socket.socket, _seen: Seen) -> None:
        connection.sendall(whole[: -(len(BYTES) - half)])

    with serving(cut, rest) as server, client_of(server.url) as client:
        saved = client.download(done(), tmp_path / "v.mp4")
        assert server.seen[1].headers["range"] == f"bytes={half}-"
    assert saved.size == len(BYTES)
    assert (
        hashlib.sha256((tmp_path / "v.mp4").read_bytes()).digest() == hashlib.sha256(BYTES).digest()
    )


def test_a_stalled_or_aborted_download_is_resumed(client_of: Any, tmp_path: Path) -> None:
    third = len(BYTES) // 3

    def piece(start: int, *, stalls: bool) -> Reaction:
        rest = BYTES[start:]
        place = f"bytes {start}-{len(BYTES) - 1}/{len(BYTES)}"
        answer = reply(
            206 if start else 200, rest, content_type="video/mp4", etag='"a"', content_range=place
        )

        def react(connection: socket.socket, _seen: Seen) -> None:
            connection.sendall(answer[: -(len(rest) - third)])
            if stalls:
                time.sleep(0.6)
            else:
                # What is on its way arrives before the reset does.
                time.sleep(0.1)
                linger = struct.pack("ii", 1, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

        return react

    place = f"bytes {2 * third}-{len(BYTES) - 1}/{len(BYTES)}"
    last = reply(206, BYTES[2 * third :], content_type="video/mp4", etag='"a"', content_range=place)
    with (
        serving(piece(0, stalls=True), piece(third, stalls=False), last) as server,
        client_of(server.url) as client,
    ):
        client.download(done(), tmp_path / "v.mp4")
        ranges = [seen.headers.get("range") for seen in server.seen]
    assert ranges == [None, f"bytes={third}-", f"bytes={2 * third}-"]
    assert (tmp_path / "v.mp4").read_bytes() == BYTES


@pytest.mark.parametrize("said", [-20, 20])
def test_a_download_of_another_length_than_said(client_of: Any, said: int, tmp_path: Path) -> None:
    """Shorter than said is an error, and nothing is left; bytes beyond the length are none of the video."""
    length = len(BYTES) + said
    wrong = reply(200, BYTES, content_type="video/mp4").replace(
        f"content-length: {len(BYTES)}".encode(), f"content-length: {length}".encode()
    )
    with serving(default=wrong) as server, client_of(server.url) as client:
        if said > 0:
            with pytest.raises(errors.DownloadError, match=f"of {length} bytes"):
                client.download(done(), tmp_path / "v.mp4")
            assert list(tmp_path.iterdir()) == []
        else:
            assert client.download(done(), tmp_path / "v.mp4").size == length


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_an_expired_result_says_so(client_of: Any, status: int, tmp_path: Path) -> None:
    past = datetime.now(UTC) - timedelta(minutes=1)
    with serving(default=reply(status)) as server, client_of(server.url) as client:
        with pytest.raises(errors.Expired) as caught:
            client.download(done(expires_at=past), tmp_path / "v.mp4")
        assert caught.value.status == status
        assert isinstance(caught.value, errors.Gone)
        assert len(server.seen) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_before_the_end_is_no_expiry(client_of: Any, tmp_path: Path) -> None:
    future = datetime.now(UTC) + timedelta(hours=1)
    page = reply(403, b"<Error><Message>Request has expired</Message></Error>")
    with serving(reply(404), page) as server, client_of(server.url) as client:
        with pytest.raises(errors.NotFound):
            client.download(done(expires_at=future), tmp_path / "v.mp4")
        with pytest.raises(errors.Expired):
            client.download(done(), tmp_path / "v.mp4")


def done(**changes: Any) -> VideoJob:
    return VideoJob(
        id="video_1", state="completed", status="completed", raw={"id": "video_1"}, **changes
    )


def settle(server: Server) -> None:
    """Let a repeated request come, if there is one."""
    time.sleep(0.1 if server.script else 0.02)


def outcome_of(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except errors.VideoError as error:
        return error


def assert_outcome(outcome: Any, expected: type[Exception] | None) -> None:
    if expected is None:
        assert isinstance(outcome, VideoJob), outcome
        assert outcome.raw["id"] == "video_1"
    else:
        assert isinstance(outcome, expected), outcome
        assert SECRET not in f"{outcome!r} {outcome}"
