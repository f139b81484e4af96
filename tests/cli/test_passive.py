"""``vidspec proxy`` and ``vidspec check --har`` as processes: what they print, and how they end."""

import json
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from vidspec.contract import load_contract
from vidspec.mock import faults_of, running


@pytest.mark.parametrize(
    ("fault", "number", "code"),
    [("", signal.SIGINT, 0), ("transport-request-id", signal.SIGTERM, 0), ("schema-required", signal.SIGINT, 1)],
)  # fmt: skip
def test_a_signal_ends_the_proxy_with_a_whole_report(
    tmp_path: Path, fault: str, number: signal.Signals, code: int
) -> None:
    contract = load_contract(dialects=["openai"])
    faults = faults_of(contract.requirements, [fault] if fault else [])
    report = tmp_path / "run.jsonl"
    command = [sys.executable, "-m", "vidspec", "proxy", "--dialect", "openai", "--port", "0"]
    with running("openai", job_seconds=0, faults=faults) as mock:
        command += ["--upstream", mock.base_url, "--report", str(report)]
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
            urllib.request.urlopen(request, timeout=20).close()
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
