"""LiteLLM, as a client of the mock and as a proxy in front of it.

``VIDSPEC_LITELLM`` names the Python of a virtual environment that has ``litellm[proxy]`` (the ``interop`` session
makes one: its pins do not fit beside ours).
"""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import httpx2
import pytest

from client.journeys import environment, journeys
from vidspec.conformance import Run, load_baseline, read_lines
from vidspec.contract import load_contract, load_gateways
from vidspec.mock import MockGateway, running
from vidspec_client import VideoClient

pytestmark = pytest.mark.interop

LITELLM = Path(os.environ.get("VIDSPEC_LITELLM", "litellm-is-not-installed"))
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": os.environ.get("HOME", "/"),
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "NO_PROXY": "127.0.0.1",
    # What it cannot place it sends to api.openai.com: not from here.
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "AIOHTTP_TRUST_ENV": "True",
}
BASELINE = Path(__file__).parent / "data" / "litellm-baseline.yaml"
CONFIG = """
model_list:
  - model_name: sora-2
    litellm_params: {{model: openai/sora-2, api_base: "{upstream}", api_key: sk-upstream}}
general_settings:
  master_key: os.environ/LITELLM_MASTER_KEY
"""


@dataclass(frozen=True)
class Proxy:
    """A running LiteLLM proxy and the mock behind it."""

    base_url: str
    key: str
    upstream: MockGateway


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def upstream() -> Iterator[MockGateway]:
    """Start the mock with quick jobs."""
    with running("openai", job_seconds=1.5) as started:
        yield started


@pytest.fixture(scope="module")
def proxy(upstream: MockGateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """Start the proxy without a database, on loopback, and stop it."""
    folder = tmp_path_factory.mktemp("litellm")
    (folder / "config.yaml").write_text(CONFIG.format(upstream=upstream.base_url))
    key, port = f"sk-{secrets.token_hex(24)}", free_port()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                str(LITELLM.parent / "litellm"), "--config", str(folder / "config.yaml"),
                "--host", "127.0.0.1", "--port", str(port), "--telemetry", "False",
            ],
            env={**ENVIRONMENT, "LITELLM_MASTER_KEY": key},
            cwd=folder,
            stdout=log,
            stderr=log,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + 120
            while not up(port):
                assert process.poll() is None, (folder / "log").read_text()[-2000:]
                assert time.monotonic() < deadline, (folder / "log").read_text()[-2000:]
                time.sleep(0.5)
            yield Proxy(f"http://127.0.0.1:{port}/v1", key, upstream)
        finally:
            process.terminate()
            process.wait(20)


def up(port: int) -> bool:
    """Say whether the proxy answers."""
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/health/liveliness", timeout=2).is_success
    except httpx2.HTTPError:
        return False


def test_litellms_client_makes_a_video(upstream: MockGateway) -> None:
    """Its own client creates, polls, downloads, lists and remixes."""
    script = Path(__file__).parent / "litellm_client.py"
    done = subprocess.run(
        [str(LITELLM), str(script), upstream.base_url],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]

    said = json.loads(done.stdout.strip().splitlines()[-1])
    assert ("completed", True, "queued") == (said["status"], said["mp4"], said["remixed"])
    assert said["listed"] >= 1


def test_our_client_makes_a_video_through_the_proxy(proxy: Proxy, tmp_path: Path) -> None:
    """The unified client, told that it speaks to LiteLLM, makes and saves a video through it."""
    path = tmp_path / "tram.mp4"
    with VideoClient("litellm", base_url=proxy.base_url, api_key=proxy.key) as client:
        made = client.generate(
            "A tram at night", path, model="sora-2", seconds=4, size="1280x720", timeout=60
        )

    assert "completed" == made.job.state
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        assert (1280, 720) == (stream.width, stream.height)


def test_the_proxy_fails_as_its_baseline_says_and_in_no_other_way(
    proxy: Proxy, tmp_path: Path
) -> None:
    """Every failure is listed with its reason, and every entry is still true."""
    report = tmp_path / "run.jsonl"
    done = subprocess.run(
        [
            sys.executable, "-m", "vidspec", "check", proxy.base_url, "--dialect", "openai",
            "--mode", "smoke", "--model", "sora-2", "--baseline", str(BASELINE),
            "--report", str(report),
        ],
        env={**os.environ, "OPENAI_API_KEY": proxy.key},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip

    run = Run.of(read_lines(report.read_text().splitlines()))
    assert (run.having("fail", "untestable", "warn", "error"), run.lapsed) == ((), ())
    assert done.returncode == 0, done.stdout + done.stderr
    entries = load_baseline(BASELINE, load_contract())
    assert {entry.requirement for entry in entries} == set(run.having("known"))
    assert {"create-accepted", "retrieve-reaches-end", "media-size"} <= set(run.having("pass"))
    assert run.footer.paid <= 3
    assert proxy.key not in report.read_text() + done.stdout + done.stderr


def test_the_documented_journey_is_made_through_the_proxy(
    proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What docs/journeys.md says of LiteLLM is so: one paid call, one film."""
    paid = proxy.upstream.paid_calls
    monkeypatch.chdir(tmp_path)
    for variable, value in environment(
        load_gateways()["litellm"], proxy.base_url, proxy.key
    ).items():
        monkeypatch.setenv(variable, value)
    exec(compile(journeys()["litellm"], "docs/journeys.md", "exec"), {"__name__": "journey"})

    assert paid + 1 == proxy.upstream.paid_calls
    with av.open(str(tmp_path / "fox.mp4")) as film:
        assert film.streams.video[0].width == 1280
