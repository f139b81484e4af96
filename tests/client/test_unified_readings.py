"""Replies of gateways that part from what they publish, written by hand."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from vidspec_client import ApiError, VideoError

from .unified import KINDS
from .wire import json_reply, serving

FLAT = {"task_id": "t1", "status": "in_progress", "url": ""}
ROW = {
    "code": "success",
    "message": "",
    "data": {"task_id": "t1", "status": "SUCCESS", "progress": "100%", "result_url": "http://x/v"},
}


@pytest.fixture
def ask() -> Iterator[Any]:
    """Make a client of a gateway that gives these replies, one after the other."""
    with ExitStack() as stack:

        def make(kind: str, replies: list[Any], profile: Any = "observed") -> Any:
            script = [json_reply(200, json.dumps(reply)) for reply in replies]
            server = stack.enter_context(serving(*script))
            client = KINDS[kind]("newapi", api_key="k", base_url=server.url, profile=profile)
            return stack.enter_context(client)

        yield make


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("profile", ["observed", "published"])
@pytest.mark.parametrize(("reply", "state"), [(FLAT, "in_progress"), (ROW, "completed")])
def test_both_readings_are_tried(ask: Any, kind: str, profile: str, reply: Any, state: str) -> None:
    job = ask(kind, [reply], profile).retrieve("t1", surface="generations")

    assert job.state == state
    assert job.id == "t1"


@pytest.mark.parametrize("kind", KINDS)
def test_the_readings_place_decides_where_the_result_is(ask: Any, kind: str) -> None:
    assert ask(kind, [ROW]).retrieve("t1", surface="generations").output_urls == ("http://x/v",)


@pytest.mark.parametrize("kind", KINDS)
def test_an_envelope_that_says_failure_is_an_error(ask: Any, kind: str) -> None:
    with pytest.raises(ApiError, match="task_not_exist"):
        ask(kind, [{"code": "task_not_exist", "message": "task_not_exist", "data": None}]).retrieve(
            "t1", surface="generations"
        )


@pytest.mark.parametrize("kind", KINDS)
def test_a_word_that_tells_nothing_is_waited_through(ask: Any, kind: str) -> None:
    replies = [{"id": "t1", "status": word} for word in ("unknown", "new word", "completed")]
    seen: list[str] = []

    job = ask(kind, replies).wait("t1", interval=0, on_update=lambda job: seen.append(job.state))

    assert job.state == "completed"
    assert seen == ["unknown", "unknown", "completed"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reply", [[], {}, "text", {"status": "queued"}])
def test_a_reply_without_a_job_is_an_error(ask: Any, kind: str, reply: Any) -> None:
    with pytest.raises(VideoError):
        ask(kind, [reply]).create("A fox", model="m")
