"""The mock inside Python: in a thread, beside an event loop, and as a pytest fixture."""

import asyncio
import importlib.metadata
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx2

from vidspec.mock import running, running_async

KEY = {"authorization": "Bearer one"}
TESTS = """
import httpx2
import pytest

KEY = {"authorization": "Bearer one"}
BODY = {"prompt": "A kite", "model": "sora-2"}
urls = []

@pytest.mark.parametrize("n", [1, 2])
def test_every_test_begins_without_jobs(vidspec_mock, n):
    url = vidspec_mock.base_url + "/videos"
    urls.append(url)
    assert httpx2.get(url, headers=KEY).json()["data"] == []
    assert httpx2.post(url, json=BODY, headers=KEY).status_code == 200
    assert vidspec_mock.paid_calls == 1

def test_one_server_serves_them_all():
    assert len(urls) == 2 and len(set(urls)) == 1

@pytest.mark.vidspec(job_seconds=0)
def test_marker_sets_options(vidspec_mock):
    url = vidspec_mock.base_url + "/videos"
    assert url not in urls
    made = httpx2.post(url, json=BODY, headers=KEY).json()
    assert httpx2.get(f"{url}/{made['id']}", headers=KEY).json()["status"] == "completed"

@pytest.mark.vidspec(script="queued, failed:moderation_blocked", fault="status=503 on=create times=1")
def test_marker_scripts_the_jobs(vidspec_mock):
    url = vidspec_mock.base_url + "/videos"
    assert url in urls
    assert httpx2.post(url, json=BODY, headers=KEY).status_code == 503
    made = httpx2.post(url, json=BODY, headers=KEY).json()
    states = [httpx2.get(f"{url}/{made['id']}", headers=KEY).json()["status"] for _ in range(2)]
    assert states == ["queued", "failed"]
    assert [e.status for e in vidspec_mock.journal] == [503, 200, 200, 200]

@pytest.mark.parametrize("n", [1, 2])
def test_nothing_is_left_of_it(vidspec_mock, n):
    url = vidspec_mock.base_url + "/videos"
    before = vidspec_mock.clock.monotonic()
    vidspec_mock.clock.freeze()
    made = httpx2.post(url, json=BODY, headers=KEY).json()
    assert httpx2.get(f"{url}/{made['id']}", headers=KEY).json()["status"] == "queued"
    vidspec_mock.clock.advance(86400)
    assert httpx2.get(f"{url}/{made['id']}", headers=KEY).json()["status"] == "completed"

@pytest.mark.vidspec("kling")
def test_marker_names_the_dialect(vidspec_mock):
    assert list(vidspec_mock.base_urls) == ["kling"]
"""


def run_pytest(
    folder: Path, configuration: str, *options: str
) -> "subprocess.CompletedProcess[str]":
    (folder / "pytest.toml").write_text(configuration)
    installed = importlib.metadata.entry_points(group="pytest11", name="vidspec")
    plugin = () if installed else ("-p", "vidspec.pytest_plugin")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugin, *options, "."],
        cwd=folder, capture_output=True, text=True, check=False, env=os.environ | {"COLUMNS": "200"},
    )  # fmt: skip


def test_plugin_gives_a_fresh_gateway_to_every_test(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TESTS)
    done = run_pytest(tmp_path, '[pytest]\nstrict = true\nvidspec_mock = ["openai"]\n')

    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 passed" in done.stdout


def test_plugin_asks_whom_to_play(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_a(vidspec_mock): pass\n")
    done = run_pytest(tmp_path, "[pytest]\n")

    assert done.returncode == 1
    assert "vidspec_mock must know whom to play" in done.stdout


def test_plugin_is_light() -> None:
    """Loading it into a pytest run that never asks for a gateway loads nothing else of ours."""
    code = """
import sys, pytest, vidspec.pytest_plugin
print(sorted(m for m in sys.modules if m.startswith("vidspec") or m in ("pydantic", "uvicorn", "starlette")))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "['vidspec', 'vidspec.pytest_plugin']"


def test_mock_is_called_by_its_name() -> None:
    """``with vidspec.mock("openai") as gateway:``, without an import of the module."""
    code = """
import vidspec
with vidspec.mock("openai", job_seconds=0) as gateway:
    gateway.clock.advance(5); gateway.script("polls 3"); gateway.reset()
    print(gateway.base_url.endswith("/v1"), list(gateway.journal))
try:
    vidspec.nothing
except AttributeError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == ["True []", "module 'vidspec' has no attribute 'nothing'"]


def test_mock_loads_no_framework() -> None:
    """What serves the mock is starlette's requests and replies, not FastAPI or pydantic: it starts in half the time.

    That holds for what it has answered, too.
    """
    code = """
import sys, urllib.request, vidspec
with vidspec.mock("openai") as gateway:
    ask = urllib.request.Request(gateway.base_url + "/videos", b'{"prompt": "a fox"}')
    ask.add_header("Authorization", "Bearer key")
    ask.add_header("Content-Type", "application/json")
    print(urllib.request.urlopen(ask).status, {"fastapi", "pydantic", "av", "httpx2"} & {*sys.modules})
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "200 set()"


def test_first_answer_comes_at_once() -> None:
    """Once imported and read, a mock starts and answers in a few hundredths of a second."""
    times = []
    with httpx2.Client(headers=KEY) as http:  # To make a client takes longer than to make a mock.
        for _ in range(8):
            begun = time.perf_counter()
            with running("openai") as gateway:
                assert http.get(f"{gateway.base_url}/videos").status_code == 200
                times.append(time.perf_counter() - begun)

    assert min(times) < 0.1


def test_async_variant_leaves_the_loop_alone() -> None:
    """While the mock starts and ends, the loop goes on; inside, async clients reach it."""

    async def talk() -> tuple[int, float]:
        async with running_async("openai", job_seconds=0) as gateway, httpx2.AsyncClient() as http:
            response = await http.get(f"{gateway.base_url}/videos", headers=KEY)
            return response.status_code, 0.0

    async def both() -> tuple[int, float]:
        worst, before = 0.0, time.perf_counter()
        task = asyncio.create_task(talk())
        while not task.done():
            await asyncio.sleep(0.001)
            worst, before = max(worst, time.perf_counter() - before), time.perf_counter()
        return (await task)[0], worst

    with running("openai"):  # Reads the specification, which takes its time once.
        pass
    status, worst = asyncio.run(both())
    assert status == 200
    assert worst < 0.25
