"""A gateway's own document, held against a dialect."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from vidspec.cli import app
from vidspec.contract import dialect_names, load_dialect
from vidspec.contract.meta import meta_problems
from vidspec.diff import adopt, open_side
from vidspec.document import apply_overlay, load_document
from vidspec.resources import spec_root
from vidspec.source import Location

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


@pytest.mark.parametrize("theirs", NAMES)
@pytest.mark.parametrize("name", NAMES)
def test_any_document_gives_a_draft_that_applies(name: str, theirs: str, tmp_path: Path) -> None:
    sides = [open_side(str(path_of(n))) for n in (name, theirs)]
    found = adopt(*sides, name=name, gateway="mine")
    assert found.summary()
    files = found.files()
    if "mine.overlay.yaml" in files:
        assert apply(files["mine.overlay.yaml"], tmp_path, path_of(name))
    assert not meta_problems("gateway", found.gateway, lambda at: Location("draft", 1, 1))
