"""A gateway's own document, held against a dialect."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from typer.testing import CliRunner, Result

from vidspec.cli import app
from vidspec.contract import dialect_names, load_dialect
from vidspec.contract.gateways import lint_specification
from vidspec.contract.meta import meta_problems
from vidspec.diff import adopt, open_side, settle
from vidspec.document import apply_overlay, load_document
from vidspec.errors import SpecError, UsageError
from vidspec.resources import spec_root
from vidspec.source import Location, Problem

NAMES = dialect_names()


def apply(overlay: str, folder: Path, dialect: Path) -> dict[str, Any]:
    """Apply a draft that stands elsewhere than it will."""
    file = folder / "draft.overlay.yaml"
    file.write_text(overlay.replace("../dialects", str(spec_root() / "dialects")))
    return apply_overlay(load_document(dialect, root=spec_root(), validate=False), file).data


def path_of(name: str) -> Path:
    return spec_root() / "dialects" / name / "openapi.yaml"


@pytest.mark.parametrize("name", NAMES)
def test_dialect_adopts_itself(name: str, tmp_path: Path) -> None:
    """The bundled document, without our extensions and below another prefix, is the dialect."""
    document = dict(load_dialect(path_of(name), root=spec_root()).document)
    document["paths"] = {f"/proxy{path}": item for path, item in document["paths"].items()}
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(document))

    found = adopt(open_side(str(path_of(name))), open_side(str(file)), name=name, gateway="mine")

    assert not found.diff.findings
    assert not found.missing
    assert not found.extra
    assert found.overlay is None
    assert found.gateway["profiles"] == {"published": {"overlay": None}}


def test_differences_become_a_draft_that_applies(tmp_path: Path) -> None:
    ours = path_of("openai")
    document = json.loads(json.dumps(load_dialect(ours, root=spec_root()).document))
    del document["paths"]["/videos/{video_id}"]["delete"]
    document["paths"]["/videos/{video_id}/share"] = {"post": {"responses": {}}}
    document["paths"]["/chat"] = {"post": {"responses": {}}}
    video = document["components"]["schemas"]["VideoResource"]["properties"]
    del video["remixed_from_video_id"]
    video["model"]["type"] = "integer"
    file = tmp_path / "theirs.json"
    file.write_text(json.dumps(document))

    result = CliRunner().invoke(
        app,
        ["adopt", str(file), "--dialect", "openai", "--name", "mine", "--output", str(tmp_path)],
    )

    assert result.exit_code == 1
    assert "missing  DELETE /videos/{video_id}" in result.stdout
    assert "extra    POST /videos/{video_id}/share" in result.stdout
    assert "and 1 operations that have nothing to do" in result.stdout
    assert "reply-type-changed" in result.stdout
    applied = apply((tmp_path / "mine.overlay.yaml").read_text(), tmp_path, ours)
    assert "delete" not in applied["paths"]["/videos/{video_id}"]
    properties = applied["components"]["schemas"]["VideoResource"]["properties"]
    assert "remixed_from_video_id" not in properties
    assert properties["model"]["type"] == "integer"


class _Made(BaseModel):
    id: str
    object: str = "video"
    status: Literal["queued", "in_progress", "completed", "failed"]
    progress: int = 0
    model: str
    created_at: int
    seconds: str
    size: str
    error: dict[str, Any] | None = None


class _Why(BaseModel):
    code: str


class _Told(_Made):
    error: _Why | None = None  # type: ignore[assignment]  # alternatives for the document, not a value


class _Wanted(BaseModel):
    prompt: str
    model: str = "wan"
    seconds: str = "4"
    size: str = "1280x720"


def _plain(folder: Path) -> Path:
    """Write what FastAPI says of a plain server of videos, about which nobody has thought much."""
    server = FastAPI(title="Plain")

    @server.post("/v1/videos")
    def create(body: _Wanted) -> _Made:
        raise NotImplementedError

    @server.get("/v1/videos/{video_id}")
    def look(video_id: str) -> _Made:
        raise NotImplementedError

    @server.post("/v1/videos/{video_id}/remix")
    def remix(video_id: str) -> _Told:
        raise NotImplementedError

    @server.delete("/v1/videos/{video_id}")
    def delete(video_id: str) -> dict[str, Any]:
        raise NotImplementedError

    file = folder / "plain.json"
    file.write_text(json.dumps(server.openapi(), indent=1))
    return file


def test_what_a_document_made_from_code_leaves_out_is_no_difference(tmp_path: Path) -> None:
    """Nobody lists error replies there, and many objects are just objects: that is told, and not drafted."""
    found = adopt(
        open_side(str(path_of("openai"))), open_side(str(_plain(tmp_path))),
        name="openai", gateway="plain",
    )  # fmt: skip

    assert found.unsaid["error replies"] > 5
    assert found.unsaid["members of objects that are not described"] == 9
    assert "error replies: their document does not tell" in found.summary()
    codes = {finding.code for finding in found.diff.findings}
    assert not codes & {"reply-error-status-removed", "operation-tag-removed"}
    # What it does describe, and without a member, is a difference.
    gone = [f.where for f in found.diff.findings if f.code == "reply-required-property-removed"]
    assert "_Made.prompt" in gone
    # That the object may be null hides nothing of it.
    assert "_Told.error.message" in gone
    assert "request-enum-removed" in codes


def test_the_draft_says_what_they_say_and_nothing_else(tmp_path: Path) -> None:
    """Keywords that they do not use go, and so does the demand for members that they lack."""
    ours = path_of("openai")
    found = adopt(
        open_side(str(ours)), open_side(str(_plain(tmp_path))), name="openai", gateway="plain"
    )

    applied = apply(found.files()["plain.overlay.yaml"], tmp_path, ours)

    video = applied["components"]["schemas"]["VideoResource"]
    assert "const" not in video["properties"]["object"]
    assert not {"prompt", "object", "completed_at"} & {*video["required"]}
    assert {"id", "status", "model", "seconds"} <= {*video["required"]}
    assert "prompt" not in video["properties"]
    assert "404" in applied["paths"]["/videos/{video_id}"]["get"]["responses"]
    file = tmp_path / "applied.json"
    file.write_text(json.dumps(applied))
    schemas = [
        p for p in load_problems(file, tmp_path) if p.rule in {"json-schema", "openapi-schema"}
    ]
    assert not schemas


def load_problems(file: Path, root: Path) -> list[Problem]:
    try:
        load_document(file, root=root)
    except SpecError as error:
        return error.problems
    return []


def test_a_settled_draft_leaves_only_what_a_person_must_decide(tmp_path: Path) -> None:
    """Links and fields that lead nowhere are gone, times keep their bounds; what is left stands on top, with its place."""
    found = adopt(
        open_side(str(path_of("openai"))), open_side(str(_plain(tmp_path))),
        name="openai", gateway="plain",
    )  # fmt: skip

    settled = settle(found, spec_root())

    assert ["result-endpoint"] == [re.findall(r"\[([a-z-]+)\]$", said)[0] for said in settled.todo]
    text = settled.files()["plain.overlay.yaml"]
    first, second = text.splitlines()[:2]
    place = "$['x-video-dialect']['surfaces']['videos']['results'][0]['kind'] (../dialects/openai/"
    assert first.startswith(f"# TODO: {place}openapi.yaml:")
    assert second == "overlay: 1.0.0"
    applied = apply(text, tmp_path, path_of("openai"))
    assert "prompt" not in applied["x-video-dialect"]["surfaces"]["videos"]["job"]
    created = applied["paths"]["/videos"]["post"]["responses"]["200"]
    assert "RetrieveVideoContent" not in created["links"]
    assert "GetVideo" in created["links"]
    bounds = applied["components"]["schemas"]["VideoResource"]["properties"]["created_at"]
    assert {"minimum", "maximum"} <= {*bounds}


@pytest.mark.parametrize(
    ("name", "theirs"), [("openrouter", "modelgates"), ("newapi", "openai"), ("openai", "bifrost")]
)
def test_lint_says_of_a_settled_draft_what_the_draft_says(
    name: str, theirs: str, tmp_path: Path
) -> None:
    """As many problems as there are comments, about the same rules; nothing of them is a link or a field that goes."""
    root = tmp_path / "spec"
    shutil.copytree(spec_root(), root)
    shutil.rmtree(root / "gateways")
    sides = [open_side(str(root / "dialects" / n / "openapi.yaml")) for n in (name, theirs)]
    settled = settle(adopt(*sides, name=name, gateway="mine"), root)
    (root / "gateways").mkdir()
    for file, text in settled.files().items():
        (root / "gateways" / file).write_text(text)

    problems: list[Problem] = []
    try:
        lint_specification(root)
    except SpecError as error:
        problems = error.problems

    rules = sorted(re.findall(r"\[([a-z0-9-]+)\]$", said)[0] for said in settled.todo)
    assert sorted(problem.rule for problem in problems) == rules
    assert not {"link-target", "time-bounds"} & {*rules}


def drafted(theirs: Path, output: Path) -> Result:
    arguments = ["adopt", str(theirs), "--dialect", "openai", "--name", "mine", "--output"]
    return CliRunner().invoke(app, [*arguments, str(output)])


def test_a_draft_that_nobody_edited_is_renewed(tmp_path: Path) -> None:
    """Also where version control changed the line ends; an overlay that is not needed any more goes."""
    file, out = _plain(tmp_path), tmp_path / "draft"
    assert drafted(file, out).exit_code == 1
    assert sorted(path.name for path in out.iterdir()) == ["mine.overlay.yaml", "mine.yaml"]
    gateway = out / "mine.yaml"
    gateway.write_bytes(gateway.read_bytes().replace(b"\n", b"\r\n"))

    again = drafted(path_of("openai"), out)

    assert again.exit_code == 0
    assert [path.name for path in out.iterdir()] == ["mine.yaml"]
    assert "title: Plain" not in gateway.read_text()
    assert b"\r" not in gateway.read_bytes()
    # Written by an earlier version, which had no first line of its own: the same text is nobody's work.
    gateway.write_text(gateway.read_text().partition("\n")[2])
    assert drafted(path_of("openai"), out).exit_code == 0


@pytest.mark.parametrize("edited", ["mine.yaml", "mine.overlay.yaml"])
@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text + "# asked them: it is so\n",
        lambda text: text.partition("\n")[2] + "x: 1\n",
        lambda text: "",
    ],
    ids=["one more line", "no first line", "emptied"],
)
def test_a_draft_that_somebody_edited_is_left_alone(
    edited: str, edit: Callable[[str], str], tmp_path: Path
) -> None:
    """Neither it nor the file beside it is written, and the command says how to go on."""
    file, out = _plain(tmp_path), tmp_path / "draft"
    drafted(file, out)
    (out / edited).write_text(edit((out / edited).read_text()))
    before = {path.name: path.read_bytes() for path in out.iterdir()}

    result = drafted(path_of("openai"), out)

    assert isinstance(result.exception, UsageError)
    assert result.exception.exit_code == 2
    assert f"left alone: {edited} in" in result.exception.message
    assert "--output" in result.exception.render()
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_a_folder_in_place_of_a_draft_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "draft" / "mine.yaml").mkdir(parents=True)

    result = drafted(_plain(tmp_path), tmp_path / "draft")

    assert isinstance(result.exception, UsageError)
    assert [path.name for path in (tmp_path / "draft").iterdir()] == ["mine.yaml"]


def test_a_document_of_something_else_gives_no_draft(tmp_path: Path) -> None:
    """Nobody wants an overlay that removes a dialect."""
    file, out = tmp_path / "shop.json", tmp_path / "draft"
    paths = {"/pets": {"get": {"responses": {"200": {"description": "Pets."}}}}}
    file.write_text(json.dumps({"openapi": "3.0.3", "info": {}, "paths": paths}))

    result = CliRunner().invoke(
        app, ["adopt", str(file), "--dialect", "openai", "--output", str(out)]
    )

    assert "0 operations of the dialect are there" in result.stdout
    assert isinstance(result.exception, UsageError)
    assert "nothing of the dialect openai" in result.exception.message
    assert not out.exists()


def test_swagger_is_refused_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "old.yaml"
    file.write_text('swagger: "2.0"\ninfo: {title: Old, version: "1"}\npaths: {}\n')

    result = CliRunner().invoke(app, ["adopt", str(file), "--dialect", "openai"])

    assert isinstance(result.exception, UsageError)
    assert "is a Swagger 2.0 document; OpenAPI 3.0 and 3.1 are read" in result.exception.message


@pytest.mark.parametrize("theirs", NAMES)
@pytest.mark.parametrize("name", NAMES)
def test_any_document_gives_a_draft_that_applies(name: str, theirs: str, tmp_path: Path) -> None:
    sides = [open_side(str(path_of(n))) for n in (name, theirs)]
    found = adopt(*sides, name=name, gateway="mine")
    assert found.summary()
    files = settle(found, spec_root()).files()
    if "mine.overlay.yaml" in files:
        assert apply(files["mine.overlay.yaml"], tmp_path, path_of(name))
    assert not meta_problems("gateway", found.gateway, lambda at: Location("draft", 1, 1))
