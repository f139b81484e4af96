"""Everybody's tools take every document that ``vidspec bundle`` writes, without an error and without leaving anything out."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecosystem.tools import KNOWN, TOOLS, openapi_python_client, run
from vidspec.contract import dialect_names, load_gateways
from vidspec.mock import running

pytestmark = pytest.mark.ecosystem
PYTHON = Path(sys.executable)


def bundles() -> Iterator[tuple[str, list[str]]]:
    """Yield every document by name, with the words after ``vidspec bundle``."""
    for name in dialect_names():
        yield name, [name]
    for name, gateway in load_gateways().items():
        if gateway.observed.digest != gateway.published.digest:
            yield f"{name}-observed", [gateway.observed.name, "--gateway", name]


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("documents")
    made = {}
    for name, words in bundles():
        made[name] = folder / f"{name}.json"
        command = [str(PYTHON), "-m", "vidspec", "bundle", *words, "--format", "json"]
        subprocess.run([*command, "--output", str(made[name])], check=True)
    return made


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_takes_every_document(tool: str, documents: dict[str, Path], tmp_path: Path) -> None:
    """What it complains of is known as its own defect; and what is known of it still is so."""
    known = KNOWN.get(tool, {})
    unknown, seen = [], set[str]()
    for name, document in documents.items():
        folder = tmp_path / name
        folder.mkdir()
        for complaint in TOOLS[tool][0](document, folder):
            found = next((p for p in known if re.search(p, complaint, re.DOTALL)), None)
            seen |= {found} if found else set()
            unknown += [] if found else [f"{name}: {complaint}"]

    assert [] == unknown
    assert seen == {*known}


def test_a_lost_operation_is_noticed(tmp_path: Path) -> None:
    """The check itself: a document that a tool cannot take is complained about."""
    document = tmp_path / "bad.json"
    document.write_text(
        '{"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": {"/x": {"get":'
        ' {"responses": {"200": {"description": "x", "content": {"video/mp4": {}}}}}}}}'
    )

    assert openapi_python_client(document, tmp_path)


@pytest.mark.parametrize("name", dialect_names())
def test_schemathesis_runs_against_the_mock(
    name: str, documents: dict[str, Path], tmp_path: Path
) -> None:
    """Its command line, with the examples of the document, finds no failure of the server."""
    with running(name, job_seconds=0) as gateway:
        done = run(
            PYTHON.parent / "schemathesis", "run", documents[name], "--url", gateway.base_url,
            "-H", "Authorization: Bearer key", "--phases", "examples", "--max-examples", "5",
            "--checks", "not_a_server_error", cwd=tmp_path,
        )  # fmt: skip

    assert 0 == done.returncode, done.stdout[-3000:]
