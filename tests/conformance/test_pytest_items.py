"""``pytest --vidspec-url``: each requirement is a test, and a run of pytest is a verdict."""

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from vidspec.contract import Contract
from vidspec.mock import faults_of, running

_OWN = """
def test_own(vidspec_gateway):
    assert vidspec_gateway.dialect == "openai"
    assert vidspec_gateway.run.exit_code == 0
"""


def _pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rsx", *arguments]
    if "vidspec" not in {e.name for e in entry_points(group="pytest11")}:
        command += ["-p", "vidspec.pytest_plugin"]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VIDSPEC_API_KEY", "any-key-0123")
    (tmp_path / "test_own.py").write_text(_OWN)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


def test_each_requirement_is_a_test_and_paid_ones_are_skipped(
    contract: Contract, folder: Path
) -> None:
    with running("openai", contract=contract) as mock:
        given = ["--vidspec-url", mock.base_url, "--vidspec-dialect", "openai", "-v"]
        done = _pytest(folder, *given)
        paid = mock.paid_calls

    assert done.returncode == 0, done.stdout
    assert paid == 0
    assert "vidspec::auth-retrieve-refused PASSED" in done.stdout
    assert "vidspec::create-accepted SKIPPED" in done.stdout
    assert "test_own.py::test_own PASSED" in done.stdout


def test_what_is_broken_fails_and_the_rest_does_not(contract: Contract, folder: Path) -> None:
    faults = faults_of(contract.requirements, ["auth-retrieve-refused"])
    with running("openai", contract=contract, faults=faults) as mock:
        given = ["--vidspec-url", mock.base_url, "--vidspec-dialect", "openai", "-k", "auth"]
        done = _pytest(folder, *given)

    assert done.returncode == 1, done.stdout
    assert "1 failed" in done.stdout
    assert "FAILED" not in done.stdout.replace("FAILED vidspec::auth-retrieve-refused", "")
    assert "curl -sS" in done.stdout
    assert "any-key-0123" not in done.stdout


def test_a_gateway_without_a_dialect_is_a_mistake(folder: Path) -> None:
    done = _pytest(folder, "--vidspec-url", "http://127.0.0.1:9")

    assert done.returncode == 4
    assert "--vidspec-dialect" in done.stderr


def test_without_a_gateway_the_fixture_skips(folder: Path) -> None:
    done = _pytest(folder)

    assert "1 skipped" in done.stdout
