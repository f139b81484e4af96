"""Rules between exchanges: each is broken once, and kept once."""

import json
from typing import Any

import pytest

from conformance.story import exchange
from vidspec.conformance.echo import asked
from vidspec.conformance.history import History
from vidspec.conformance.reply import Reply
from vidspec.contract import load_contract

_DIALECT = load_contract().dialects["openai"]
_JOB = {"id": "video_1", "object": "video", "status": "queued", "progress": 0}
_TYPES = {"content": "video/mp4"}
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
        asked: dict[str, object] | None = None,
        media_type: str | None = None,
    ) -> None:
        operation = _DIALECT.by_role(role)
        assert operation is not None
        reply = Reply(
            exchange=exchange(1), dialect=_DIALECT, operation=operation,
            job_id=None if role in {"create", "list"} else job_id,
            method=operation.method.upper(), status=status, headers={"content-type": media_type or _TYPES.get(role, "application/json")},
            content=json.dumps(body).encode(), json=body,
        )  # fmt: skip
        self.now += 1
        self.history.see(reply, reply.job_id, self.now if since is None else since, self.now, asked)


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
        "create-accepted",
        "create-id",
        "create-distinct-ids",
        "content-available",
        "content-not-before-completion",
        "content-type",
        "remix-needs-completed",
        "retrieve-found",
        "retrieve-reaches-end",
        "list-no-duplicates",
        "delete-accepted",
        "delete-names-job",
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

    assert watch.said.pop("list-no-duplicates") == [True]
    assert set(watch.said) == {
        "create-accepted",
        "create-id",
        "create-distinct-ids",
        "delete-accepted",
        "delete-names-job",
    }


@pytest.mark.parametrize(
    ("name", "wanted", "told", "fits"),
    [
        ("seconds", "8", "8", True),
        ("seconds", "8", "4", False),
        ("size", "720x1280", "1280x720", False),
        ("prompt", "an otter", "an otter, cinematic", False),
        ("model", "openai/sora-2", "sora-2-2025-10-06", True),
        ("model", "sora-2", "sora-1", False),
    ],
)
def test_a_job_is_held_against_what_was_asked_for(
    watch: _Watch, name: str, wanted: str, told: str, fits: bool
) -> None:
    job = {"id": "video_2", "status": "queued"}
    watch.see("create", body=job, asked={name: wanted})
    watch.see("retrieve", body={**job, "status": "in_progress", name: "0"}, job_id="video_2")
    watch.see("retrieve", body={**job, "status": "completed", name: told}, job_id="video_2")

    assert watch.said[f"retrieve-echo-{name}"] == [fits]


def test_a_deletion_that_names_another_job(watch: _Watch) -> None:
    watch.see("delete", body={"id": "video_2", "object": "video.deleted", "deleted": True})

    assert watch.said["delete-names-job"] == [False]


def test_a_job_that_comes_twice_in_a_list(watch: _Watch) -> None:
    watch.see("list", body={"object": "list", "data": [_JOB, _JOB], "has_more": False})

    assert watch.said["list-no-duplicates"] == [False]


def test_a_video_of_an_undocumented_type(watch: _Watch) -> None:
    watch.see("content", media_type="text/html")

    assert watch.said["content-type"] == [False]


def test_a_create_without_an_id(watch: _Watch) -> None:
    watch.see("create", body={"status": "queued"})

    assert watch.said["create-id"] == [True, False]


def test_what_a_create_asks_for_is_read_from_json_and_from_forms() -> None:
    create = _DIALECT.by_role("create")
    assert create is not None
    said = {"prompt": "an otter", "seconds": "8", "model": "sora-2"}
    form = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in said.items()
    )
    image = '--x\r\nContent-Disposition: form-data; name="size"; filename="a.png"\r\n\r\n1\r\n--x--'

    assert asked(create, "application/json; charset=utf-8", json.dumps(said).encode()) == said
    assert asked(create, "multipart/form-data; boundary=x", (form + image).encode()) == said
    assert asked(create, "application/json", b"{") == {}
    assert asked(create, "text/plain", json.dumps(said).encode()) == {}
    assert asked(create, "application/json", b'{"seconds": "long"}') == {}
