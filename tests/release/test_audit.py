"""The audit tells a weak dependency from a service that cannot be asked."""

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from release.audit import COMMAND, UNREACHABLE, judge, main

SOUND: dict[str, Any] = {"name": "idna", "version": "3.20", "vulns": []}
WEAK: dict[str, Any] = {
    "name": "old", "version": "1.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"], "aliases": [], "description": "Bad."}],
}  # fmt: skip
UNKNOWN: dict[str, Any] = {"name": "mine", "skip_reason": "Dependency not found on PyPI"}


def said(*dependencies: dict[str, Any]) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


@pytest.mark.parametrize(
    ("answer", "code", "line"),
    [
        (said(SOUND), 0, "1 dependencies: no known weakness"),
        (said(SOUND, WEAK), 1, "weak: old 1.0: PYSEC-1 (better from 1.1)"),
        (said(SOUND, UNKNOWN), 1, "not audited: mine: Dependency not found on PyPI"),
        (said(UNKNOWN, UNKNOWN), 2, UNREACHABLE),
        (said(), 2, UNREACHABLE),
        ("", 2, UNREACHABLE),
        ("<html>Sign in</html>", 2, UNREACHABLE),
        ("[]", 2, UNREACHABLE),
    ],
)
def test_each_end_has_its_own_words(answer: str, code: int, line: str) -> None:
    assert (code, line) == (judge(answer, "")[0], judge(answer, "")[1][0])


def test_a_service_that_cannot_be_reached_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The real tool, whose way out is a port where nobody listens."""
    pytest.importorskip("pip_audit")
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = f"http://127.0.0.1:{server.getsockname()[1]}"
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, closed)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    pins = tmp_path / "pins.txt"
    pins.write_text("idna==3.20\n")

    code = main(pins)

    told = capsys.readouterr().err
    assert code == 2, told
    assert told.startswith(UNREACHABLE)
    assert "Connection refused" in told
    assert "weak" not in told


def test_the_command_is_one_that_the_tool_has() -> None:
    """An option that it does not know would pass for a service that cannot be reached."""
    pytest.importorskip("pip_audit")
    done = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage")
    assert COMMAND[0] == sys.executable
