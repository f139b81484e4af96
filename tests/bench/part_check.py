"""``vidspec check`` as a process against the mock as another: how long a run takes, and what it does in that time."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.figures import Figure
from vidspec.conformance import Run, read_lines
from vidspec.mock import running

_KEY = "sk-bench-0123456789"
#: Mode → seconds of the clock that it may take.
_MODES = {"smoke": 3, "standard": 30}


def measure(_: float) -> list[Figure]:
    """Return seconds by the clock, the checks and requests of each second, and the paid calls."""
    figures = []
    with tempfile.TemporaryDirectory() as name:
        for mode, most in _MODES.items():
            # A mock of its own for each run: the second would find the first one's jobs.
            with running("openai", job_seconds=0.5) as gateway:
                run, seconds = _judged(gateway.base_url, mode, Path(name) / f"{mode}.jsonl")
                paid = gateway.paid_calls
            if run.exit_code or run.footer.state != "complete":
                message = f"the check of a sound mock in mode {mode} ended with {run.exit_code}"
                raise RuntimeError(message)
            figures += [
                Figure("check", f"{mode}, whole process", seconds, "s", goal=f"<= {most}"),
                Figure("check", f"{mode}, checks", run.footer.checks / run.footer.seconds, "/s"),
                Figure(
                    "check", f"{mode}, requests", run.footer.requests / run.footer.seconds, "/s"
                ),
                Figure("check", f"{mode}, paid calls", paid, "", goal=f"<= {run.header.budget}"),
            ]
    return figures


def _judged(url: str, mode: str, report: Path) -> tuple[Run, float]:
    command = [
        *(sys.executable, "-m", "vidspec", "check", url, "--dialect", "openai"),
        *("--mode", mode, "--model", "sora-2", "--report", str(report)),
    ]
    began = time.perf_counter()
    subprocess.run(
        command, env={**os.environ, "VIDSPEC_API_KEY": _KEY}, stdout=subprocess.DEVNULL, check=True
    )
    seconds = time.perf_counter() - began
    return Run.of(read_lines(report.read_text().splitlines())), seconds
