"""The emitted client beside SDKs, other generators' clients and raw httpx2: import, one call, one parse."""

import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from bench.figures import Figure
from bench.load import script_folder
from bench.peers import make_peers

_IMPORTS = {
    "vidspec": "from vidspec_client.openai import Client; Client(api_key='x')",
    "openai": "import openai; openai.OpenAI(api_key='x')",
    "openrouter": "import openrouter; openrouter.OpenRouter(api_key='x')",
    "httpx2": "import httpx2; httpx2.Client()",
}
_CALLERS = ("httpx2", "vidspec", "openai", "opc", "dcg", "vidspec-openrouter", "openrouter")
_TITLES = {
    "openai": "openai SDK", "openrouter": "openrouter SDK", "httpx2": "httpx2",
    "opc": "openapi-python-client's", "dcg": "datamodel-code-generator's",
}  # fmt: skip
#: What, which of a caller's figures, scale and unit, peer → goal.
_ROWS = (
    ("one call, CPU", 0, 1e6, "us", {"httpx2": "<= 1.2", "openai": "<= 0.35", "opc": "", "dcg": ""}),
    ("one create, CPU", 1, 1e6, "us", {"httpx2": "", "openai": "", "opc": "", "dcg": ""}),
    ("parse of a job, CPU", 2, 1e6, "us", {"openai": "", "opc": "", "dcg": ""}),
)  # fmt: skip


def measure(_: float) -> list[Figure]:
    """Return processor times: of imports in fresh processes, of calls over an in-memory transport."""
    return [*_import_rows(), *_call_rows()]


def _import_rows() -> list[Figure]:
    spent = _best(
        {name: [sys.executable, "-c", _timed(code)] for name, code in _IMPORTS.items()}, 7
    )
    own = spent["vidspec"][0]
    goals = {"openai": "<= 0.3", "openrouter": "", "httpx2": ""}
    return [
        Figure(
            "client", "import and first client, CPU", 1000 * own, "ms", own / spent[peer][0],
            _TITLES[peer], goal,
        )
        for peer, goal in goals.items()
    ]  # fmt: skip


def _call_rows() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        make_peers(Path(folder))
        script = str(script_folder() / "calls.py")
        spent = _best({name: [sys.executable, script, name, folder] for name in _CALLERS}, 5)
    rows = [("vidspec", *row) for row in _ROWS]
    rows += [("vidspec-openrouter", *row[:4], {"openrouter": ""}) for row in _ROWS]
    return [
        Figure(
            "client", what if name == "vidspec" else f"openrouter: {what}", scale * spent[name][which],
            unit, spent[name][which] / spent[peer][which], _TITLES[peer], goal,
        )
        for name, what, which, scale, unit, peers in rows
        for peer, goal in peers.items()
    ]  # fmt: skip


def _timed(code: str) -> str:
    return f"import time\nb = time.process_time()\n{code}\nprint(time.process_time() - b)"


def _best(commands: dict[str, list[str]], rounds: int) -> dict[str, tuple[float, ...]]:
    """Return the least of each figure that each command prints, in rounds, so that a busy moment meets all of them."""
    runs: dict[str, list[list[float]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            runs[name].append([float(value) for value in _out(command).split()])
    return {name: tuple(map(min, zip(*found, strict=True))) for name, found in runs.items()}


def _out(command: Iterable[str]) -> str:
    return subprocess.run(list(command), capture_output=True, check=True, text=True).stdout
