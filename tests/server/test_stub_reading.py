"""Forms and queries: text made into what schemas ask for."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from vidspec_server import jimeng
from vidspec_server._runtime.calls import Upload
from vidspec_server._runtime.dialect import DialectInfo, OperationInfo
from vidspec_server._runtime.document import Decoded, Document
from vidspec_server._runtime.errors import ServiceError
from vidspec_server._runtime.forms import nest
from vidspec_server._runtime.routing import by_path

FILE = {"format": "binary", "type": "string"}
PICTURE = Upload("a.png", "image/png", b"\xff")


@pytest.mark.parametrize(
    ("pairs", "nested"),
    [
        ([("a", "1"), ("b", "2")], {"a": "1", "b": "2"}),
        ([("a", "1"), ("a", "2")], {"a": ["1", "2"]}),
        ([("a[]", "1")], {"a": ["1"]}),
        ([("a[]", "1"), ("a[]", "2")], {"a": ["1", "2"]}),
        ([("a[b]", "1"), ("a[c][d]", "2")], {"a": {"b": "1", "c": {"d": "2"}}}),
        ([("a[0][b]", "1"), ("a[1][b]", "2")], {"a": {"0": {"b": "1"}, "1": {"b": "2"}}}),
        ([("[a]", "1"), ("a[", "2"), ("", "3")], {"[a]": "1", "a[": "2", "": "3"}),
    ],
)
def test_bracket_names(pairs: list[tuple[str, str]], nested: Mapping[str, Any]) -> None:
    assert nest(list(pairs)) == nested


@pytest.mark.parametrize(
    "names", [("a", "a[b]"), ("a[b]", "a"), ("a[b]", "a[]"), ("a[]", "a[b]"), ("a[b]", "a[b][c]")]
)
def test_a_value_cannot_also_be_a_group(names: tuple[str, str]) -> None:
    with pytest.raises(ServiceError, match="both as a value and as a group"):
        nest([(name, "1") for name in names])


@pytest.mark.parametrize(
    ("schema", "given", "expected"),
    [
        ({"type": "integer"}, "8", 8),
        ({"type": "integer"}, "8.0", "8.0"),
        ({"type": "integer"}, "9" * 40, int("9" * 40)),
        ({"type": "integer"}, "9" * 101, "9" * 101),
        ({"type": "number"}, "1e308", 1e308),
        ({"type": "number"}, "1e309", "1e309"),
        ({"type": "number"}, "1e3", 1000.0),
        ({"type": "number"}, "nan", "nan"),
        ({"type": "boolean"}, "true", True),
        ({"type": "boolean"}, "True", "True"),
        ({"type": ["integer", "null"]}, "", None),
        ({"type": "string"}, "8", "8"),
        ({"type": ["string", "integer"]}, "8", "8"),
        ({"enum": ["4", "8"]}, "8", "8"),
        ({}, "8", "8"),
        ({"$ref": "#/$defs/number"}, "8", 8),
        ({"anyOf": [{"type": "integer"}, {"type": "boolean"}]}, "true", True),
        ({"type": "array", "items": {"type": "integer"}}, "8", [8]),
        ({"type": "array", "items": {"type": "integer"}}, ["8", "x"], [8, "x"]),
        ({"type": "array", "items": {"type": "integer"}}, {"1": "8", "0": "4"}, [4, 8]),
        ({"type": "array", "items": {"type": "integer"}}, "[8]", [8]),
        ({"type": "integer"}, ["8", "9"], ["8", "9"]),
        ({"properties": {"a": {"type": "integer"}}, "type": "object"}, {"a": "8"}, {"a": 8}),
        ({"type": "object"}, '{"a": "8"}', {"a": "8"}),
        ({"type": "object"}, "{", "{"),
        ({"additionalProperties": {"type": "integer"}}, {"a": "8"}, {"a": 8}),
        ({"type": "integer"}, Decoded("8"), "8"),
        (
            {"format": "binary", "type": "string"},
            "ab",
            Upload("", "application/octet-stream", b"ab"),
        ),
        # openai-java: a text without a file name, sent as application/octet-stream.
        ({"type": "string"}, Upload("", "application/octet-stream", b"ab"), "ab"),
        (
            {"type": "string"},
            Upload("", "application/octet-stream", b"\xff"),
            {"filename": "", "content_type": "application/octet-stream"},
        ),
        ({"type": "string"}, Upload("a.txt", "text/plain", b"ab"), "ab"),
        ({"type": "array", "items": FILE}, PICTURE, [PICTURE]),
        (FILE, PICTURE, PICTURE),
        # async-openai: the object that may stand for a file, as JSON.
        ({"oneOf": [FILE, {"type": "object"}]}, '{"id": "ab"}', {"id": "ab"}),
        (
            {"oneOf": [FILE, {"type": "object"}]},
            "{ab",
            Upload("", "application/octet-stream", b"{ab"),
        ),
    ],
)
def test_text_takes_the_type_of_its_schema(
    schema: Any, given: Any, expected: Any, tmp_path: Path
) -> None:
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps({"$defs": {"it": schema, "number": {"type": "integer"}}}))

    value = Document(path).coerce("/$defs/it", given)

    assert (type(value), value) == (type(expected), expected)


def test_a_long_value_is_not_repeated_in_the_message(tmp_path: Path) -> None:
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps({"$defs": {"it": {"properties": {"a": {"enum": ["x"]}}}}}))

    violation = Document(path).violation("/$defs/it", {"a": "y" * 100_000})

    assert violation is not None
    assert violation.param == "a"
    assert len(violation.message) < 400


def test_routes_are_in_the_order_in_which_they_must_be_tried() -> None:
    routes = ["/a/{x}", "/{y}", "/a/{x}:cancel", "/a/b", "/a/{x}/c", "/a", "/a/b/{z}"]
    operations = tuple(
        OperationInfo(id=route, handler="h", method="GET", route=route) for route in routes
    )

    found = [route for route, _ in by_path(dialect(operations))]

    assert found.index("/a") < found.index("/{y}")
    assert found.index("/a/b") < found.index("/a/{x}:cancel") < found.index("/a/{x}")
    assert found.index("/a/b/{z}") < found.index("/a/{x}/c")


def dialect(operations: tuple[OperationInfo, ...]) -> DialectInfo:
    return DialectInfo(
        name="toy",
        title="Toy",
        version="1",
        prefix="",
        document=Path("openapi.json"),
        schemes={},
        causes={},
        operations=operations,
    )


def test_a_query_parameter_selects_the_operation() -> None:
    client = TestClient(
        jimeng.create_app(jimeng.UnimplementedService()), headers={"Authorization": "HMAC-SHA256 x"}
    )
    document = client.get("/openapi.json").json()
    path, item = next(iter(document["paths"].items()))
    select = item["post"]["x-video-operation"]["select"]["name"]

    reply = client.post(path, params={select: "Nothing"}, json={})

    assert 400 <= reply.status_code < 500
    assert select in reply.text
