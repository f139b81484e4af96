"""What the sessions of noxfile.py install, and that their tests run one by one."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
NOXFILE = (ROOT / "noxfile.py").read_text()


def test_a_version_stands_in_one_place() -> None:
    """What has a pin elsewhere has none in the noxfile, where the two would come apart."""
    pins = json.loads((ROOT / "tests/ecosystem/pins.json").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = [p for group in project["dependency-groups"].values() for p in group]
    held = {p.partition("==")[0] for p in groups if isinstance(p, str) and "==" in p}
    written = set(re.findall(r'"(@?[a-z][a-z/-]*)(?:\[\w+\])?(?:@|==)\d', NOXFILE))

    assert "pyright" in written  # the expression finds those that are there
    # The SDK for Node has the name of the one for Python, and a version of its own.
    assert written & {*pins["npm"], *held} <= {"openai"}
    assert not re.search(r'"openai==\d', NOXFILE)


@pytest.mark.parametrize(
    "chosen",
    [
        "tests/interop",
        "tests/interop/test_pages.py::test_filters_are_kept_in_the_address",
    ],
)
def test_single_files_and_tests_find_their_helpers(chosen: str) -> None:
    """As a session starts them: with what is installed, and nothing of the tests in the environment."""
    installed = [str(ROOT / folder) for folder in ("generator", "generated")]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "interop", chosen],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(installed)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
