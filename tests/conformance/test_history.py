"""Rules between exchanges: each is broken once, and kept once."""

import json
from typing import Any

import pytest

from conformance.story import exchange
from vidspec.conformance.history import History
from vidspec.conformance.reply import Reply
from vidspec.contract import load_contract

_DIALECT = load_contract().dialects["openai"]
_JOB = {"id": "video_1", "object": "video", "status": "queued", "progress": 0}
_GONE = {"error": {"message": "no such video", "type": "invalid_request_error"}}


class _Watch:
    """A history, and what it said: requirement → judgements."""

    def __init__(self) -> None:
        self.said: dict[str, list[bool]] = {}
        self.now = 0
        self.history = History(_DIALECT, self._judge)

    def _judge(
        self, requirement: str, ok: bool, expected: str, received: str, reply: Reply | None = None
    ) -> bool:
        self.said.setdefault(requirement, []).append(ok)
        return ok

    def see(
        self,
        role: str,
        status: int = 200,
        body: Any = _JOB,
        *,
        job_id: str = "video_1",
        since: float | None = None,
    ) -> None:
        operation = _DIALECT.by_role(role)
        assert operation is not None
        reply = Reply(
            exchange=exchange(1), dialect=_DIALECT, operation=operation,
            job_id=None if role in {"create", "list"} else job_id,
            method=operation.method.upper(), status=status, headers={},
            content=json.dumps(body).encode(), json=body,
        )  # fmt: skip
        self.now += 1
        self.history.see(reply, reply.job_id, self.now if since is None else since, self.now)


@pytest.fixture
def watch() -> _Watch:
    made = _Watch()
    made.see("create")
    return made


def test_a_life_in_order_is_in_order(watch: _Watch) -> None:
    watch.see("content", 404, _GONE)
    watch.see("remix", 400, _GONE)
    watch.see("retrieve", body={**_JOB, "status": "in_progress"})
    watch.see("retrieve", body={**_JOB, "status": "completed"})
    watch.see("content")
    watch.see("list", body={"object": "list", "data": [_JOB], "has_more": False})
    watch.see("delete", body={"id": "video_1", "object": "video.deleted", "deleted": True})
    for role in ("retrieve", "content", "delete"):
        watch.see(role, 404, _GONE)
    watch.see("list", body={"object": "list", "data": [], "has_more": False})

    assert all(all(looks) for looks in watch.said.values())
    assert set(watch.said) == {
        "create-distinct-ids",
        "content-not-before-completion",
        "remix-needs-completed",
        "delete-then-retrieve",
        "delete-then-content",
        "delete-twice",
    }


def test_one_id_for_two_jobs(watch: _Watch) -> None:
    watch.see("create")

    assert watch.said["create-distinct-ids"] == [True, False]


@pytest.mark.parametrize(
    ("role", "requirement"),
    [
        ("retrieve", "delete-then-retrieve"),
        ("content", "delete-then-content"),
        ("delete", "delete-twice"),
    ],
)
def test_what_is_answered_for_a_deleted_job(watch: _Watch, role: str, requirement: str) -> None:
    watch.see("delete")
    watch.see(role)

    assert watch.said[requirement] == [False]


def test_a_deleted_job_in_a_list(watch: _Watch) -> None:
    watch.see("delete")
    watch.see("list", body={"object": "list", "data": [_JOB], "has_more": False})

    assert watch.said["delete-then-list"] == [False]


@pytest.mark.parametrize(
    ("role", "requirement"),
    [("content", "content-not-before-completion"), ("remix", "remix-needs-completed")],
)
def test_what_needs_a_completed_job_is_answered_before(
    watch: _Watch, role: str, requirement: str
) -> None:
    watch.see(role)
    watch.see("retrieve", body={**_JOB, "status": "in_progress"})

    assert watch.said[requirement] == [False]


def test_content_of_a_job_that_may_just_have_ended_is_no_evidence(watch: _Watch) -> None:
    watch.see("retrieve", body={**_JOB, "status": "in_progress"})
    watch.see("content")
    watch.see("retrieve", body={**_JOB, "status": "completed"})

    assert "content-not-before-completion" not in watch.said


def test_a_job_that_is_not_found(watch: _Watch) -> None:
    watch.see("retrieve", 404, _GONE)

    assert watch.said["retrieve-found"] == [False]


def test_a_refusal_for_another_reason_is_no_loss(watch: _Watch) -> None:
    watch.see("retrieve", 401, _GONE)

    assert "retrieve-found" not in watch.said


def test_requests_under_way_at_the_same_time_prove_nothing(watch: _Watch) -> None:
    sent = watch.now - 0.5
    watch.see("delete")
    watch.see("retrieve", since=sent)
    watch.see("list", body={"object": "list", "data": [_JOB], "has_more": False}, since=sent)
    watch.see("retrieve", 404, _GONE, job_id="video_9")

    assert set(watch.said) == {"create-distinct-ids"}
