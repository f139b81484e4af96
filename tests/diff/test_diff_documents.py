"""Whole documents: ours against one another, in git revisions, and those of nobody in particular."""

import json
import subprocess
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from vidspec.cli import app
from vidspec.contract import dialect_names
from vidspec.diff import FORMATS, Diff, compare, open_side, render
from vidspec.errors import UsageError
from vidspec.resources import spec_root

NAMES = dialect_names()


def path_of(name: str) -> str:
    return str(spec_root() / "dialects" / name / "openapi.yaml")


def of(tmp_path: Path, old: Any, new: Any) -> Diff:
    """Compare two documents given as values."""
    for name, value in (("old.json", old), ("new.json", new)):
        (tmp_path / name).write_text(json.dumps(value))
    return compare(open_side(str(tmp_path / "old.json")), open_side(str(tmp_path / "new.json")))


def replying(schema: Any, version: str = "3.1.0", **components: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    replies = {"200": {"description": "", "content": content}}
    return {
        "openapi": version,
        "paths": {"/videos": {"get": {"responses": replies}}},
        "components": {"schemas": components},
    }


@pytest.mark.parametrize("old", NAMES)
@pytest.mark.parametrize("new", NAMES)
def test_dialects_compare_in_every_form(old: str, new: str) -> None:
    diff = compare(open_side(path_of(old)), open_side(path_of(new)))

    assert (old == new) == (not diff.findings)
    for form in FORMATS:
        assert render(diff, form, side="both")
    for finding in diff.findings:
        assert finding.old is not None or finding.new is not None


def test_what_widens_one_way_narrows_the_other() -> None:
    """Where clients break one way, servers break the other; so the two directions find alike much."""
    for old, new in pairwise(NAMES):
        there = compare(open_side(path_of(old)), open_side(path_of(new)))
        back = compare(open_side(path_of(new)), open_side(path_of(old)))
        assert len(there.findings) == len(back.findings)


def test_circles_end_and_are_reported_once(tmp_path: Path) -> None:
    def tree(kind: str) -> dict[str, Any]:
        child = {"$ref": "#/components/schemas/Node"}
        below = {"children": {"type": "array", "items": child}, "value": {"type": kind}}
        return replying(child, Node={"type": "object", "properties": below})

    found = of(tmp_path, tree("string"), tree("integer")).findings

    assert [(f.code, f.where) for f in found] == [("reply-type-changed", "Node.value")]
    assert found[0].operations == ("GET /videos",)


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/components/schemas/A"},
        {"allOf": [{"$ref": "#/components/schemas/A"}]},
        {"oneOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/A"}]},
    ],
)
def test_schema_that_is_only_itself(tmp_path: Path, schema: Any) -> None:
    one = replying(schema, A=schema)
    assert not of(tmp_path, one, one).findings
    of(tmp_path, one, replying({"type": "string"}))


def test_two_spellings_of_one_schema_are_no_change(tmp_path: Path) -> None:
    """OpenAPI 3.0 and 3.1 write null, bounds and one-member unions differently."""
    old = {
        "type": "object",
        "properties": {
            "a": {"type": "string", "nullable": True},
            "b": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
            "c": {"allOf": [{"$ref": "#/components/schemas/C"}]},
        },
    }
    new = {
        "allOf": [
            {"properties": {"a": {"type": ["string", "null"]}}},
            {"properties": {"b": {"type": "integer", "exclusiveMinimum": 0}}},
            {"type": "object", "properties": {"c": {"$ref": "#/components/schemas/C"}}},
        ]
    }
    other = {"type": "string"}

    found = of(tmp_path, replying(old, "3.0.3", C=other), replying(new, "3.1.0", C=other)).findings

    assert [f.code for f in found] == ["openapi-version-changed"]


def test_time_grows_with_the_document_not_with_its_uses(tmp_path: Path) -> None:
    """Shared schemas that use each other a thousandfold are compared pair by pair."""
    size = 400

    def schemas(kind: str) -> dict[str, Any]:
        refs = {f"p{i}": {"$ref": f"#/components/schemas/S{i}"} for i in range(0, size, 10)}
        return {
            f"S{i}": {"type": "object", "properties": {**refs, "x": {"type": kind}}}
            for i in range(size)
        }

    first = {"$ref": "#/components/schemas/S1"}
    start = time.perf_counter()
    found = of(
        tmp_path, replying(first, **schemas("string")), replying(first, **schemas("integer"))
    ).findings

    assert len(found) == size // 10 + 1
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "just words",
        "openapi: 2.0.0",
        "swagger: '2.0'",
        "{unclosed: [",
        "a: &a [*a]\nopenapi: 3.1.0",
        "openapi: 3.1.0\n? [1, 2]\n: 3",
        "openapi: 3.1.0\nx: " + "[" * 5000 + "]" * 5000,
        "openapi: 3.1.0\na: &a [x,x,x,x,x,x,x,x,x]\n"
        + "\n".join(f"{c}: &{c} [{','.join(['*' + chr(ord(c) - 1)] * 9)}]" for c in "bcdefghijklm"),
    ],
)
def test_what_is_no_document_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(text)
    with pytest.raises(UsageError):
        compare(open_side(str(path)), open_side(path_of(NAMES[0])))


WRONG: list[Any] = [None, "x", [1], {"$ref": "#"}, True]


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_anything_may_stand_anywhere(tmp_path: Path, wrong: Any) -> None:
    """A value of the wrong kind, put in every place of a document by turns, is never a crash."""
    post: dict[str, Any] = {
        "parameters": [{"name": "a", "in": "query", "schema": {"type": "array", "items": {}}}],
        "requestBody": {"content": {"application/json": {"schema": {"enum": ["a"]}}}},
        "responses": {"200": {"headers": {"a": {"schema": {}}}, "links": {"b": {}}}},
        "security": [{"k": []}],
        "callbacks": {"c": {"d": {"post": {"responses": {}}}}},
        "x-video-operation": {"role": "create", "needs": ["completed"], "variants": {}},
    }
    dialect = {
        "credentials": [{}],
        "errors": {"causes": {"a": {"status": 1}}, "shape": {}},
        "surfaces": {"s": {"job": {"id": ""}, "states": {}, "results": [{}], "poll": {}}},
        "environment": {},
    }
    one = replying({"allOf": [{"type": "object", "properties": {"a": {"type": "string"}}}]})
    one["paths"]["/videos"]["post"] = post
    one |= {
        "x-video-dialect": dialect,
        "servers": [{"url": "/"}],
        "webhooks": {"w": {"post": post}},
    }
    for pointer in places(one):
        other = json.loads(json.dumps(one))
        holder = other
        for step in pointer[:-1]:
            holder = holder[step]
        holder[pointer[-1]] = wrong
        if pointer != ("openapi",):
            for diff in (of(tmp_path, one, other), of(tmp_path, other, one)):
                for form in FORMATS:
                    render(diff, form, side="both")


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [at] if at else []
    pairs = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value if isinstance(value, list) else ())
    )
    for key, below in pairs:
        found += places(below, (*at, key))
    return found


def test_references_stay_inside(tmp_path: Path) -> None:
    """What lies outside the document's folder is not opened, whichever way leads there."""
    (tmp_path / "secret.yaml").write_text("type: integer")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    for ref in ("../secret.yaml", str(tmp_path / "secret.yaml"), "link.yaml", "%2e%2e/secret.yaml"):
        found = of(inside, replying({"$ref": ref}), replying({"type": "string"})).findings
        assert [f.code for f in found] == ["reply-reference-unresolved"]


def test_git_revisions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com"]
    folder = tmp_path / "spec"
    folder.mkdir()
    shared = folder / "shared.json"
    (folder / "api.json").write_text(json.dumps(replying({"$ref": "shared.json#/Video"})))
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    for kind in ("string", "integer"):
        shared.write_text(json.dumps({"Video": {"type": kind}}))
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-qm", kind], check=True)

    for old, new in (("main~1:spec", "spec"), ("main~1:spec/api.json", "spec/api.json")):
        (found,) = compare(open_side(old), open_side(new)).findings
        assert (found.code, str(found.old)) == (
            "reply-type-changed",
            "main~1:spec/shared.json:1:2",
        )
    for wrong in ("nowhere:spec", "main:nowhere", "--output=x:spec", ":spec/none"):
        with pytest.raises(UsageError):
            open_side(wrong)


@pytest.mark.parametrize("form", ["text", "markdown", "github", "json"])
def test_what_costs_less_is_counted_and_not_shown(form: str, tmp_path: Path) -> None:
    """Between two documents of a large API there are hundreds of compatible changes, and a few that matter."""
    old, new = replying({"type": "string"}), replying({"type": "integer"})
    new["paths"]["/new"] = {"get": {"responses": {"200": {"description": "Done."}}}}
    of(tmp_path, old, new)
    files = [str(tmp_path / "old.json"), str(tmp_path / "new.json"), "--format", form]

    def told(*options: str) -> str:
        return CliRunner().invoke(app, ["diff", *files, *options]).stdout

    assert ("operation-added" in told(), "reply-type-changed" in told()) == (True, True)
    least = told("--least", "breaking")
    assert ("operation-added" in least, "reply-type-changed" in least) == (False, True)
    if form in {"text", "github"}:
        assert (
            "2 changes: 1 breaking, 0 risky, 1 compatible (for clients). 1 of them are not shown."
            in least
        )
    if form == "json":
        assert json.loads(least)["counts"] == {"breaking": 1, "risky": 0, "compatible": 1}
    # A server that has not the new operation is at risk.
    assert "operation-added" in told("--least", "risky", "--side", "server")


def test_command(tmp_path: Path) -> None:
    of(tmp_path, replying({"type": "string"}), replying({"type": "integer"}))
    files = [str(tmp_path / "old.json"), str(tmp_path / "new.json")]
    run = CliRunner().invoke

    broken = run(app, ["diff", *files])
    assert broken.exit_code == 1
    assert "1 breaking, 0 risky, 0 compatible (for clients)" in broken.stdout
    assert run(app, ["diff", *files, "--allow", "reply-type-changed"]).exit_code == 0
    assert run(app, ["diff", files[0], files[0]]).exit_code == 0
    assert "### Breaking" in run(app, ["diff", *files, "--format", "markdown"]).stdout
    assert run(app, ["diff", *files, "--format", "github"]).stdout.startswith("::error file=")
    said = json.loads(run(app, ["diff", *files, "--format", "json"]).stdout)
    assert said["counts"] == {"breaking": 1, "risky": 0, "compatible": 0}
    assert isinstance(run(app, ["diff", *files, "--allow", "nothing"]).exception, UsageError)
    assert "For clients: breaking" in run(app, ["explain", "reply-type-changed"]).stdout
    assert "reply-type-changed" in run(app, ["list", "changes"]).stdout
