"""schemathesis as a stranger runs it over each bundled document: every phase, every check, nothing set up for it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from vidspec.contract import Contract, dialect_names
from vidspec.mock import faults_of, running

KEY: Final = "sk-test"
#: (dialect, code, operation) of what it complains of though the mock does as the API does, and why that is so.
RIGHT: Final = {
    ("openai", "ST202", "GET /videos"): "a cursor that names no job",
    ("openai", "ST201", "POST /videos/characters"): "a form: the text false is a name",
    ("bifrost", "ST202", "GET /v1/videos"): "a cursor that names no job",
    ("bifrost", "ST202", "GET /openai/v1/videos"): "a cursor that names no job",
    ("bifrost", "ST201", "POST /openai/v1/videos"): "a form: one text is a list of one",
    ("bifrost", "ST202", "Stateful tests"): "the video has no output of that number",
    ("openrouter", "ST202", "Stateful tests"): "the video has no output of that number",
    ("modelgates", "ST202", "Stateful tests"): "the video has no output of that number",
    ("newapi", "ST202", "POST /jimeng/"): "two operations of one path, told apart by Action",
    ("kling", "ST204", "TRACE /v1/videos/text2video"): "404 with code 1202, as Kling documents it",
    ("kling", "ST204", "TRACE /v1/videos/image2video"): "404 with code 1202, as Kling documents it",
}  # fmt: skip

pytestmark = pytest.mark.deep


def complaints(
    contract: Contract, name: str, folder: Path, *faults: str
) -> set[tuple[str, str, str]]:
    """Run its command line over the mock of a dialect."""
    document, report = folder / "document.json", folder / "report.json"
    bundle = ["vidspec", "bundle", name, "--format", "json", "--output", str(document)]
    subprocess.run([sys.executable, "-m", *bundle], check=True)
    broken = faults_of(contract.requirements, faults)
    with running(name, job_seconds=0, api_key=KEY, faults=broken) as gateway:
        done = subprocess.run(
            [
                Path(sys.executable).parent / "schemathesis", "run", document,
                "--url", gateway.base_url, "-H", f"Authorization: Bearer {KEY}",
                "--generation-deterministic", "--request-timeout", "60",
                "--report", "json", "--report-json-path", report, "--no-color",
            ],
            cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
    told = json.loads(report.read_text())
    assert told["complete"], done.stdout[-3000:]
    assert told["errors"] == []
    assert told["operations"]["tested"] == told["operations"]["total"]
    return {(name, f["code"], place) for f in told["failures"] for place in f["operations"]}


@pytest.mark.parametrize("name", dialect_names())
def test_its_whole_run_finds_nothing_that_is_wrong(
    contract: Contract, name: str, tmp_path: Path
) -> None:
    assert complaints(contract, name, tmp_path) - {*RIGHT} == set()


def test_it_would_find_what_is_wrong(contract: Contract, tmp_path: Path) -> None:
    found = complaints(contract, "jimeng", tmp_path, "auth-create-refused")

    assert {code for _, code, _ in found} == {"ST203", "ST401"}
