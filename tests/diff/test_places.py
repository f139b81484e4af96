"""Places in JSON are those that a YAML reader finds, by another way."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from vidspec.diff.json_places import JsonPlaces
from vidspec.diff.text import SourceText
from vidspec.source import Position

NASTY = {
    "plain": [1, [], {}, [[2, {"deep": None}]]],
    "key / with ~ and \" and \\": {"": {"é\u2028": "\U0001f600, ] } { [ : \" \\"}},
    "text": "a\nb\tc",
    "numbers": [0, -1.5e10, True, False, None],
}  # fmt: skip


def pointers(value: Any, *above: str | int) -> list[tuple[str | int, ...]]:
    """Return the ways to everything in ``value``."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()  # fmt: skip
    return [above, *(way for key, item in below for way in pointers(item, *above, key))]


def composed(text: str, way: tuple[str | int, ...]) -> Position:
    """Return the place that PyYAML's marks give."""
    node: Any = yaml.compose(text, Loader=yaml.CSafeLoader)
    at = node.start_mark
    for segment in way:
        if isinstance(node, yaml.MappingNode):
            key, node = next(pair for pair in node.value if pair[0].value == segment)
            at = key.start_mark
        else:
            node = node.value[segment]
            at = node.start_mark
    return Position(at.line + 1, at.column + 1)


@pytest.mark.parametrize("indent", [None, 0, 2])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_places_are_those_of_a_yaml_reader(indent: int | None, *, ascii_only: bool) -> None:
    value = {k: v for k, v in NASTY.items() if not k.startswith("key") or not ascii_only}
    text = "\n " + json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    text = text.replace("\u2028", "x")  # a line's end to YAML, none to JSON
    value = json.loads(text)
    ways = pointers(value)
    random.Random(7).shuffle(ways)
    places = JsonPlaces(text)

    found = {way: places.find([str(segment) for segment in way]) for way in ways}

    assert found == {way: composed(text, way) for way in ways}


def test_what_is_not_there_has_the_place_of_what_holds_it() -> None:
    source = SourceText("a.json", b'{"a":\n  {"b": [1,\n 2]}}')

    lines = {p: source.locate(p).line for p in ("", "/x", "/a", "/a/b/1", "/a/b/9", "/a/b/1/c")}

    assert lines == {"": 1, "/x": 1, "/a": 1, "/a/b/1": 3, "/a/b/9": 2, "/a/b/1/c": 3}


def test_the_member_that_is_read_is_the_one_that_is_found() -> None:
    """Of two members with one key JSON readers take the last."""
    source = SourceText("a.json", b'{"a": 1,\n"a": {"b": 2}}')

    assert (source.value["a"], source.locate("/a/b").line) == ({"b": 2}, 2)


def test_a_large_document_is_not_read_for_each_place(tmp_path: Path) -> None:
    """What was found of a container serves every place in it."""
    text = json.dumps({"paths": {f"/p{n}": {"get": {"id": n}} for n in range(200)}})
    places = JsonPlaces(text)

    for n in range(200):
        at = places.find(["paths", f"/p{n}", "get", "id"]).column
        assert text[at - 1 :].startswith(f'"id": {n}')

    assert len(places._known) == 2 + 2 * 200
