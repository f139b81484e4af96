"""openai-python's own video tests, from its source distribution, against the lenient mock.

``VIDSPEC_OPENAI_SUITE`` names the unpacked source distribution, ``VIDSPEC_OPENAI_PYTHON`` a Python that has what the
suite needs (the ``interop`` session provides both).
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from vidspec.mock import running

pytestmark = pytest.mark.interop


def test_every_test_of_the_sdk_passes(tmp_path: Path) -> None:
    """All 188 tests that run pass; the 4 others the suite itself skips."""
    suite = Path(os.environ["VIDSPEC_OPENAI_SUITE"])
    shutil.copytree(suite / "tests", tmp_path / "tests")
    shutil.copy(suite / "pyproject.toml", tmp_path)
    with running("openai", lenient_ids=True, job_seconds=0) as gateway:
        done = subprocess.run(
            [
                os.environ["VIDSPEC_OPENAI_PYTHON"], "-m", "pytest", "-q", "-n", "0",
                "-p", "no:cacheprovider", "tests/api_resources/test_videos.py",
            ],
            cwd=tmp_path,
            env={**os.environ, "TEST_API_BASE_URL": gateway.base_url},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )  # fmt: skip

    assert re.search(r"\b188 passed\b", done.stdout), done.stdout[-3000:] + done.stderr[-1000:]
    assert done.returncode == 0
