"""Who is asked again, how often, and after how long: counted by real servers."""

# ruff: noqa: SIM117

import socket
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from vidspec.runtime.client.errors import (
    ApiError,
    BadGateway,
    DecodingError,
    NotFound,
    RateLimited,
    RefusedInBody,
    ServerError,
    TimedOut,
    TransportError,
)
from vidspec.runtime.client.options import Attempt, Hooks
from vidspec.runtime.client.requests import build_request

from .toy import CREATE, GET, SECRET, VIDEO, with_envelope
from .wire import json_reply, reply, reset, serving

JOB = json_reply(200, '{"id": "v1", "status": "queued"}')
PAID = build_request(CREATE, body={"prompt": "a fox"})
READ = build_request(GET, path={"id": "v1"})


def test_a_paid_post_is_not_repeated_after_a_reset(make: Any) -> None:
    with serving(default=reset) as server:
        with pytest.raises(TransportError, match="may be billed") as caught:
            make(server.url)._call(PAID, VIDEO)
        assert caught.value.may_have_arrived
        assert len(server.seen) == 1


def test_with_an_idempotency_key_a_paid_post_is_repeated_under_the_same_key(make: Any) -> None:
    keyed = replace(CREATE, idempotency_header="Idempotency-Key")
    first, second = (build_request(keyed, body={"prompt": "a fox"}) for _ in range(2))
    own = build_request(keyed, body={"prompt": "a fox"}, headers={"idempotency-key": "mine"})
    with serving(reset, reply(500), JOB, JOB, JOB) as server:
        client = make(server.url)
        for request in (first, second, own):
            client._call(request, VIDEO)
        keys = [seen.headers["idempotency-key"] for seen in server.seen]
    assert len(keys) == 5
    assert len({*keys[:3]}) == 1
    assert keys[3] not in keys[:3]
    assert keys[4] == "mine"


def test_a_paid_post_is_not_repeated_after_a_server_error(make: Any) -> None:
    with serving(default=reply(500)) as server:
        with pytest.raises(ServerError):
            make(server.url)._call(PAID, VIDEO)
        assert len(server.seen) == 1


def test_a_paid_post_is_not_repeated_when_the_server_is_slow(make: Any) -> None:
    def slow(_connection: socket.socket, _seen: object) -> None:
        time.sleep(0.4)

    with serving(default=slow) as server:
        with pytest.raises(TimedOut):
            make(server.url, timeout=0.1)._call(PAID, VIDEO)
        time.sleep(0.5)
        assert len(server.seen) == 1


def test_a_refused_connection_is_tried_again_even_for_a_paid_post(make: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    tries: list[Attempt] = []
    with pytest.raises(TransportError) as caught:
        make(f"http://127.0.0.1:{port}", hooks=Hooks(on_request=tries.append))._call(PAID, VIDEO)
    assert not caught.value.may_have_arrived
    assert [attempt.number for attempt in tries] == [1, 2, 3]


def test_a_read_is_repeated_after_errors(make: Any) -> None:
    with serving(reply(500), reply(502), JOB) as server:
        assert make(server.url)._call(READ, VIDEO).id == "v1"
        assert len(server.seen) == 3


def test_a_read_is_repeated_after_a_reset_and_a_torn_body(make: Any) -> None:
    torn = JOB.replace(b"content-length: 32", b"content-length: 999")
    assert torn != JOB
    with serving(reset, torn, JOB) as server:
        assert make(server.url)._call(READ, VIDEO).id == "v1"
        assert len(server.seen) == 3


@pytest.mark.parametrize("request_", [PAID, READ])
def test_retry_after_in_seconds_is_kept_also_for_a_paid_post(make: Any, request_: Any) -> None:
    pauses: list[float] = []
    hooks = Hooks(on_retry=lambda _attempt, pause, _why: pauses.append(pause))
    with serving(reply(429, retry_after="0.05"), JOB) as server:
        make(server.url, hooks=hooks)._call(request_, VIDEO)
    assert pauses == [0.05]


def test_retry_after_as_a_date_is_kept(make: Any) -> None:
    pauses: list[float] = []
    hooks = Hooks(on_retry=lambda _attempt, pause, _why: pauses.append(pause))
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    with serving(reply(503, retry_after=date), JOB) as server:
        make(server.url, hooks=hooks)._call(PAID, VIDEO)
    assert 0.5 < pauses[0] <= 2


def test_a_paid_post_is_not_repeated_on_429_without_a_time(make: Any) -> None:
    with serving(default=reply(429)) as server:
        with pytest.raises(RateLimited):
            make(server.url)._call(PAID, VIDEO)
        assert len(server.seen) == 1


def test_a_server_that_asks_for_an_hour_is_not_asked_again(make: Any) -> None:
    with serving(default=reply(429, retry_after="3600")) as server:
        with pytest.raises(RateLimited) as caught:
            make(server.url)._call(READ, VIDEO)
        assert caught.value.retry_after == 3600
        assert len(server.seen) == 1


def test_the_deadline_ends_the_attempts(make: Any) -> None:
    with serving(default=reply(503, retry_after="5")) as server:
        started = time.monotonic()
        with pytest.raises(ServerError):
            make(server.url, deadline=0.5)._call(READ, VIDEO)
        assert time.monotonic() - started < 2
        assert len(server.seen) == 1


def test_a_dripping_reply_ends_at_the_deadline(make: Any) -> None:
    def drip(connection: socket.socket, _seen: object) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        for _ in range(40):
            connection.sendall(b" ")
            time.sleep(0.05)

    with serving(default=drip) as server:
        started = time.monotonic()
        with pytest.raises(TimedOut):
            make(server.url, deadline=0.3)._call(READ, VIDEO)
        assert time.monotonic() - started < 1.5


def test_a_html_502_keeps_its_body(make: Any) -> None:
    page = b"<html><h1>Bad gateway</h1></html>"
    with serving(default=reply(502, page, content_type="text/html")) as server:
        with pytest.raises(BadGateway, match="Bad gateway") as caught:
            make(server.url, max_retries=0)._call(READ, VIDEO)
    assert page == caught.value.body
    assert caught.value.headers["content-type"] == "text/html"


def test_an_unlisted_5xx_is_a_server_error(make: Any) -> None:
    with serving(default=reply(529)) as server, pytest.raises(ServerError) as caught:
        make(server.url, max_retries=0)._call(READ, VIDEO)
    assert caught.value.status == 529


def test_an_error_tells_everything_but_the_key(make: Any) -> None:
    body = '{"error": {"message": "No such video", "code": "gone", "param": "id"}}'
    with serving(default=json_reply(404, body, x_request_id="req_1")) as server:
        with pytest.raises(NotFound) as caught:
            make(server.url)._call(READ, VIDEO)
        assert f"Bearer {SECRET}" == server.seen[0].headers["authorization"]
    error = caught.value
    expected = (
        "GET /videos/v1: 404 Not Found: No such video (code gone, parameter id, request req_1)"
    )
    assert expected == str(error)
    assert error.data.error["message"] == "No such video"
    assert SECRET not in repr(error)


@pytest.mark.parametrize("body", ["", "[]", "<html>", '{"id": 1}', '{"id": "x"'])
def test_a_reply_of_the_wrong_shape_is_kept(make: Any, body: str) -> None:
    with serving(default=json_reply(200, body)) as server:
        with pytest.raises(DecodingError) as caught:
            make(server.url)._call(READ, VIDEO)
    assert (200, body.encode()) == (caught.value.status, caught.value.body)


def test_an_envelope_that_says_failure_is_an_error(make: Any) -> None:
    refusal = json_reply(200, '{"code": 1102, "message": "no balance"}')
    with serving(default=refusal) as server, pytest.raises(RefusedInBody, match="no balance"):
        make(server.url, dialect=with_envelope("/code", 0))._call(READ, VIDEO)


def test_a_redirect_to_another_origin_carries_no_credentials(make: Any) -> None:
    with serving(JOB) as other, serving(reply(302, location=f"{other.url}/file?s=1")) as server:
        make(server.url, headers={"x-tenant": "secret"})._call(READ, VIDEO)
        assert "authorization" not in other.seen[0].headers
        assert "x-tenant" not in other.seen[0].headers
        assert server.seen[0].headers["x-tenant"] == "secret"


def test_credentials_do_not_come_back_after_a_detour(make: Any) -> None:
    with serving() as other, serving() as server:
        server.script += [reply(302, location=other.url), JOB]
        other.script += [reply(302, location=f"{server.url}/elsewhere")]
        make(server.url)._call(READ, VIDEO)
        assert "authorization" not in server.seen[1].headers


def test_a_post_is_not_sent_to_another_origin(make: Any) -> None:
    with serving() as other, serving(reply(307, location=other.url)) as server:
        with pytest.raises(ApiError) as caught:
            make(server.url)._call(PAID, VIDEO)
        assert caught.value.status == 307
        assert other.seen == []


@pytest.mark.parametrize("target", ["http://[nowhere", "ftp://a/b", "//[::/x", "http://a:b/"])
def test_a_redirect_to_nowhere_is_the_answer(make: Any, target: str) -> None:
    with serving(reply(302, location=target)) as server:
        with pytest.raises(ApiError) as caught:
            make(server.url, max_retries=0)._call(READ, VIDEO)
    assert caught.value.status == 302


def test_redirects_in_a_circle_end(make: Any) -> None:
    with serving(default=reply(302, location="/again")) as server:
        with pytest.raises(TransportError, match="too many redirects"):
            make(server.url, max_retries=0)._call(READ, VIDEO)
