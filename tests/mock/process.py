"""The mock as a process of its own, to be killed."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import IO


def begun(
    *words: object, env: dict[str, str] | None = None, errors: IO[str] | None = None
) -> tuple["subprocess.Popen[str]", str]:
    """Start ``vidspec mock WORDS`` on a free port; return it with its base URL."""
    process = subprocess.Popen(
        [sys.executable, "-m", "vidspec", "mock", *map(str, words), "--port", "0"],
        stdout=subprocess.PIPE, stderr=errors or subprocess.DEVNULL, text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"} | (env or {}),
    )  # fmt: skip
    assert process.stdout is not None
    with process.stdout:
        return process, process.stdout.readline().partition(": ")[2].strip()


@contextlib.contextmanager
def alive(*words: object, env: dict[str, str] | None = None) -> Iterator[str]:
    """Run it, and kill it at the end (SIGKILL)."""
    process, url = begun(*words, env=env)
    try:
        yield url
    finally:
        process.kill()
        process.wait(10)
