"""What follows a changed specification by itself: the pre-commit hooks and the workflow that opens a pull request."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
TOY = ROOT / "tests" / "cases" / "toy"
STEPS = yaml.safe_load((ROOT / "docs/examples/regenerate.yml").read_text())["jobs"]["regenerate"][
    "steps"
]
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """An environment in which ``vidspec`` is this one and ``gh`` writes down what it is asked for."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "vidspec").write_text(
        f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m vidspec "$@"\n'
    )
    (tools / "gh").write_text('#!/bin/sh\nprintf "%s\\n" "$@" >> "$RUNNER_TEMP/gh"\n')
    for tool in tools.iterdir():
        tool.chmod(0o755)
    (tmp_path / "temp").mkdir()
    return {
        **os.environ,
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@localhost",
        "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@localhost",
        "RUNNER_TEMP": str(tmp_path / "temp"),
        "GITHUB_OUTPUT": str(tmp_path / "temp" / "output"),
        "SPEC": "spec", "PACKAGE": "my_client", "OUTPUT": "src",
        "UPSTREAM": str(tmp_path / "upstream"),
    }  # fmt: skip


def sh(command: str, cwd: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", command],
        cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def repository(folder: Path, environment: dict[str, str]) -> Path:
    """Make a repository that holds the toy specification."""
    folder.mkdir()
    shutil.copytree(TOY, folder / "spec")
    made = "git init -q -b main && git add -A && git commit -q -m first"
    assert 0 == sh(made, folder, environment).returncode
    return folder


def workflow(here: Path, environment: dict[str, str]) -> None:
    """Run the shell of each step but the installation, as a runner does."""
    temp = Path(environment["RUNNER_TEMP"])
    shutil.rmtree(temp)
    temp.mkdir()
    for step in STEPS:
        if "run" not in step or step["name"] == "Install":
            continue
        output = Path(environment["GITHUB_OUTPUT"])
        if "if" in step and (not output.exists() or "changed=true" not in output.read_text()):
            continue
        done = sh(step["run"], here, environment)
        assert 0 == done.returncode, f"{step['name']}\n{done.stdout}{done.stderr}"


def test_the_workflow_opens_a_pull_request_that_says_what_breaks(
    shell: dict[str, str], tmp_path: Path
) -> None:
    upstream = repository(tmp_path / "upstream", shell)
    repository(tmp_path / "here", shell)
    assert (
        0
        == sh(
            "git clone -q --bare here origin && cd here && git remote add origin ../origin",
            tmp_path,
            shell,
        ).returncode
    )
    here = tmp_path / "here"
    made = "vidspec generate --spec spec --package my_client --output src && git add -A && git commit -q -m made"
    assert 0 == sh(made, here, shell).returncode

    workflow(here, shell)
    assert not (tmp_path / "temp" / "gh").exists(), "nothing changed, and yet it asks"

    path = upstream / "spec/dialects/toy/openapi.yaml"
    text = path.read_text()
    text = text.replace("  title: Toy\n", "  title: Toys\n")
    path.write_text(text.replace("maxLength: 500", "maxLength: 50"))
    assert 0 == sh("git commit -q -a -m second", upstream, shell).returncode
    workflow(here, shell)

    asked = (tmp_path / "temp" / "gh").read_text().split("\n")
    assert asked[:4] == ["pr", "create", "--head", "vidspec-regenerate"]
    body = (tmp_path / "temp" / "changes.md").read_text()
    assert "### Breaking" in body
    assert "maxLength" in body or "50" in body
    shown = sh(
        "git log -1 --stat --format=%B vidspec-regenerate", tmp_path / "origin", shell
    ).stdout
    assert "src/my_client/toy/__init__.py" in shown
    assert "spec/dialects/toy/openapi.yaml" in shown


@pytest.mark.parametrize("hook", HOOKS.values(), ids=HOOKS.keys())
def test_a_hook_says_yes_and_no(
    hook: dict[str, Any], shell: dict[str, str], tmp_path: Path
) -> None:
    """Its entry passes where all is well, and fails where something is not; its pattern finds the files."""
    here = repository(tmp_path / "here", shell)
    words = "--spec spec" + (
        " --package my_client --output src" if "generate" in hook["entry"] else ""
    )
    assert (
        0
        == sh(
            "vidspec generate --spec spec --package my_client --output src", here, shell
        ).returncode
    )
    assert re.search(hook["files"], "spec/dialects/toy/openapi.yaml")
    assert re.search(hook["files"], "dialects/toy/openapi.yaml")
    assert not re.search(hook["files"], "README.md")

    assert 0 == sh(f"{hook['entry']} {words}", here, shell).returncode
    path = here / "spec/dialects/toy/openapi.yaml"
    path.write_text(path.read_text().replace("broken: failed}", "broken: failed, lost: expired}"))
    assert 0 != sh(f"{hook['entry']} {words}", here, shell).returncode
    assert {"python"} == {hook["language"]}
    assert hook["pass_filenames"] is False
