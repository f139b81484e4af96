"""Courses of jobs: the grammar of scripts, and jobs that follow them over HTTP."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from mock.talk import Talk
from mock.test_mock_store import make_job
from vidspec.contract import Contract
from vidspec.errors import UsageError
from vidspec.mock import ManualClock, MockGateway, MockOptions, SystemClock, read_scripts, running
from vidspec.mock.course import SCRIPT_HEADER, duration, ending, steps_of
from vidspec.mock.keeping import SqliteKeeper
from vidspec.mock.store import JobStore

LONG = 'queued*2, 0%, 37%, 80%, failed:moderation_blocked "No, not this"'


def polled(script: str, times: int, clock: ManualClock | None = None) -> list[tuple[str, int]]:
    """Follow a script by retrieving, a second between any two."""
    clock = clock or ManualClock()
    job = make_job("a", clock)
    job.follow(script, clock.monotonic())
    seen: list[tuple[str, int]] = []
    for _ in range(times):
        job.poll(clock.monotonic())
        seen.append((job.state(clock.monotonic()), job.progress(clock.monotonic())))
        clock.advance(1)
    return seen


@pytest.mark.parametrize(
    ("script", "seen"),
    [
        (LONG, "queued 0|queued 0|in_progress 0|in_progress 37|in_progress 80|failed 80|failed 80"),
        ("immediate", "completed 100|completed 100"),
        ("polls 3", "queued 0|in_progress 50|in_progress 99|completed 100|completed 100"),
        ("polls 1", "queued 0|completed 100"),
        ("polls 0", "completed 100"),
        ("manual", "queued 0|queued 0|queued 0"),
        ("time 5s", "queued 0|in_progress 0|in_progress 25|in_progress 50|in_progress 74|completed 100"),
        ("completed for 2s, expired", "completed 100|completed 100|expired 100"),
        ("queued, 10%", "queued 0|in_progress 10|in_progress 10"),
        ("queued for 1s, 40..60%*2, cancelled", "queued 0|in_progress 50|in_progress 60|cancelled 60"),
    ],
)  # fmt: skip
def test_scripts_are_followed(script: str, seen: str) -> None:
    expected = seen.split("|")

    assert [f"{s} {p}" for s, p in polled(script, len(expected))] == expected


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("", "no list"), ("queued,", "no list"), ("done", "no state"), ("101%", "percentage"),
        ("80..20%", "percentage"), ("failed, completed", "cannot follow"), ("50%, queued", "cannot follow"),
        ("queued*0", "no retrieval"), ("queued:why", "reason"), ("completed:why", "reason"),
        ("queued for 3x", "no length"), ("time", "number behind"), ("polls 1.5", "no number"),
        ("manual 3", "takes no number"), ("queued x", "no step"), ("queued, " * 300 + "completed", "more than"),
        ("q" * 5000, "characters"), ('failed "open', "no step|no list"),
    ],
)  # fmt: skip
def test_wrong_scripts_are_refused(script: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        steps_of(script)


@pytest.mark.parametrize("message", ['say "hi", now', "back\\", '\\"', "two\nlines, 80%", "a"])
def test_reason_may_have_any_text(message: str) -> None:
    """Quotes, commas and backslashes of a message are no part of the script that says it."""
    (step,) = steps_of(ending("failed", "a.b", message))

    assert (step.code, step.message) == ("a.b", message)
    assert len(steps_of(f"queued, 50%, {ending('failed', None, message)}")) == 3


@pytest.mark.parametrize("code", ["a:b", "x y", 'a"', "a, completed"])
def test_code_is_one_word(code: str) -> None:
    """What a script cannot say as a code is refused as a code."""
    with pytest.raises(UsageError, match="the code"):
        ending("failed", code, None)


def test_lengths_of_time() -> None:
    assert [duration(t) for t in ("90", "200ms", "1.5h", "1 d")] == [90, 0.2, 5400, 86400]
    with pytest.raises(UsageError, match="no length of time"):
        duration("-1s")


def test_command_line_gives_scripts(tmp_path: Path) -> None:
    """For all models, for one, from a file; an equals sign inside a script is its own."""
    (tmp_path / "s.yaml").write_text('"*": polls 3\nsora-*: "queued*2, completed"\n')

    assert read_scripts(["polls 5", "big=time 1h"]) == {"*": "polls 5", "big": "time 1h"}
    assert read_scripts(["queued, !status=503, completed"]) == {
        "*": "queued, !status=503, completed"
    }
    assert read_scripts([f"@{tmp_path / 's.yaml'}"])["sora-*"] == "queued*2, completed"
    (tmp_path / "s.yaml").write_text("- polls 3\n")
    for wrong in (f"@{tmp_path / 's.yaml'}", f"@{tmp_path / 'none'}", "nonsense"):
        with pytest.raises(UsageError):
            read_scripts([wrong])


def test_jobs_are_moved_by_hand() -> None:
    """Advancing goes through the usual course and through a script; an end is kept to."""
    clock = ManualClock()
    job = make_job("a", clock)
    assert [(job.advance(0.0), job.state(0.0)) for _ in range(3)] == [
        (True, "in_progress"), (True, "completed"), (False, "completed"),
    ]  # fmt: skip
    job.end("expired", 0.0)
    assert job.state(0.0) == "expired"
    with pytest.raises(UsageError, match="cannot follow"):
        job.end("failed", 0.0)
    job = make_job("b", clock)
    clock.advance(6)
    job.end("failed:x", clock.monotonic())
    assert (job.state(99.0), job.progress(99.0), job.reason(99.0)) == ("failed", 50, ("x", None))
    assert job.ended_at(99.0) == job.created_at + 6


def test_scripted_jobs_outlive_the_process(tmp_path: Path) -> None:
    """Another process goes on in the same step, after as many retrievals."""
    clock = ManualClock()
    store = JobStore(clock, keeper=SqliteKeeper(tmp_path / "jobs.sqlite"))
    job = make_job("a", clock)
    job.follow("queued*3, 37% for 10s, failed:x", 0.0)
    store.add(job)
    for _ in range(4):
        job.poll(clock.monotonic())
    store.changed(job)
    asyncio.run(store.settled())
    store.close()
    later = ManualClock()
    later.advance(6)
    again = JobStore(later, keeper=SqliteKeeper(tmp_path / "jobs.sqlite"))
    (back,) = again.live("a")

    assert (back.at, back.state(later.monotonic()), back.polls) == (1, "in_progress", 4)
    later.advance(5)
    assert back.reason(later.monotonic()) == ("x", None)
    again.close()


def test_system_clock_can_be_turned() -> None:
    """It goes by itself, is advanced, stands still, and goes on from there."""
    clock = SystemClock()
    start, date = clock.monotonic(), clock.wall()
    clock.advance(86400)
    assert 86400 <= clock.monotonic() - start < 86500
    assert 86400 <= clock.wall() - date < 86500
    clock.freeze()
    stood = clock.monotonic()
    clock.advance(5)
    assert (clock.monotonic(), clock.frozen) == (stood + 5, True)
    clock.resume()
    assert stood + 5 <= clock.monotonic() < stood + 100
    for wrong in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="time"):
            clock.advance(wrong)


@pytest.fixture(scope="module")
def gateway(contract: Contract) -> Iterator[MockGateway]:
    options = MockOptions(job_seconds=10, clock=ManualClock())
    with running("openai", "kling", contract=contract, options=options) as gateway:
        yield gateway


@pytest.fixture
def talk(gateway: MockGateway, contract: Contract) -> Iterator[Talk]:
    gateway.reset()
    with httpx2.Client() as http:
        yield Talk(gateway, contract.dialects["openai"], http)


def made(talk: Talk, script: str, **body: str) -> httpx2.Response:
    sent = {"model": "sora-2", "prompt": "A kite"} | body
    return talk.call("create", json=sent, headers={SCRIPT_HEADER: script})


def test_request_scripts_its_job(talk: Talk) -> None:
    """A header gives one job its course, told in the dialect's words; the next one goes by time."""
    reply = made(talk, LONG)
    assert reply.status_code == 200
    assert reply.json()["status"] == "queued"
    shown = [talk.call("retrieve", reply.json()["id"]).json() for _ in range(6)]

    assert [s["status"] for s in shown] == ["queued"] * 2 + ["in_progress"] * 3 + ["failed"]
    assert [s["progress"] for s in shown][2:5] == [0, 37, 80]
    assert shown[-1]["error"] == {"code": "moderation_blocked", "message": "No, not this"}
    assert talk.call("list").json()["data"][0]["error"]["code"] == "moderation_blocked"
    assert talk.retrieve(talk.create().id).state == "queued"


def test_wrong_header_is_refused_in_the_dialects_words(talk: Talk) -> None:
    for script, why in (
        ("nonsense", "names no state"),
        ("queued, expired", "no word for 'expired'"),
    ):
        reply = made(talk, script)
        assert (reply.status_code, reply.json()["error"]["type"]) == (400, "invalid_request_error")
        assert why in reply.json()["error"]["message"]


def test_gateway_scripts_models(talk: Talk, gateway: MockGateway) -> None:
    """A course for all, another for one model; a reset forgets both."""
    gateway.script("immediate")
    gateway.script("failed:x", model="sora-2-*")
    assert [made_state(talk, model) for model in ("sora-2", "sora-2-pro")] == [
        "completed",
        "failed",
    ]
    gateway.script(None, model="sora-2-*")
    assert made_state(talk, "sora-2-pro") == "completed"
    gateway.reset()
    assert made_state(talk, "sora-2") == "queued"
    with pytest.raises(UsageError):
        gateway.script("nonsense")


def made_state(talk: Talk, model: str) -> str | None:
    return talk.retrieve(talk.create(model=model).id).state


def test_day_long_jobs_take_no_time(talk: Talk, gateway: MockGateway) -> None:
    job = made(talk, "time 1d").json()["id"]
    assert talk.retrieve(job).state == "queued"
    gateway.clock.advance(86401)

    assert talk.retrieve(job).state == "completed"


def test_store_tells_who_watches() -> None:
    """New jobs and jobs moved by retrievals or by hand are told; the passing of time is not."""
    clock = ManualClock()
    store, told = JobStore(clock), list[str]()
    store.watch(lambda job: told.append(job.id))
    job = store.add(make_job("a", clock))
    clock.advance(5)
    store.changed(job)
    store.changed(make_job("not kept", clock))

    assert told == ["a", "a"]


@pytest.mark.parametrize("name", ["openai", "kling"])
def test_results_are_kept_as_long_as_the_dialect_says(
    gateway: MockGateway, contract: Contract, name: str
) -> None:
    """A video can be fetched until its retention is over, and no longer: hours and days in no time."""
    gateway.reset()
    dialect = contract.dialects[name]
    kept = dialect.surface.retention_seconds
    assert kept is not None
    with httpx2.Client() as http:
        talk = Talk(gateway, dialect, http)
        job = talk.create()
        gateway.clock.advance(10)

        def fetched() -> httpx2.Response:
            urls = talk.retrieve(job.id).output_urls
            return http.get(urls[0]) if urls else talk.call("content", job.id)

        assert fetched().status_code == 200
        gateway.clock.advance(kept - 1)
        assert fetched().status_code == 200
        gateway.clock.advance(2)
        late = fetched()
    assert late.status_code in {404, 410}
    if not job.output_urls and name == "openai":
        assert "has expired" in late.json()["error"]["message"]


def test_a_script_is_held_to_the_words_of_the_dialect() -> None:
    """In Python and over the API as at the start; of a script for some models it is enough that somebody can say it."""
    with running("kling", "openrouter") as both:
        for script in ("queued, expired", "cancelled"):
            with pytest.raises(UsageError, match="kling has no word for"):
                both.script(script)
            both.script(script, model="google/*")
        told = httpx2.post(f"{both.url}/_vidspec/scripts", json={"script": "expired"})
        assert (told.status_code, "no word for 'expired'" in told.text) == (400, True)
        both.script("cancelled", model="*/veo*")
        with pytest.raises(UsageError, match="is no step"):
            both.script("?")


def test_a_course_that_this_surface_cannot_take_is_told() -> None:
    """One surface of a dialect has the word, another has not: its jobs are refused instead of shown wrongly."""
    with running("newapi", scripts={"*": "queued, expired"}) as gateway, httpx2.Client() as http:
        http.headers["authorization"] = "Bearer any"
        body = {"model": "sora-2", "prompt": "a kite"}
        reply = http.post(f"{gateway.url}/v1/videos", json=body)
        assert (reply.status_code, "no word for 'expired'" in reply.text) == (400, True)
        assert len(gateway.app.store) == 0
