"""``vidspec generate``: from nothing, with nothing changed, and as a check."""

import resource
import subprocess
import sys
import tempfile
import time

from bench.figures import Figure


def measure(_: float) -> list[Figure]:
    """Return the times of the three kinds of run, in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        runs = {
            "cold (--no-cache)": ["--output", folder, "--no-cache"],
            "again, nothing changed": ["--output", folder],
            "--check, nothing changed": ["--output", folder, "--check"],
        }
        times = {}
        subprocess_time = {}
        for name, options in runs.items():
            if name != "cold (--no-cache)":
                _run(options)
            times[name], subprocess_time[name] = _run(options)
    return [
        Figure("generate", f"{name}: {kind}", value, "s")
        for name in runs
        for kind, value in (("time", times[name]), ("CPU", subprocess_time[name]))
    ]


def _run(options: list[str]) -> tuple[float, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "vidspec", "generate", *options], check=True, capture_output=True
    )
    spent = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
