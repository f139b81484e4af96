"""pyright, at its strictest, finds nothing in the emitted client and in a program that uses all of it, and finds each wrong use.

``VIDSPEC_PYRIGHT`` names its executable (the ``interop`` session installs it).
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.interop

ROOT = Path(__file__).parents[2]
USERS = ROOT / "tests" / "client"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a project with the emitted client in it."""
    shutil.copytree(ROOT / "generated" / "vidspec_client", tmp_path / "vidspec_client")
    return tmp_path


def complaints(project: Path, *names: str) -> list[tuple[str, int, str]]:
    """Return file, line (from 1) and message of every error that pyright finds in what is named."""
    settings = {"include": names, "typeCheckingMode": "strict", "pythonVersion": "3.11"}
    (project / "pyrightconfig.json").write_text(json.dumps(settings))
    done = subprocess.run(
        [os.environ["VIDSPEC_PYRIGHT"], "--outputjson", "--pythonpath", sys.executable],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    said: dict[str, Any] = json.loads(done.stdout)
    assert said["summary"]["filesAnalyzed"], done.stderr
    return [
        (Path(found["file"]).name, found["range"]["start"]["line"] + 1, found["message"])
        for found in said["generalDiagnostics"]
    ]


def test_the_client_and_a_program_that_uses_all_of_it_are_strictly_typed(project: Path) -> None:
    shutil.copy(USERS / "user_code.py", project)

    assert [] == complaints(project, "vidspec_client", "user_code.py")


def test_each_wrong_use_is_an_error(project: Path) -> None:
    lines = (USERS / "wrong_use.py").read_text().splitlines()
    marked = {number for number, line in enumerate(lines, 1) if "# type: ignore" in line}
    bare = "\n".join(line.partition("  # type: ignore")[0] for line in lines)
    (project / "wrong_use.py").write_text(bare)

    assert marked == {line for _, line, _ in complaints(project, "wrong_use.py")}
