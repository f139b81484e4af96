"""Many jobs awaited at once: in order, as they come, called off, taken up again, and cheaply."""

import asyncio
import json
import threading
import time
import tracemalloc
from collections import Counter
from typing import Any

import httpx2
import pytest

import vidspec_client.openai
from vidspec.mock import running
from vidspec_client import (
    AsyncVideoClient,
    JobFailed,
    Outcome,
    TransportError,
    VideoClient,
    VideoJob,
    WaitTimedOut,
)

from .test_faults import VIDEO
from .unified import KINDS


class Gateway:
    """An in-memory gateway: a job is completed at its n-th poll, or fails when its id says so."""

    def __init__(self, polls: int = 3, pause: float = 0.0) -> None:
        self.polls, self.pause = polls, pause
        self.seen: Counter[str] = Counter()
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        job_id = request.url.path.rpartition("/")[2]
        with self._lock:
            self.seen[job_id] += 1
            count = self.seen[job_id]
        status = "in_progress" if count < self.polls else "completed"
        if job_id.startswith("lost"):
            raise httpx2.ReadError("gone")
        if job_id.startswith("bad") and status == "completed":
            status = "failed"
        if job_id.startswith("slow"):
            status = "in_progress"
        body = VIDEO | {"id": job_id, "status": status, "progress": 100 * count // self.polls}
        return httpx2.Response(200, json=body, headers={"openai-poll-after-ms": "10"})

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(self.pause)
        with self._lock:
            self.at_once -= 1
        return self.answer(request)

    async def handle_async(self, request: httpx2.Request) -> httpx2.Response:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(self.pause)
        self.at_once -= 1
        return self.answer(request)


@pytest.fixture(params=KINDS)
def make(request: pytest.FixtureRequest) -> Any:
    def build(gateway: Gateway) -> Any:
        if request.param == "sync":
            http: Any = httpx2.Client(transport=httpx2.MockTransport(gateway.handle))
        else:
            http = httpx2.AsyncClient(transport=httpx2.MockTransport(gateway.handle_async))
        return KINDS[request.param](
            "openai", base_url="http://gateway.invalid", api_key="k", http_client=http
        )

    return build


def test_the_ends_stand_in_the_order_of_the_jobs(make: Any) -> None:
    gateway = Gateway()
    with make(gateway) as client:
        ends = client.wait_all(["a", "bad", "slow", "b"], timeout=0.5, interval=0.01)

    assert [end.job_id for end in ends] == ["a", "bad", "slow", "b"]
    assert [end.ok for end in ends] == [True, False, False, True]
    assert ends[0].unwrap().state == "completed"
    assert isinstance(ends[1].error, JobFailed)
    assert isinstance(ends[2].error, WaitTimedOut)
    with pytest.raises(JobFailed):
        ends[1].unwrap()


def test_the_ends_come_as_they_happen(make: Any) -> None:
    gateway = Gateway()
    gateway.seen["early"] = 2
    with make(gateway) as client:
        ends = list(client.as_completed(["late", "early"], interval=0.05))

    assert [end.job_id for end in ends] == ["early", "late"]


def test_no_more_than_so_many_calls_are_made_at_once(make: Any) -> None:
    gateway = Gateway(polls=2, pause=0.01)
    with make(gateway) as client:
        ends = client.wait_all([f"v{n}" for n in range(20)], interval=0.01, concurrency=3)

    assert all(end.ok for end in ends)
    assert gateway.most_at_once == 3


def test_updates_come_in_the_thread_of_the_caller(make: Any) -> None:
    threads: set[str] = set()
    seen: Counter[str] = Counter()

    def note(job: VideoJob) -> None:
        threads.add(threading.current_thread().name)
        seen[job.id] += 1

    with make(Gateway()) as client:
        client.wait_all(["a", "b"], interval=0.01, on_update=note)

    assert threads == {threading.current_thread().name}
    assert seen == {"a": 3, "b": 3}


def test_the_deadline_is_for_all_of_them(make: Any) -> None:
    started = time.monotonic()
    with make(Gateway()) as client:
        ends = client.wait_all(
            [f"slow{n}" for n in range(6)], timeout=0.3, interval=0.05, concurrency=1
        )

    assert time.monotonic() - started < 2
    assert all(isinstance(end.error, WaitTimedOut) for end in ends)


def test_what_is_not_of_the_job_ends_everything(make: Any) -> None:
    def fall(_job: VideoJob) -> None:
        raise ZeroDivisionError

    with make(Gateway()) as client, pytest.raises(ZeroDivisionError):
        client.wait_all(["a", "b"], interval=0.01, on_update=fall)


def test_no_jobs_are_no_ends_and_no_threads_are_refused(make: Any) -> None:
    with make(Gateway()) as client:
        assert client.wait_all([]) == []
        with pytest.raises(ValueError, match="at least 1"):
            client.wait_all(["a"], concurrency=0)


def test_leaving_the_iteration_calls_the_rest_off() -> None:
    gateway = Gateway()
    http = httpx2.Client(transport=httpx2.MockTransport(gateway.handle))
    with VideoClient(
        "openai", base_url="http://g.invalid", api_key="k", http_client=http
    ) as client:
        ends = client.as_completed(["a", "slow"], interval=0.01)
        assert next(iter(ends)).job_id == "a"
        ends.close()  # type: ignore[attr-defined]
        polls = gateway.seen["slow"]
        time.sleep(0.1)
        assert gateway.seen["slow"] == polls
    assert not [t for t in threading.enumerate() if t.name.startswith("vidspec-client")]


def test_cancelling_the_task_calls_all_off() -> None:
    gateway = Gateway()

    async def main() -> None:
        http = httpx2.AsyncClient(transport=httpx2.MockTransport(gateway.handle_async))
        async with AsyncVideoClient(
            "openai", base_url="http://g.invalid", api_key="k", http_client=http
        ) as client:
            task = asyncio.create_task(client.wait_all(["slow1", "slow2"], interval=0.01))
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            polls = gateway.seen.total()
            assert polls > 2
            await asyncio.sleep(0.1)
            assert gateway.seen.total() == polls
            assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def test_a_restarted_program_goes_on_by_id() -> None:
    """The ids outlive the program: another client waits for the jobs, and pays for nothing."""
    with running("openai", job_seconds=0.3) as mock:
        with VideoClient("openai", base_url=mock.base_url, api_key="k") as first:
            kept = json.dumps([first.create(f"fox {n}").id for n in range(3)])
        assert mock.paid_calls == 3
        with VideoClient("openai", base_url=mock.base_url, api_key="k") as second:
            ends = second.wait_all(json.loads(kept), interval=0.05, timeout=20)
        assert [end.unwrap().state for end in ends] == ["completed"] * 3
        assert mock.paid_calls == 3


def test_a_dialects_own_client_waits_for_many_typed_jobs() -> None:
    gateway = Gateway()
    http = httpx2.Client(transport=httpx2.MockTransport(gateway.handle))
    with vidspec_client.openai.Client(
        base_url="http://g.invalid", api_key="k", http_client=http
    ) as client:
        ends = client.wait_all(["a", "bad"], interval=0.01)
        assert ends[0].unwrap().reply.status == "completed"
        assert isinstance(ends[1].error, JobFailed)
        assert {end.job_id for end in client.as_completed(["c", "d"], interval=0.01)} == {"c", "d"}

    async def main() -> list[Outcome[Any]]:
        http = httpx2.AsyncClient(transport=httpx2.MockTransport(gateway.handle_async))
        async with vidspec_client.openai.AsyncClient(
            base_url="http://g.invalid", api_key="k", http_client=http
        ) as client:
            ends = [end async for end in client.as_completed(["e"], interval=0.01)]
            return ends + await client.wait_all(["f"], interval=0.01)

    assert [end.job_id for end in asyncio.run(main())] == ["e", "f"]


def test_a_lost_job_ends_with_the_deadline(make: Any) -> None:
    with make(Gateway()) as client:
        (end,) = client.wait_all(["lost"], timeout=0.2, interval=0.05)
    assert isinstance(end.error, WaitTimedOut)
    assert isinstance(end.error.__cause__, TransportError)


def test_a_thousand_jobs_are_awaited_in_one_process(make: Any) -> None:
    gateway = Gateway(polls=3)
    with make(gateway) as client:
        client.wait_all(["warm"], interval=0.01)
        tracemalloc.start()
        before = time.process_time()
        ends = client.wait_all([f"v{n}" for n in range(1000)], interval=0.1)
        spent = time.process_time() - before
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert all(end.ok for end in ends)
    assert gateway.seen.total() == 3 * 1001
    # Seconds of CPU and bytes for 3,000 polls, traced, on a slow machine.
    assert spent < 20
    assert peak < 40e6
