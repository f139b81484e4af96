"""``vidspec proxy`` and ``vidspec check --har`` as processes: what they print, and how they end."""

import json
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from vidspec.cli import app
from vidspec.contract import load_contract
from vidspec.mock import faults_of, running


@pytest.mark.parametrize(
    ("fault", "number", "skip", "code"),
    [
        ("", signal.SIGINT, "errors-", 0),
        ("transport-request-id", signal.SIGTERM, "errors-", 0),
        ("schema-required", signal.SIGINT, "errors-", 1),
        ("schema-required", signal.SIGINT, "schema-", 0),
    ],
)
def test_a_signal_ends_the_proxy_with_a_whole_report(
    tmp_path: Path, fault: str, number: signal.Signals, skip: str, code: int
) -> None:
    contract = load_contract(dialects=["openai"])
    faults = faults_of(contract.requirements, [fault] if fault else [])
    report = tmp_path / "run.jsonl"
    command = [sys.executable, "-m", "vidspec", "proxy", "--dialect", "openai", "--port", "0"]
    with running("openai", job_seconds=0, faults=faults) as mock:
        command += ["--upstream", mock.base_url, "--report", str(report), "--skip", skip]
        with subprocess.Popen(command, stdout=-1, stderr=-1, text=True) as process:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1", url)
            body = json.dumps({"prompt": "an otter"}).encode()
            headers = {"authorization": "Bearer k-0123456", "content-type": "application/json"}
            request = urllib.request.Request(f"{url}/videos", body, headers)
            with urllib.request.urlopen(request, timeout=20) as reply:
                made = json.load(reply)["id"]
            request = urllib.request.Request(f"{url}/videos/{made}", headers=headers)
            # Whole: a caller who goes before the end leaves a reply that nobody can judge.
            with urllib.request.urlopen(request, timeout=20) as reply:
                reply.read()
            process.send_signal(number)
            out, err = process.communicate(timeout=60)

    assert process.returncode == code, err
    assert "2 exchanges judged" in err
    assert ("conforms" if code == 0 else "does not conform") in out
    footer = json.loads(report.read_text().splitlines()[-1])
    assert (footer["event"], footer["state"], footer["requests"]) == ("footer", "complete", 2)


@pytest.mark.parametrize("text", ["", "{}", '{"log": {"entries": [1]}}'])
def test_a_malformed_har_is_a_mistake_of_the_users(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.har"
    path.write_text(text)
    command = [sys.executable, "-m", "vidspec", "check", "--har", str(path), "--dialect", "openai"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 2
    assert str(path) in done.stderr
    assert "Traceback" not in done.stderr


def _har(folder: Path, job: dict[str, object]) -> Path:
    content = {"mimeType": "application/json", "text": json.dumps(job)}
    headers = [{"name": "content-type", "value": "application/json"}]
    entry = {
        "startedDateTime": "2026-01-01T00:00:01.000Z",
        "time": 40.5,
        "request": {"method": "GET", "url": "https://v.example.org/v1/videos/v1", "headers": []},
        "response": {"status": 200, "headers": headers, "content": content},
    }
    path = folder / "a.har"
    path.write_text(json.dumps({"log": {"entries": [entry]}}))
    return path


def _judge(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["check", "--har", str(path), *arguments])


def test_recorded_traffic_has_choice_and_baseline(tmp_path: Path) -> None:
    path = _har(tmp_path, {"id": "v1", "object": "video", "status": "queued"})
    known = str(tmp_path / "known.yaml")
    named = ["--dialect", "openai"]

    assert _judge(path, *named).exit_code == 1
    assert _judge(path, *named, "--skip", "schema-").exit_code == 0
    assert _judge(path, *named, "--only", "schema-").exit_code == 1
    assert "no requirement begins with 'moon-'" in str(
        _judge(path, *named, "--only", "moon-").exception
    )
    assert _judge(path, *named, "--baseline", known, "--update-baseline").exit_code == 0
    assert "schema-required" in Path(known).read_text()
    assert _judge(path, *named, "--baseline", known).exit_code == 0


def test_recorded_traffic_of_a_described_gateway(tmp_path: Path) -> None:
    path = _har(tmp_path, {"id": "v1", "object": "video", "status": "queued"})
    done = _judge(path, "--gateway", "vllm-omni")

    assert done.exit_code == 1
    assert "schema-required" in done.stdout
    assert "a dialect is missing" in str(_judge(path).exception)
