"""The GitHub Action: its script is run as a runner would run it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from vidspec.mock import running

ACTION = Path(__file__).parent.parent.parent / "action.yml"
KEY = "sk-action-0123456789"


def action() -> dict[str, Any]:
    value: dict[str, Any] = yaml.safe_load(ACTION.read_text())
    return value


def test_every_input_is_used_and_none_is_pasted_into_a_script() -> None:
    steps = action()["runs"]["steps"]
    used = set(re.findall(r"inputs\.([\w-]+)", ACTION.read_text()))

    assert set(action()["inputs"]) == used
    assert not [step for step in steps if "${{" in step.get("run", "")]
    assert all(step["shell"] == "bash" for step in steps if "run" in step)


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_the_script_checks_and_writes_summary_annotations_and_reports(tmp_path: Path) -> None:
    (step,) = (s for s in action()["runs"]["steps"] if s.get("id") == "check")
    (tmp_path / "vidspec").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m vidspec "$@"\n')
    (tmp_path / "vidspec").chmod(0o755)
    variables = {
        **os.environ,
        **dict.fromkeys(step["env"], ""),
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "DIALECT": "openai",
        "MODE": "free",
        "REPORTS": str(tmp_path / "reports of mine"),
        "VIDSPEC_API_KEY": KEY,
    }
    with running("openai", api_key=KEY) as mock:
        done = subprocess.run(
            ["bash", "-e", "-c", step["run"]],
            env={**variables, "TARGET": mock.base_url},
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert "exit-code=0" in (tmp_path / "output").read_text()
    assert "## ✅" in (tmp_path / "summary.md").read_text()
    assert "::notice title=vidspec::" in done.stdout
    reports = {path.name: path for path in (tmp_path / "reports of mine").iterdir()}
    assert set(reports) == {"run.jsonl", "report.html", "junit.xml"}
    assert KEY not in done.stdout + done.stderr + "".join(p.read_text() for p in reports.values())


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_the_script_hands_on_the_exit_code(tmp_path: Path) -> None:
    (step,) = (s for s in action()["runs"]["steps"] if s.get("id") == "check")
    (tmp_path / "vidspec").write_text("#!/bin/sh\nexit 4\n")
    (tmp_path / "vidspec").chmod(0o755)
    variables = {**os.environ, **dict.fromkeys(step["env"], ""), "GITHUB_OUTPUT": "output"}
    variables |= {"PATH": f"{tmp_path}:{os.environ['PATH']}", "REPORTS": "r", "TARGET": "--help"}
    done = subprocess.run(
        ["bash", "-e", "-c", step["run"]], env=variables, cwd=tmp_path, timeout=60, check=False
    )

    assert done.returncode == 4
    assert "exit-code=4" in (tmp_path / "output").read_text()


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_the_installation_is_put_on_the_path_wherever_the_runner_keeps_things(
    tmp_path: Path,
) -> None:
    """Run with a Python that only writes down what it is told: nothing is downloaded."""
    (step,) = (s for s in action()["runs"]["steps"] if s.get("name") == "Install vidspec")
    told = tmp_path / "told"
    python = tmp_path / "python"
    python.write_text(
        "#!/bin/sh\n"
        f'printf "%s\\n" "$*" >> "{told}"\n'
        'if [ "$2" = venv ]; then mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; fi\n'
    )
    python.chmod(0o755)
    home, ours = tmp_path / "runner's temp", tmp_path / "the action"
    variables = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "RUNNER_TEMP": str(home),
        "GITHUB_ACTION_PATH": str(ours),
        "GITHUB_PATH": str(tmp_path / "path"),
    }
    subprocess.run(["bash", "-e", "-c", step["run"]], env=variables, timeout=60, check=True)

    assert told.read_text().splitlines() == [
        f"-m venv {home}/vidspec",
        f"-m pip install -q {ours} -c {ours}/constraints.txt",
    ]
    assert (tmp_path / "path").read_text() == f"{home}/vidspec/bin\n"


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_every_input_reaches_the_command_as_one_word(tmp_path: Path) -> None:
    """Run with a command that only writes down what it is told; blanks and commands in inputs stay text."""
    (step,) = (s for s in action()["runs"]["steps"] if s.get("id") == "check")
    (tmp_path / "vidspec").write_text(
        f'#!/bin/sh\nfor a in "$@"; do printf "%s\\n" "$a" >> "{tmp_path}/told"; done\n'
    )
    (tmp_path / "vidspec").chmod(0o755)
    inputs = {
        "CONFIG": "my check.toml", "DIALECT": "$(touch pwned)", "MODE": "smoke", "BUDGET": "0",
        "BASELINE": "known; rm -rf .", "REPORTS": "r", "TARGET": "--help", "VIDSPEC_API_KEY": KEY,
    }  # fmt: skip
    assert set(inputs) == set(step["env"])
    subprocess.run(
        ["bash", "-e", "-c", step["run"]],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "GITHUB_OUTPUT": "output", **inputs},
        cwd=tmp_path, timeout=60, check=True,
    )  # fmt: skip

    assert (tmp_path / "told").read_text().splitlines() == [
        "check", "--config", "my check.toml", "--dialect", "$(touch pwned)", "--mode", "smoke",
        "--budget", "0", "--baseline", "known; rm -rf .", "--report", "r/run.jsonl",
        "--report", "r/report.html", "--report", "r/junit.xml", "--", "--help",
    ]  # fmt: skip
    assert not (tmp_path / "pwned").exists()
