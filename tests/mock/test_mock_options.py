"""What a mock can be told: one key, lenient ids, no waiting."""

from typing import Any

import httpx2
import pytest

from mock.probing import probe_video
from mock.talk import Talk
from vidspec.contract import Contract
from vidspec.errors import UsageError
from vidspec.mock import MockOptions, build_app, running


@pytest.mark.parametrize(("key", "status"), [("secret", 200), ("other", 401)])
def test_one_key_is_accepted_when_named(contract: Contract, key: str, status: int) -> None:
    """With a key of its own the mock refuses every other."""
    with running("openai", contract=contract, api_key="secret") as gateway:
        response = httpx2.get(
            f"{gateway.base_url}/videos", headers={"authorization": f"Bearer {key}"}
        )

    assert response.status_code == status


@pytest.mark.parametrize("name", ["openai", "kling"])
def test_lenient_ids_answer_as_finished_jobs(contract: Contract, name: str) -> None:
    """Any id is a finished job; its own id is kept, and it is in no list."""
    with running(name, contract=contract, lenient_ids=True) as gateway, httpx2.Client() as http:
        talk = Talk(gateway, contract.dialects[name], http)
        seen = talk.retrieve("video_123")

        assert (seen.id, seen.state) == ("video_123", "completed")
        assert talk.list() == []


def test_lenient_ids_reach_everything_made_of_a_job(contract: Contract) -> None:
    """Content, remix, deletion and characters of unknown ids are answered too."""
    with running("openai", contract=contract, lenient_ids=True) as gateway, httpx2.Client() as http:
        talk = Talk(gateway, contract.dialects["openai"], http)
        content = talk.call("content", "video_123").content
        remix = talk.call("remix", "video_123", json={"prompt": "x"})

        assert probe_video(content).seconds == 8.0
        assert remix.json()["remixed_from_video_id"] == "video_123"
        assert talk.call("delete", "video_123").json()["id"] == "video_123"
        assert talk.call("character", "char_123").json()["id"] == "char_123"


def test_job_without_seconds_is_finished_when_asked_for(contract: Contract) -> None:
    """Zero seconds: queued when created, completed at the first look."""
    with running("kling", contract=contract, job_seconds=0) as gateway, httpx2.Client() as http:
        talk = Talk(gateway, contract.dialects["kling"], http)
        job = talk.create()

        assert (job.state, talk.retrieve(job.id).state) == ("queued", "completed")


def test_unknown_dialect_is_named(contract: Contract) -> None:
    """A dialect that does not exist is refused with those that do."""
    with pytest.raises(UsageError, match="no such dialect: nothing"):
        build_app(contract, ["nothing"], MockOptions())


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1.0])
@pytest.mark.parametrize("name", ["job_seconds", "max_age_seconds"])
def test_time_that_is_none_is_refused(name: str, seconds: float) -> None:
    """A job that takes no number of seconds would never end."""
    settings: dict[str, Any] = {name: seconds}
    with pytest.raises(UsageError, match="must be some seconds"):
        MockOptions(**settings)


def test_dialect_named_twice_is_one() -> None:
    """It stands at its own paths, as if it had been named once."""
    with running("openai", "openai") as gateway:
        assert gateway.base_url == f"{gateway.url}/v1"
