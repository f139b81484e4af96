"""Waiting: every end, every accident, and always an end."""

import json
from typing import Any

import pytest

from vidspec.runtime.client.errors import (
    JobCancelled,
    JobExpired,
    JobFailed,
    NotFound,
    Unauthorized,
    WaitTimedOut,
)
from vidspec.runtime.client.jobs import VideoJob, read_job
from vidspec.runtime.client.requests import build_request
from vidspec.runtime.client.steps import Sleep
from vidspec.runtime.client.waiting import WaitOptions

from .toy import GET, LIST, SURFACE, VIDEO
from .wire import Reaction, json_reply, reply, reset, serving

READ = build_request(GET, path={"id": "v1"})


def job(status: str, **more: Any) -> bytes:
    return json_reply(200, json.dumps({"id": "v1", "status": status, **more}))


def wait(client: Any, **options: Any) -> Any:
    return client._wait(GET, READ, VIDEO, "v1", WaitOptions(**{"timeout": 5, **options}))


def test_it_waits_through_accidents_and_unknown_words(make: Any) -> None:
    updates: list[VideoJob] = []
    script: list[Reaction] = [
        reply(404),
        job("queued"),
        job("queued"),
        reset,
        job("NOT_START"),
        reply(502, b"<html>"),
        reply(202),
        job("working", progress="40%"),
        job("succeed", progress=100),
    ]
    with serving(*script) as server:
        done = wait(make(server.url, max_retries=0), on_update=updates.append)
        assert len(script) == len(server.seen)
    assert (done.job.state, done.reply.status) == ("completed", "succeed")
    assert [u.state for u in updates] == ["queued", "unknown", "in_progress", "completed"]
    assert updates[2].progress == 40


@pytest.mark.parametrize(
    ("word", "kind"), [("failed", JobFailed), ("stopped", JobCancelled), ("gone", JobExpired)]
)
def test_an_end_without_a_video_is_an_error(make: Any, word: str, kind: type[Any]) -> None:
    failed = job(word, error={"code": "moderation", "message": "not allowed"})
    with serving(failed) as server, pytest.raises(kind, match="moderation: not allowed") as caught:
        wait(make(server.url))
    assert caught.value.job.id == "v1"


def test_an_unknown_word_ends_with_the_deadline(make: Any) -> None:
    with serving(default=job("limbo")) as server, pytest.raises(WaitTimedOut, match="limbo") as it:
        wait(make(server.url), timeout=0.2)
    assert it.value.job is not None
    assert (it.value.job_id, it.value.job.state) == ("v1", "unknown")


def test_a_dead_server_ends_with_the_deadline(make: Any) -> None:
    with serving(default=reset) as server, pytest.raises(WaitTimedOut, match="no answer") as it:
        wait(make(server.url), timeout=0.2)
    assert it.value.job is None
    assert it.value.__cause__ is not None


def test_a_refusal_ends_it_at_once(make: Any) -> None:
    with serving(job("queued"), reply(404)) as server, pytest.raises(NotFound):
        wait(make(server.url))
    with serving(reply(401)) as server, pytest.raises(Unauthorized):
        wait(make(server.url))


def test_the_servers_hints_set_the_pace(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    def sleep(seconds: float) -> Sleep:
        pauses.append(seconds)
        return Sleep(0)

    monkeypatch.setattr("vidspec.runtime.client.waiting.Sleep", sleep)
    hinted = job("queued").replace(b"\r\n\r\n", b"\r\nx-poll-after-ms: 250\r\n\r\n", 1)
    asked = job("queued").replace(b"\r\n\r\n", b"\r\nretry-after: 2\r\n\r\n", 1)
    with serving(job("queued"), job("queued"), hinted, asked, job("succeed")) as server:
        wait(make(server.url))
    assert pytest.approx(pauses) == [0.01, 0.012, 0.25, 2]


def test_pages_follow_the_cursor_and_end(make: Any) -> None:
    def page(*ids: str, more: bool) -> bytes:
        data = [{"id": i, "status": "queued"} for i in ids]
        body = {"id": "", "status": "", "data": data, "has_more": more, "last_id": ids[-1]}
        return json_reply(200, json.dumps(body))

    ask = build_request(LIST, query={"limit": 2})
    with serving(page("a", "b", more=True), page("c", more=False)) as server:
        assert len(list(make(server.url)._pages(LIST, ask, VIDEO))) == 2
        targets = [request.target for request in server.seen]
        assert targets == ["/videos?limit=2", "/videos?limit=2&after=b"]
    with serving(default=page("a", "b", more=True)) as server:
        # The gateway ignores the cursor.
        assert len(list(make(server.url)._pages(LIST, ask, VIDEO))) == 2


def test_a_job_is_read_from_what_gateways_really_send() -> None:
    reply_json = {
        "data": {
            "id": 7,
            "status": "succeed",
            "progress": "30%",
            "frames": 121,
            "created_at": "1700000000000",
            "videos": [{"url": "https://a"}, {"url": "https://b"}, {}],
            "error": None,
        }
    }
    view = read_job(SURFACE, reply_json, "/data")
    assert (view.id, view.state, view.progress, view.seconds) == ("7", "completed", 30, 5)
    assert view.output_urls == ("https://a", "https://b")
    assert view.created_at is not None
    assert view.created_at.year == 2023
    assert read_job(SURFACE, {"status": "queued"}, "", "asked").id == "asked"
    nonsenses: list[Any] = [None, [], {}, {"data": "x"}]
    for nonsense in nonsenses:
        with pytest.raises(LookupError):
            read_job(SURFACE, nonsense, "/data")
