"""A document that nobody here has seen, annotated by an overlay: it is played like any other dialect."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from mock.probing import probe_video
from vidspec.contract import Contract, Dialect, Lifecycle
from vidspec.contract.schemas import Validators
from vidspec.errors import SpecError, UsageError
from vidspec.mock import own_dialect, running

TOY = Path(__file__).parents[1] / "cases" / "toy" / "dialects" / "toy" / "openapi.yaml"


@pytest.fixture
def theirs(tmp_path: Path) -> tuple[Path, Path]:
    """Give a third party's document, which says nothing of jobs, and an overlay that does."""
    document = yaml.safe_load(TOY.read_text())
    actions: list[dict[str, Any]] = []

    def strip(value: Any, path: str) -> None:
        if isinstance(value, dict):
            taken = {key: value.pop(key) for key in list(value) if str(key).startswith("x-video-")}
            if taken:
                actions.append({"target": path, "update": taken})
            for key, inner in value.items():
                strip(inner, f"{path}['{key}']")
        elif isinstance(value, list):
            for number, inner in enumerate(value):
                strip(inner, f"{path}[{number}]")

    strip(document, "$")
    openapi, overlay = tmp_path / "their-openapi.yaml", tmp_path / "overlay.yaml"
    openapi.write_text(yaml.safe_dump(document, sort_keys=False))
    assert "x-video" not in openapi.read_text()
    said = {"overlay": "1.0.0", "info": {"title": "Ours", "version": "1"}, "actions": actions}
    overlay.write_text(yaml.safe_dump(said))
    return openapi, overlay


def test_annotated_document_is_the_dialect(theirs: tuple[Path, Path]) -> None:
    """Document and overlay together mean what the annotated document means."""
    found, meant = own_dialect(theirs[0], [theirs[1]]), own_dialect(TOY)

    assert found.digest == meant.digest
    assert found == meant


def test_their_document_is_played(theirs: tuple[Path, Path]) -> None:
    """On the command line: a job is made, runs, and has a video; what is wrong is refused in their words."""
    command = [sys.executable, "-m", "vidspec", "mock", "--port", "0", "--job-seconds", "0"]
    command += ["--spec", str(theirs[0]), "--overlay", str(theirs[1])]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            found = re.fullmatch(r"toy: (http://\S+)\n", process.stdout.readline())
            assert found is not None, process.stderr and process.stderr.read()
            play(found[1], own_dialect(theirs[0], [theirs[1]]))
        finally:
            process.kill()


def play(base: str, dialect: Dialect) -> None:
    """Make, follow and fetch a clip; be refused."""
    validators = Validators(dialect.document)
    with httpx2.Client(headers={"x-key": "any"}) as http:
        made = http.post(f"{base}/clips", json={"words": "A paper boat", "length": 2})
        assert made.status_code == 201
        clip = http.get(f"{base}/clips/{made.json()['clip']}").json()
        assert (clip["now"], clip["words"], clip["length"]) == ("ready", "A paper boat", 2)
        assert not validators.errors("/components/schemas/Clip", clip)
        assert probe_video(http.get(clip["film"]).content).seconds == 2
        refused = http.post(f"{base}/clips", json={"words": "", "length": 99})
        assert (refused.status_code, list(refused.json())) == (422, ["problem"])
        assert http.get(f"{base}/clips/none").status_code == 404


def test_document_without_annotations_is_refused(theirs: tuple[Path, Path]) -> None:
    """What is missing is said, with its place."""
    with pytest.raises(SpecError) as refused:
        own_dialect(theirs[0])

    assert "x-video-dialect" in str(refused.value.problems[0])
    assert str(theirs[0].name) in str(refused.value.problems[0])


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda d: _reply(d, "/clips", "post", "201").pop("examples"), "make-clip shows no example"),
        (lambda d: d["paths"]["/clips/{clip}"]["get"].update({"x-video-operation": {"role": "other"}}), "create and retrieve"),
        (lambda d: d["paths"]["/clips"]["post"]["responses"].pop("201"), "no successful reply"),
    ],
    ids=["no example", "no retrieve", "no success"],
)  # fmt: skip
def test_document_that_says_too_little_is_refused(
    tmp_path: Path, spoil: Callable[[Any], object], complaint: str
) -> None:
    """The mock invents nothing: it says what it would have to."""
    document = yaml.safe_load(TOY.read_text())
    spoil(document)
    path = tmp_path / "openapi.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False))

    with pytest.raises(UsageError, match=complaint):
        own_dialect(path)


def _reply(document: Any, path: str, method: str, status: str) -> Any:
    return document["paths"][path][method]["responses"][status]["content"]["application/json"]


def test_own_dialect_runs_in_python() -> None:
    """A dialect of one's own runs in this process, too."""
    dialect = own_dialect(TOY)
    contract = Contract(lifecycle=Lifecycle({}), dialects={"toy": dialect}, requirements=())
    with running("toy", contract=contract, job_seconds=0) as gateway:
        play(gateway.base_url, dialect)
