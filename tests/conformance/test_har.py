"""Recorded traffic: as Chromium writes it, as recorders with base64 bodies do, and what is no HAR at all."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from vidspec.conformance import Event, Passive, Run, base_of, judge_entries, read_har
from vidspec.contract import Contract
from vidspec.errors import UsageError

_URL = "https://video.example.org/api/v1"


def _job(**changes: Any) -> dict[str, Any]:
    return {
        "id": "video_1", "object": "video", "model": "sora-2", "status": "queued", "progress": 0,
        "created_at": 1_760_000_000, "completed_at": None, "expires_at": None, "prompt": "an otter",
        "size": "720x1280", "seconds": "4", "remixed_from_video_id": None, "error": None, **changes,
    }  # fmt: skip


def _entry(path: str, second: float, body: Any, *, coded: bool = False, **said: Any) -> Any:
    text = json.dumps(body)
    content: dict[str, Any] = {"size": len(text), "mimeType": "application/json", "text": text}
    if coded:
        content |= {"text": base64.b64encode(text.encode()).decode(), "encoding": "base64"}
    return {
        "_initiator": {"type": "script"},
        "startedDateTime": f"2026-01-01T00:00:{second:06.3f}Z",
        "time": 40.5,
        "request": {
            "method": "GET",
            "url": path if "://" in path else _URL + path,
            "httpVersion": "h2",
            "headers": [
                {"name": ":authority", "value": "video.example.org"},
                {"name": "authorization", "value": "Bearer sk-recorded-012345"},
            ],
        },
        "response": {
            "status": 200,
            "headers": [
                {"name": "content-type", "value": "application/json"},
                {"name": "content-encoding", "value": "br"},
                {"name": "x-request-id", "value": f"req_{second}"},
            ],
            "content": content,
        },
        **said,
    }


def _judge(contract: Contract, path: Path, entries: list[Any]) -> tuple[Run, Passive]:
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    read, dialect = read_har(path), contract.dialects["openai"]
    events: list[Event] = []
    judge = Passive(contract, dialect, base_of(dialect, read), "har", events.append)
    judge_entries(judge, read)
    return Run.of(events), judge


@pytest.mark.parametrize("coded", [False, True])
def test_recorded_traffic_is_judged_where_it_is_the_dialects(
    contract: Contract, tmp_path: Path, coded: bool
) -> None:
    page = _entry("https://elsewhere.example.org/app.js", 0, "page")
    # In the file's order they go back; in the order of time they do not.
    entries = [
        _entry("/videos/video_1", 9, _job(status="in_progress", progress=70), coded=coded),
        page,
        _entry("/videos/video_1", 3, _job(), coded=coded),
    ]
    run, judge = _judge(contract, tmp_path / "a.har", entries)

    assert judge.url == _URL
    assert (judge.judged, judge.ignored, judge.unread) == (2, 1, 0)
    assert run.exit_code == 0
    assert "retrieve-progress-monotone" in run.having("pass")
    assert "sk-recorded" not in run.lines()


@pytest.mark.parametrize("coded", [False, True])
def test_a_recorded_job_that_goes_back_is_seen(
    contract: Contract, tmp_path: Path, coded: bool
) -> None:
    entries = [
        _entry("/videos/video_1", 3, _job(status="in_progress", progress=70), coded=coded),
        _entry("/videos/video_1", 9, _job(status="in_progress", progress=20), coded=coded),
    ]
    run, _ = _judge(contract, tmp_path / "a.har", entries)

    assert run.having("fail", "warn") == ("retrieve-progress-monotone",)


def test_the_order_of_questions_asked_at_once_is_not_known(
    contract: Contract, tmp_path: Path
) -> None:
    entries = [
        _entry("/videos/video_1", 3, _job(status="in_progress", progress=70), time=100),
        _entry("/videos/video_1", 3.05, _job(status="in_progress", progress=20), time=100),
    ]
    run, _ = _judge(contract, tmp_path / "a.har", entries)

    assert run.having("fail", "warn") == ()


def test_bodies_that_were_left_out_and_replies_that_never_came_are_not_judged(
    contract: Contract, tmp_path: Path
) -> None:
    bare = _entry("/videos/video_1", 3, _job())
    del bare["response"]["content"]["text"]
    aborted = _entry("/videos", 4, {})
    aborted["response"] = {"status": 0, "headers": [], "content": {"size": 0}}
    run, judge = _judge(contract, tmp_path / "a.har", [bare, aborted])

    assert (judge.judged, judge.unread) == (0, 1)
    assert [e.error for e in run.exchanges.values()] == ["the recorder saw no reply"]
    assert run.exit_code == 4


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "is not JSON"),
        ("[]", "no log.entries"),
        ('{"log": {"entries": {}}}', "is no list"),
        ('{"log": {"entries": [{"request": {}}]}}', "log.entries[0]"),
        ('{"log": {"entries": [7]}}', "log.entries[0]"),
    ],
)
def test_what_is_no_har_is_said_to_be_none(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "a.har"
    path.write_text(text)
    with pytest.raises(UsageError) as error:
        read_har(path)
    assert complaint in str(error.value)
    assert error.value.exit_code == 2


def test_a_body_that_is_not_base64_names_its_entry(tmp_path: Path) -> None:
    entry = _entry("/videos", 1, {}, coded=True)
    entry["response"]["content"]["text"] = "!"
    path = tmp_path / "a.har"
    path.write_text(json.dumps({"log": {"entries": [entry]}}))
    with pytest.raises(UsageError, match=r"log\.entries\[0\].*base64"):
        read_har(path)


def test_traffic_without_a_single_exchange_of_the_dialect_is_said(
    contract: Contract, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="nothing in this traffic"):
        _judge(contract, tmp_path / "a.har", [_entry("https://e.example.org/", 1, {})])
