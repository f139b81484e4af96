"""Jobs in the store: their walk through the states, lists, ids, bounds."""

import re

import pytest

from vidspec.contract.model import State
from vidspec.mock.clock import ManualClock
from vidspec.mock.identity import id_maker
from vidspec.mock.job import Job
from vidspec.mock.store import JobStore


def make_job(
    identity: str, clock: ManualClock, duration: float = 10, *, outcome: State = "completed"
) -> Job:
    """Make a job of the dialect ``d``, surface ``s``."""
    return Job(
        id=identity, dialect="d", surface="s", role="create", created_at=clock.wall(),
        started=clock.monotonic(), duration=duration,
        outcome=outcome, params={},
    )  # fmt: skip


def walk(job: Job, clock: ManualClock) -> list[tuple[str, int]]:
    """Look at the job every second for twelve seconds."""
    seen: list[tuple[str, int]] = []
    for _ in range(12):
        seen.append((job.state(clock.monotonic()), job.progress(clock.monotonic())))
        clock.advance(1)
    return seen


def test_job_walks_from_queue_to_completion() -> None:
    """Queued at 0 %, then in progress and rising to 99 %, then completed at 100 % for good."""
    clock = ManualClock()
    seen = walk(make_job("a", clock), clock)

    assert [state for state, _ in seen] == ["queued"] * 2 + ["in_progress"] * 8 + ["completed"] * 2
    progress = [percent for _, percent in seen]
    assert progress == sorted(progress)
    assert (progress[0], progress[9] < 100, progress[-1]) == (0, True, 100)


def test_job_may_fail() -> None:
    """A job that fails never shows 100 %."""
    clock = ManualClock()
    seen = walk(make_job("a", clock, outcome="failed"), clock)

    assert seen[-1][0] == "failed"
    assert max(percent for _, percent in seen) < 100


def test_job_without_duration_is_finished_at_once() -> None:
    """Zero seconds: completed when first looked at."""
    clock = ManualClock()

    assert make_job("a", clock, duration=0).state(clock.monotonic()) == "completed"


@pytest.mark.parametrize("newest_first", [True, False])
def test_cursor_walks_every_job_once(newest_first: bool) -> None:
    """Pages by cursor hold each job once, in order, and say when no more follow."""
    clock = ManualClock()
    store = JobStore(clock)
    ids = [store.add(make_job(f"job{n}", clock)).id for n in range(5)]
    seen: list[str] = []
    more = True
    while more:
        page = store.after("d", "s", seen[-1] if seen else None, 2, newest_first=newest_first)
        assert page is not None
        seen += [job.id for job in page.items]
        more = page.has_more

    assert seen == (ids[::-1] if newest_first else ids)


def test_unknown_cursor_is_no_page() -> None:
    """A cursor that names no job gives nothing to page from."""
    assert JobStore(ManualClock()).after("d", "s", "x", 2, newest_first=True) is None


def test_pages_by_number() -> None:
    """Page numbers count from one; past the end there is nothing."""
    clock = ManualClock()
    store = JobStore(clock)
    for n in range(5):
        store.add(make_job(f"job{n}", clock))
    pages = [store.page("d", "s", n, 2, newest_first=True) for n in (1, 2, 3, 4)]

    assert [[job.id for job in page.items] for page in pages] == [
        ["job4", "job3"], ["job2", "job1"], ["job0"], [],
    ]  # fmt: skip
    assert [page.has_more for page in pages] == [True, True, False, False]
    assert {page.total for page in pages} == {5}


def test_deleted_job_is_gone() -> None:
    """Deleting removes the job, its place in lists and its media address; once only."""
    clock = ManualClock()
    store = JobStore(clock)
    job = store.add(make_job("a", clock))

    assert store.delete("d", "a") is job
    assert store.delete("d", "a") is None
    assert store.get("d", "a") is None
    assert store.by_token(job.token) is None


def test_store_is_bounded() -> None:
    """The oldest jobs go when there are too many."""
    clock = ManualClock()
    store = JobStore(clock, max_jobs=3)
    for n in range(10):
        store.add(make_job(f"job{n}", clock))

    page = store.page("d", "s", 1, 100, newest_first=True)
    assert [job.id for job in page.items] == ["job9", "job8", "job7"]


@pytest.mark.parametrize(
    ("example", "pattern"),
    [
        ("video_68d7512d07848190b3e45da0ecbebcde004da08e1e0678d5", r"video_[1-9a-f][0-9a-f]{47}"),
        ("831922345719271433", r"[1-9][0-9]{17}"),
        ("task_9f86d081884c:provider", r"task_[1-9a-f][0-9a-f]{11}:provider"),
        ("0b5c1f6e-8d54-4c5e-9a55-0f8a4a1a6f0e", r"[0-9a-f-]{36}"),
        ("gen-vid-1776957700-MJUxzhtDXjPVm2hKLaMT", r"gen-vid-1776957700-[0-9A-Za-z]{20}"),
        ("video_123", r"video_[1-9][0-9]{11}"),
    ],
)
def test_ids_look_like_the_example(example: str, pattern: str) -> None:
    """Prefix, alphabet, length and suffix are the example's; the tail is fresh."""
    make = id_maker(example)
    made = {make() for _ in range(50)}

    assert len(made) == 50
    assert all(re.fullmatch(pattern, identity) for identity in made)
