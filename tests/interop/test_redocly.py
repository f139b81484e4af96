"""Redocly's linter accepts every bundled document.

``VIDSPEC_REDOCLY`` names its executable (the ``interop`` session installs it).
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

from vidspec.contract import Dialect, dialect_names, load_contract, load_gateways

pytestmark = pytest.mark.interop


def lint(dialect: Dialect, folder: Path) -> list[str]:
    """Return the errors (warnings left out) that Redocly finds in the bundled document."""
    path = folder / "openapi.json"
    path.write_text(json.dumps(dialect.document))
    # One real route ends in a slash (POST /jimeng/): the truth is kept against that rule of style.
    style = "no-path-trailing-slash"
    done = subprocess.run(
        [os.environ["VIDSPEC_REDOCLY"], "lint", "--format=json", f"--skip-rule={style}", str(path)],
        cwd=folder,
        env={**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    found = json.loads(done.stdout)
    return [p["message"] for p in found["problems"] if p["severity"] == "error"]


@pytest.mark.parametrize("name", dialect_names())
def test_a_dialect_is_accepted(name: str, tmp_path: Path) -> None:
    """The published document has no error."""
    assert [] == lint(load_contract(dialects=[name]).dialects[name], tmp_path)


@pytest.mark.parametrize(
    "name", [n for n, g in load_gateways().items() if g.observed.digest != g.published.digest]
)
def test_an_observed_profile_is_accepted(name: str, tmp_path: Path) -> None:
    """The document with the gateway's overlay has no error."""
    assert [] == lint(load_gateways(names=[name])[name].observed, tmp_path)
