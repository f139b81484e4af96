"""State: lists by index, bounds, spaces, snapshots, and a file that survives kill -9."""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx2
import pytest

from vidspec.contract import Contract
from vidspec.errors import UsageError
from vidspec.mock import ManualClock, MockGateway, MockOptions, build_app, running
from vidspec.mock.characters import Character
from vidspec.mock.job import Job
from vidspec.mock.keeping import SqliteKeeper, freeze, thaw
from vidspec.mock.shelf import Shelf
from vidspec.mock.spaces import SPACE
from vidspec.mock.store import JobStore

from .test_mock_store import make_job

KEY = {"authorization": "Bearer one"}
BODY = {"model": "sora-2", "prompt": "A kite", "seconds": "4"}


def filled(count: int, **settings: object) -> JobStore:
    clock = ManualClock()
    store = JobStore(clock, **settings)  # type: ignore[arg-type]
    for n in range(count):
        store.add(make_job(f"job{n}", clock))
        clock.advance(1)
    return store


def ids(store: JobStore) -> list[str]:
    return [job.id for job in store.page("d", "s", 1, 1000, newest_first=False).items]


def test_shelf_keeps_its_order_whatever_is_removed() -> None:
    """After removals at both ends and between, places and cuts are those of a plain list."""
    shelf: Shelf[int] = Shelf()
    for n in range(20_000):
        shelf.add(n, n)
    kept = [n for n in range(9_000, 20_000) if n % 7]
    for n in range(20_000):
        if n < 9_000 or not n % 7:
            shelf.remove(n)

    assert len(shelf) == len(kept)
    assert list(shelf) == kept[::-1]
    assert shelf.cut(5, 3, newest_first=False) == kept[5:8]
    assert shelf.cut(5, 3, newest_first=True) == kept[::-1][5:8]
    assert shelf.cut(len(kept) - 1, 3, newest_first=True) == kept[:1]
    assert [shelf.place(kept[7], newest_first=order) for order in (False, True)] == [
        7, len(kept) - 8,
    ]  # fmt: skip
    with pytest.raises(KeyError):
        shelf.remove(7)


def test_pages_do_not_walk_over_every_job() -> None:
    """A page behind a cursor in fifty thousand jobs costs no more than a few of them."""
    store = filled(50_000)
    begun = time.perf_counter()
    for _ in range(200):
        page = store.after("d", "s", "job25000", 20, newest_first=True)
    spent = time.perf_counter() - begun

    assert page is not None
    assert [job.id for job in page.items][:2] == ["job24999", "job24998"]
    assert spent < 0.5


def test_jobs_are_bounded_by_age_and_bytes() -> None:
    """What is too old, or too much, goes from the old end."""
    assert ids(filled(20, max_age=5)) == [f"job{n}" for n in range(14, 20)]
    kept = filled(20, max_bytes=4 * 1500)
    assert ids(kept) == ["job16", "job17", "job18", "job19"]
    assert kept.held_bytes == 4 * 1500


def test_external_ids_name_the_newest_job() -> None:
    """The newest job of a caller's own id is found; when it goes, the one before."""
    clock = ManualClock()
    store = JobStore(clock)
    for n in range(3):
        job = make_job(f"job{n}", clock)
        job.params["external_id"] = "mine"
        store.add(job)
    found = []
    while (job_found := store.find("d", "external_id", "mine")) is not None:
        found.append(job_found.id)
        store.delete("d", job_found.id)

    assert found == ["job2", "job1", "job0"]


def test_spaces_do_not_see_each_other() -> None:
    """Jobs, lists, deletions and resets stay within their space."""
    store = filled(2)
    before = SPACE.set("other")
    assert store.get("d", "job0") is None
    assert ids(store) == []
    store.add(make_job("job9", ManualClock()))
    assert ids(store) == ["job9"]
    SPACE.reset(before)
    assert ids(store) == ["job0", "job1"]
    store.reset("other")
    assert (len(store), ids(store)) == (2, ["job0", "job1"])


def test_snapshot_brings_everything_back() -> None:
    """Whatever happens after a snapshot is undone by restoring it, again and again."""
    store = filled(3)
    store.count_paid()
    then = store.snapshot()
    for _ in range(2):
        store.delete("d", "job1")
        store.add(make_job("new", ManualClock()))
        job = store.get("d", "job0")
        assert job is not None
        job.duration, job.polls = 0, 7
        store.count_paid()
        store.restore(then)
        back = store.get("d", "job0")
        assert back is not None
        assert (ids(store), store.paid_calls) == (["job0", "job1", "job2"], 1)
        assert (back.duration, back.polls) == (10, 0)
        assert store.by_token(back.token) is back


def test_frozen_values_come_back() -> None:
    """Jobs survive freezing field by field; moments of elapsed time are moved."""
    job = make_job("a", ManualClock())
    job.params |= {"n": 2, "size": "64x64", "tags": ["a", ("b", None)]}
    back = thaw(json.loads(json.dumps(freeze(job))), 5.0)

    assert isinstance(back, Job)
    assert back.started == job.started + 5
    back.started, back.since = job.started, job.since
    assert back == job
    assert freeze(b"a file") is None
    with pytest.raises(ValueError, match="unknown"):
        thaw({"object": "os:system", "has": {}})


def test_file_keeps_what_was_settled(tmp_path: Path) -> None:
    """Another process's store has the same jobs, in order, at the same stage of their life."""
    clock = ManualClock()
    store = JobStore(clock, keeper=SqliteKeeper(tmp_path / "jobs.sqlite"))
    for n in range(5):
        store.add(make_job(f"job{n}", clock, duration=100))
    store.delete("d", "job2")
    store.characters.add("d", Character("c", "Ann", 1.0))
    store.count_paid()
    asyncio.run(store.settled())
    store.close()
    later = ManualClock()
    later.advance(40)
    again = JobStore(later, keeper=SqliteKeeper(tmp_path / "jobs.sqlite"))

    assert ids(again) == ["job0", "job1", "job3", "job4"]
    job = again.get("d", "job4")
    assert job is not None
    assert (job.state(later.monotonic()), round(job.done(later.monotonic()), 2)) == (
        "in_progress",
        0.4,
    )
    assert again.characters.get("d", "c") == Character("c", "Ann", 1.0)
    assert again.paid_calls == 1
    again.add(make_job("job5", later))
    assert ids(again)[-1] == "job5"
    again.close()


def test_file_is_refused_if_it_is_none_of_ours(tmp_path: Path) -> None:
    """A text file, and a store that another mock has open, are told as wrong usage."""
    (tmp_path / "text").write_text("not a database, but long enough to look at" * 50)
    with pytest.raises(UsageError, match="cannot keep jobs"):
        SqliteKeeper(tmp_path / "text")
    first = SqliteKeeper(tmp_path / "jobs.sqlite")
    with pytest.raises(UsageError, match="locked"):
        SqliteKeeper(tmp_path / "jobs.sqlite")
    first.close()


def test_store_that_cannot_be_written_acknowledges_nothing(tmp_path: Path) -> None:
    """Once a batch has failed, whoever waits for it to be safe is told so."""
    keeper = SqliteKeeper(tmp_path / "jobs.sqlite")
    keeper._file.execute("DROP TABLE kept")
    keeper.put("job", ("", "d", "a"), 1)
    with pytest.raises(OSError, match="cannot be written"):
        asyncio.run(keeper.settled())
    with pytest.raises(OSError, match="cannot be written"):
        asyncio.run(keeper.settled())
    keeper.close()


def create(gateway: MockGateway, **headers: str) -> str:
    response = httpx2.post(f"{gateway.base_url}/videos", json=BODY, headers=KEY | headers)
    assert response.status_code == 200
    identity: str = response.json()["id"]
    return identity


def listed(gateway: MockGateway, **headers: str) -> list[str]:
    response = httpx2.get(f"{gateway.base_url}/videos", headers=KEY | headers)
    return [job["id"] for job in response.json()["data"]]


def test_callers_are_kept_apart_by_header_and_by_key(contract: Contract) -> None:
    """A named space always separates; keys do where it was asked for."""
    with running("openai", contract=contract, isolate_keys=True) as gateway:
        one = create(gateway)
        two = create(gateway, authorization="Bearer two")
        three = create(gateway, **{"vidspec-space": "test-3"})

        assert listed(gateway) == [one]
        assert listed(gateway, authorization="Bearer two") == [two]
        assert listed(gateway, **{"vidspec-space": "test-3"}) == [three]
        then = gateway.snapshot()
        gateway.reset("test-3")
        assert listed(gateway, **{"vidspec-space": "test-3"}) == []
        gateway.restore(then)
        assert listed(gateway, **{"vidspec-space": "test-3"}) == [three]


def test_files_of_a_request_are_not_kept(contract: Contract) -> None:
    """A picture to start from takes no room in the store."""
    app = build_app(contract, ["openai"], MockOptions())
    with running("openai", contract=contract) as gateway:
        big = ("a.png", b"\x89PNG" + bytes(500_000), "image/png")
        response = httpx2.post(
            f"{gateway.base_url}/videos",
            data={"prompt": "A kite"},
            files={"input_reference": big},
            headers=KEY,
        )
        assert response.status_code == 200
        assert gateway.app.store.held_bytes < 5_000
    assert len(app.store) == 0


def test_nothing_acknowledged_is_lost_by_kill_9(tmp_path: Path) -> None:
    """A mock killed while eight callers create jobs has every acknowledged one after its restart."""
    path = tmp_path / "jobs.sqlite"
    made: list[str] = []
    process, url = started(path)
    callers = [threading.Thread(target=create_on, args=(url, made)) for _ in range(8)]
    for caller in callers:
        caller.start()
    deadline = time.monotonic() + 20
    while len(made) < 200 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    for caller in callers:
        caller.join()
    process, url = started(path)
    known: list[str] = []
    while True:
        query = {"limit": "100"} | ({"after": known[-1]} if known else {})
        page = httpx2.get(f"{url}/videos", headers=KEY, params=query).json()
        known += [job["id"] for job in page["data"]]
        if not page["has_more"]:
            break
    process.terminate()
    process.wait(10)

    assert len(made) >= 200
    assert set(made) <= set(known)
    assert len(known) == len(set(known))
    with sqlite3.connect(path) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    file.close()


def started(path: Path) -> tuple["subprocess.Popen[str]", str]:
    command = [
        sys.executable,
        "-m",
        "vidspec",
        "mock",
        "openai",
        "--port",
        "0",
        "--store",
        str(path),
    ]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    with process.stdout:
        return process, process.stdout.readline().split(": ")[1].strip()


def create_on(url: str, made: list[str]) -> None:
    with httpx2.Client(headers=KEY) as http:
        while True:
            try:
                response = http.post(f"{url}/videos", json=BODY)
            except httpx2.TransportError:
                return
            if response.status_code == 200:
                made.append(response.json()["id"])
