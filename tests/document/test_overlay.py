"""Overlays change a copy of a document, and what they write has its place in the overlay."""

from pathlib import Path

import pytest

from vidspec.document import Document, apply_overlay, load_document

MAIN = """openapi: 3.1.0
info: {title: Videos, version: "1", description: null}
tags: [{name: a}, {name: b}, {name: c}]
paths:
  /videos:
    get:
      parameters:
        - {name: after, in: query, schema: {type: string}}
        - {name: limit, in: query, schema: {type: integer}}
      responses:
        "200": {description: A page.}
  /models:
    get:
      responses:
        "200": {description: Models.}
"""
HEAD = 'overlay: 1.0.0\ninfo: {title: Seen, version: "1"}\nextends: openapi.yaml\nactions:\n'


@pytest.fixture
def document(tmp_path: Path) -> Document:
    """Return a document with two operations."""
    (tmp_path / "openapi.yaml").write_text(MAIN)
    return load_document(tmp_path / "openapi.yaml", root=tmp_path, validate=False)


def changed(document: Document, actions: str) -> Document:
    """Return the document with these actions applied."""
    path = document.path.parent / "overlay.yaml"
    path.write_text(HEAD + actions)
    return apply_overlay(document, path)


def at(document: Document, pointer: str) -> str:
    """Return ``file:line:column`` of a pointer, without the folder."""
    return str(document.locate(pointer)).rsplit("/", 1)[1]


def test_update_merges(document: Document) -> None:
    """Objects merge, arrays append, scalars are replaced; the original stays as it was."""
    after = changed(
        document,
        "  - target: $.info\n    update:\n      title: Other\n      contact: {name: We}\n"
        "  - target: $\n    update: {tags: [{name: d}]}\n",
    )

    assert {**document.data["info"], "title": "Other", "contact": {"name": "We"}} == after.data[
        "info"
    ]
    assert [tag["name"] for tag in after.data["tags"]] == ["a", "b", "c", "d"]
    assert document.data["info"]["title"] == "Videos"
    assert at(after, "/info/title") == "overlay.yaml:7:7"
    assert at(after, "/info/version") == "openapi.yaml:2:23"
    assert at(after, "/tags/3/name") == "overlay.yaml:10:22"
    assert at(document, "/info/title") == "openapi.yaml:2:8"


def test_update_of_an_array_appends(document: Document) -> None:
    """An update aimed at an array is a new item."""
    after = changed(document, "  - target: $.tags\n    update: {name: d}\n")

    assert after.data["tags"][3] == {"name": "d"}
    assert at(after, "/tags/3") == "overlay.yaml:6:5"


def test_filter_and_wildcard(document: Document) -> None:
    """A filter aims at list items by their members; only what matches is changed."""
    after = changed(
        document,
        "  - target: $.paths[*].get.parameters[?@.name=='limit']\n"
        "    update: {schema: {maximum: 50}}\n",
    )
    parameters = after.data["paths"]["/videos"]["get"]["parameters"]

    assert [p["schema"] for p in parameters] == [
        {"type": "string"},
        {"type": "integer", "maximum": 50},
    ]
    assert at(after, "/paths/~1videos/get/parameters/1/schema/maximum") == "overlay.yaml:6:23"
    assert at(after, "/paths/~1videos/get/parameters/1/name") == "openapi.yaml:9:12"


def test_remove(document: Document) -> None:
    """Members and several items of one array go, and the places of the others move with them."""
    after = changed(
        document,
        "  - {target: \"$.tags[?@.name!='b']\", remove: true}\n"
        "  - {target: $.info.description, remove: true}\n"
        "  - {target: \"$.paths['/models']\", remove: true}\n"
        "  - {target: \"$..parameters[?@.name=='after']\", remove: true}\n",
    )

    assert after.data["tags"] == [{"name": "b"}]
    assert at(after, "/tags/0/name") == "openapi.yaml:3:20"
    assert after.data["info"] == {"title": "Videos", "version": "1"}
    assert list(after.data["paths"]) == ["/videos"]
    assert at(after, "/paths/~1videos/get/parameters/0/name") == "openapi.yaml:9:12"
