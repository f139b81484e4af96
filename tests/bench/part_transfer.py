"""Much at once: a download and an upload over sockets, and a thousand jobs awaited in one process."""

import subprocess
import sys
import tempfile
from pathlib import Path

from bench.figures import Figure
from bench.heavy import GIGABYTE, JOBS, POLLS
from bench.load import script_folder
from bench.servers import started

_ROUNDS = 3
_UPLOAD = 200_000_000
_PNG = b"\x89PNG\r\n\x1a\n"


def measure(_: float) -> list[Figure]:
    """Return throughput, processor time, and by how much memory grew."""
    with (
        tempfile.TemporaryDirectory() as name,
        started(str(script_folder() / "bulk.py"), path="/") as server,
    ):
        folder, url = Path(name), f"http://127.0.0.1:{server.port}"
        return [*_downloads(url, folder), *_uploads(url, folder), *_jobs(folder)]


def _downloads(url: str, folder: Path) -> list[Figure]:
    names = ("httpx2", "vidspec", "httpx2-async", "vidspec-async")
    runs = {who: [_run("download", who, url, folder / "v.mp4")] for who in names}
    for _ in range(_ROUNDS - 1):
        for who in names:
            runs[who].append(_run("download", who, url, folder / "v.mp4"))
    rows = []
    for who, raw in (("vidspec", "httpx2"), ("vidspec-async", "httpx2-async")):
        fastest, bare = min(run[0] for run in runs[who]), min(run[0] for run in runs[raw])
        rows += [
            Figure(
                "transfer", f"{who}: 1 GB to disk, with fsync", GIGABYTE / fastest / 1e6, "MB/s",
                bare / fastest, f"{raw} stream", ">= 0.95",
            ),
            _cpu(f"{who}: 1 GB to disk, CPU", runs, who, raw),
            Figure("transfer", f"{who}: memory growth", _grown(runs[who]), "MB", None, "", "<= 20"),
        ]  # fmt: skip
    return rows


def _uploads(url: str, folder: Path) -> list[Figure]:
    path = folder / "large.png"
    with path.open("wb") as file:
        file.write(_PNG)
        file.truncate(_UPLOAD)
    names = ("vidspec", "vidspec-async", "openai")
    runs = {who: [_run("upload", who, url, path) for _ in range(_ROUNDS)] for who in names}
    return [
        figure
        for who in names[:2]
        for figure in (
            _cpu(f"{who}: 200 MB uploaded, CPU", runs, who, "openai"),
            Figure(
                "transfer", f"{who}: 200 MB uploaded, memory growth", _grown(runs[who]), "MB",
                _grown(runs[who]) / max(_grown(runs["openai"]), 0.1), "openai", "",
            ),
        )
    ]  # fmt: skip


def _jobs(folder: Path) -> list[Figure]:
    rows = []
    for who in ("vidspec", "vidspec-async"):
        runs = [_run("jobs", who, "", folder / "none") for _ in range(_ROUNDS)]
        spent = min(run[1] for run in runs)
        rows += [
            Figure("transfer", f"{who}: {JOBS} jobs awaited at once, CPU", spent, "s"),
            Figure("transfer", f"{who}: the same, CPU per poll", 1e6 * spent / JOBS / POLLS, "us"),
            Figure("transfer", f"{who}: the same, memory growth", _grown(runs), "MB"),
        ]
    return rows


def _cpu(what: str, runs: dict[str, list[tuple[float, ...]]], who: str, peer: str) -> Figure:
    spent, theirs = (min(run[1] for run in runs[name]) for name in (who, peer))
    return Figure("transfer", what, spent, "s", spent / theirs, peer)


def _grown(runs: list[tuple[float, ...]]) -> float:
    return max(run[2] for run in runs) / 1e6


def _run(action: str, who: str, url: str, path: Path) -> tuple[float, ...]:
    script = str(script_folder() / "heavy.py")
    done = subprocess.run(
        [sys.executable, script, action, who, url, str(path)],
        capture_output=True,
        check=True,
        text=True,
    )
    if action == "download":
        path.unlink()
    return tuple(float(value) for value in done.stdout.split())
