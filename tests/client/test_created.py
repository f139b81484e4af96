"""``create(…).wait()``: a job that knows its client, and is data all the same."""

import asyncio
import copy
import json
import pickle
from dataclasses import asdict, replace
from typing import Any

import pytest

from vidspec.contract import load_contract
from vidspec.mock import running
from vidspec_client import (
    AsyncVideoClient,
    CreatedJob,
    JobFailed,
    VideoClient,
    VideoJob,
    WaitTimedOut,
)

from .test_unified import model_of, secrets_of
from .wire import json_reply, serving

OWN = load_contract()
QUEUED = {"id": "v1", "status": "queued"}


@pytest.mark.parametrize("name", OWN.dialects)
def test_a_job_is_waited_for_where_it_was_made(name: str) -> None:
    spoken = OWN.dialects[name]
    states: list[str] = []

    async def main(address: str) -> VideoJob:
        async with AsyncVideoClient(name, base_url=address, secrets=secrets_of(spoken)) as client:
            job = await client.create("a fox", model=model_of(spoken))
            return await job.wait(interval=0.05, timeout=20)

    with running(name, job_seconds=0.1) as mock:
        with VideoClient(name, base_url=mock.base_url, secrets=secrets_of(spoken)) as client:
            done = client.create("a fox", model=model_of(spoken)).wait(
                interval=0.05, timeout=20, on_update=lambda job: states.append(job.state)
            )
        assert (done.state, states[-1]) == ("completed", "completed")
        assert asyncio.run(main(mock.base_url)).state == "completed"
        assert mock.paid_calls == 2


def test_a_remix_can_be_waited_for_too() -> None:
    with (
        running("openai", job_seconds=0) as mock,
        VideoClient("openai", base_url=mock.base_url, api_key="k") as client,
    ):
        done = client.create("a fox").wait(interval=0.05)
        assert client.remix(done, "in the rain").wait(interval=0.05).id != done.id


def made(url: str) -> CreatedJob:
    with VideoClient("openai", base_url=url, api_key="sk-secret") as client:
        return client.create("a fox")


def test_it_is_plain_data() -> None:
    with serving(json_reply(200, json.dumps(QUEUED))) as server:
        job = made(server.url)
    plain = VideoJob(**asdict(job))

    assert type(plain) is VideoJob
    assert job == plain
    assert plain == job
    assert job != replace(plain, progress=5.0)
    assert job != "v1"
    assert len({job, plain}) == 1
    assert repr(job) == repr(plain).replace("VideoJob", "CreatedJob")
    copies: list[Any] = [pickle.loads(pickle.dumps(job)), copy.copy(job), copy.deepcopy(job)]
    assert [type(one) for one in copies] == [VideoJob] * 3
    assert copies == [job] * 3
    assert b"sk-secret" not in pickle.dumps(job)


def test_a_changed_copy_says_that_it_has_no_client() -> None:
    with serving(json_reply(200, json.dumps(QUEUED))) as server:
        job = made(server.url)
    with pytest.raises(RuntimeError, match="does not know its client"):
        replace(job, model="other").wait()


def test_the_ends_are_those_of_wait() -> None:
    failed = json_reply(200, json.dumps(QUEUED | {"status": "failed"}))
    waiting = json_reply(200, json.dumps(QUEUED))
    with serving(waiting, failed, waiting, default=waiting) as server:
        with VideoClient("openai", base_url=server.url, api_key="k") as client:
            with pytest.raises(JobFailed):
                client.create("a fox").wait(interval=0.01)
            with pytest.raises(WaitTimedOut):
                client.create("a fox").wait(timeout=0.1, interval=0.01)
        assert [seen.method for seen in server.seen].count("POST") == 2
