"""Several files become one document in which every reference is a pointer."""

import json
from pathlib import Path

import pytest

from vidspec.document import Document, load_document
from vidspec.errors import SpecError, UsageError

HEAD = 'openapi: 3.1.0\ninfo: {title: Videos, version: "1"}\n'
MAIN = (
    HEAD
    + """paths:
  /videos/{id}:
    summary: One video.
    $ref: parts/paths.yaml#/video
components:
  schemas:
    Error: {type: object}
    Video: {$ref: parts/schemas.yaml#/Video}
"""
)
PATHS = """video:
  parameters:
    - $ref: "../parts/schemas.yaml#/VideoId"
  get:
    operationId: get_video
    responses:
      "200":
        description: The video.
        content:
          application/json:
            schema: {$ref: "schemas.yaml#/Video", description: As it is now.}
            examples:
              one: {value: {$ref: only text}}
      "404":
        description: None.
        content: {application/json: {schema: {$ref: "schemas.yaml#/Error"}}}
"""
SCHEMAS = """Video:
  type: object
  properties:
    id: {type: string}
    remixed_from: {$ref: "#/Video"}
    output: {$ref: "#/Output"}
    example: {$ref: "#/Error"}
Output:
  oneOf: [{$ref: "#/Clip"}, {$ref: "../openapi.yaml#/components/schemas/Error"}]
  discriminator: {propertyName: kind, mapping: {clip: "#/Clip", other: "schemas.yaml#/Error"}}
Clip: {type: object, properties: {kind: {const: clip}}}
Error: {type: object, description: Another one.}
VideoId: {name: id, in: path, required: true, schema: {type: string}}
"""


def spec(root: Path, **files: str) -> Document:
    """Load ``openapi.yaml`` among these files (``__`` is the folder's slash)."""
    for name, text in files.items():
        path = root / (name.replace("__", "/") + ".yaml")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return load_document(root / "openapi.yaml", root=root)


def at(document: Document, pointer: str) -> str:
    """Return ``file:line:column`` of a pointer, without the folder."""
    return str(document.locate(pointer)).rsplit("/", 1)[1]


def test_bundle(tmp_path: Path) -> None:
    """Path items are put in place, the rest is pulled into components once, under its own name."""
    document = spec(tmp_path, openapi=MAIN, parts__paths=PATHS, parts__schemas=SCHEMAS)
    item = document.data["paths"]["/videos/{id}"]
    schemas = document.data["components"]["schemas"]
    content = item["get"]["responses"]["200"]["content"]["application/json"]

    assert item["summary"] == "One video."
    assert item["parameters"] == [{"$ref": "#/components/parameters/VideoId"}]
    assert content["schema"] == {
        "$ref": "#/components/schemas/Video",
        "description": "As it is now.",
    }
    assert content["examples"] == {"one": {"value": {"$ref": "only text"}}}
    assert list(schemas) == ["Error", "Video", "Error_2", "Output", "Clip"]
    assert schemas["Video"]["properties"]["remixed_from"] == {"$ref": "#/components/schemas/Video"}
    assert schemas["Video"]["properties"]["example"] == {"$ref": "#/components/schemas/Error_2"}
    assert schemas["Output"]["oneOf"][1] == {"$ref": "#/components/schemas/Error"}
    assert schemas["Output"]["discriminator"]["mapping"] == {
        "clip": "#/components/schemas/Clip",
        "other": "#/components/schemas/Error_2",
    }
    assert len(document.files) == 3


def test_locate_leads_to_the_file_of_origin(tmp_path: Path) -> None:
    """What came from another file has its place there."""
    document = spec(tmp_path, openapi=MAIN, parts__paths=PATHS, parts__schemas=SCHEMAS)
    item = "/paths/~1videos~1{id}"

    assert at(document, item) == "openapi.yaml:4:3"
    assert at(document, f"{item}/summary") == "openapi.yaml:5:5"
    assert at(document, f"{item}/get/operationId") == "paths.yaml:5:5"
    assert at(document, "#/components/schemas/Video/properties/id") == "schemas.yaml:4:5"
    assert at(document, "/components/schemas/Error_2/description") == "schemas.yaml:12:23"
    assert at(document, "/components/schemas/Nowhere") == "openapi.yaml:8:3"


def test_bundling_is_deterministic(tmp_path: Path) -> None:
    """The same files give the same text."""
    files = {"openapi": MAIN, "parts__paths": PATHS, "parts__schemas": SCHEMAS}

    assert json.dumps(spec(tmp_path, **files).data) == json.dumps(spec(tmp_path, **files).data)


def test_names_in_extensions_keep_working(tmp_path: Path) -> None:
    """A reference in an extension leads to what it led to; what it does not know is left alone."""
    extra = (
        HEAD + 'paths: {}\ncomponents:\n  schemas:\n    A: {$ref: "b.yaml#/components/schemas/A"}\n'
    )
    other = (
        "components:\n  schemas:\n    A:\n      type: object\n"
        '      x-cases: {one: "#/components/schemas/B", two: "#/components/schemas/Main"}\n'
        "    B: {type: string}\n"
    )
    schemas = spec(tmp_path, openapi=extra, b=other).data["components"]["schemas"]

    assert schemas["A"]["x-cases"] == {
        "one": "#/components/schemas/B",
        "two": "#/components/schemas/Main",
    }
    assert schemas["B"] == {"type": "string"}


def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    """A symbolic link inside the folder does not open what lies outside."""
    inside, outside = tmp_path / "spec", tmp_path / "secret.yaml"
    inside.mkdir()
    outside.write_text("A: {type: string}\n")
    (inside / "a.yaml").symlink_to(outside)
    (inside / "loop.yaml").symlink_to(inside / "loop.yaml")
    text = (
        HEAD
        + "paths: {}\ncomponents:\n  schemas:\n    A: {$ref: a.yaml#/A}\n    B: {$ref: loop.yaml}\n"
    )
    with pytest.raises(SpecError) as caught:
        spec(inside, openapi=text)

    assert [p.rule for p in caught.value.problems] == ["ref-outside", "ref-file"]


def test_near_names_are_proposed(tmp_path: Path) -> None:
    """A misspelt name gets the nearest ones as a hint."""
    text = (
        HEAD + "paths: {}\ncomponents:\n  schemas:\n    Video: {type: object}\n"
        '    A: {$ref: "#/components/schemas/Vidoe"}\n'
    )
    with pytest.raises(SpecError) as caught:
        spec(tmp_path, openapi=text)

    assert [p.hint for p in caught.value.problems] == ["Did you mean Video?"]


def test_path_items_inside_each_other_end(tmp_path: Path) -> None:
    """A path item that contains itself through a callback is refused, not followed for ever."""
    item = (
        "item:\n  post:\n    responses: {'200': {description: Done.}}\n"
        "    callbacks: {again: {'{$url}': {$ref: '#/item'}}, more: {'{$url}': {$ref: '#/item'}}}\n"
    )
    with pytest.raises(SpecError) as caught:
        spec(tmp_path, openapi=HEAD + "paths:\n  /a: {$ref: b.yaml#/item}\n", b=item)

    assert {p.rule for p in caught.value.problems} == {"ref-path-item"}


def test_a_document_outside_the_root_is_a_usage_error(tmp_path: Path) -> None:
    """The root bounds the document itself too."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "openapi.yaml").write_text(HEAD + "paths: {}\n")
    with pytest.raises(UsageError, match="lies outside"):
        load_document(tmp_path / "openapi.yaml", root=tmp_path / "inner")
