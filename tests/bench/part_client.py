"""The emitted client beside the openai SDK and raw httpx2: import, one call, one parse."""

import subprocess
import sys
from collections.abc import Iterable

from bench.figures import Figure
from bench.load import script_folder

_IMPORTS = {
    "vidspec_client.openai": "from vidspec_client.openai import Client; Client(api_key='x')",
    "openai": "import openai; openai.OpenAI(api_key='x')",
    "httpx2": "import httpx2; httpx2.Client()",
}


def measure(_: float) -> list[Figure]:
    """Return processor times: of imports in fresh processes, of calls over an in-memory transport."""
    imports = {name: _import_cpu(code) for name, code in _IMPORTS.items()}
    calls = {name: _calls(name) for name in ("vidspec", "openai", "httpx2")}
    ours, theirs, raw = calls["vidspec"], calls["openai"], calls["httpx2"]
    spent = imports["vidspec_client.openai"]
    return [
        Figure(
            "client", "import and first client, CPU", 1000 * spent, "ms",
            spent / imports["openai"], "openai SDK", "<= 0.3",
        ),
        Figure(
            "client", "import and first client, CPU", 1000 * spent, "ms",
            spent / imports["httpx2"], "httpx2 alone",
        ),
        Figure("client", "one call, CPU", 1e6 * ours[0], "us", ours[0] / raw[0], "httpx2", "<= 1.2"),
        Figure(
            "client", "one call, CPU", 1e6 * ours[0], "us", ours[0] / theirs[0], "openai SDK",
            "<= 0.35",
        ),
        Figure(
            "client", "one create, CPU", 1e6 * ours[1], "us", ours[1] / theirs[1], "openai SDK"
        ),
        Figure("client", "parse of a job, CPU", 1e6 * ours[2], "us", ours[2] / theirs[2], "openai SDK"),
    ]  # fmt: skip


def _import_cpu(code: str) -> float:
    timed = f"import time\nb = time.process_time()\n{code}\nprint(time.process_time() - b)"
    return min(float(_out([sys.executable, "-c", timed])) for _ in range(5))


def _calls(name: str) -> tuple[float, ...]:
    script = str(script_folder() / "calls.py")
    runs = [[float(v) for v in _out([sys.executable, script, name]).split()] for _ in range(3)]
    return tuple(map(min, zip(*runs, strict=True)))


def _out(command: Iterable[str]) -> str:
    return subprocess.run(list(command), capture_output=True, check=True, text=True).stdout
